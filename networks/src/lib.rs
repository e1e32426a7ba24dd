//! Networks as lists of layers ([`Spec`]), on candle's graph and on CPU kernels; classifiers from ONNX files ([`onnx`], [`Classifier`]); and the
//! style-memory network (Wiyatno and Orchard 2018, section 3): a classifier that also keeps a style code, and a decoder that draws the
//! image which a label and a style stand for.
//!
//! The encoder maps an image `x` to logits (softmax = `y`) and to `S` style neurons `m`; the decoder, with weights
//! of its own, maps `(y, m)` back to an image `x̂`. Start with [`StyleMemory`]; the layers stand in a [`Spec`].

pub mod checkpoint;
mod chunked;
mod classifier;
mod encoder;
mod error_slopes;
mod fast;
mod graph;
pub mod kernels;
mod layout;
pub mod onnx;
mod ops;
mod parameters;
mod preprocessing;
mod shapes;
mod spec;
mod style_memory;
mod style_memory_graph;
mod style_memory_layers;
mod style_memory_spec;
pub mod tensor_file;
mod worker;
mod workers;

pub use classifier::Classifier;
pub use graph::Graph;
pub use layout::{Layout, Slot};
pub use parameters::Parameters;
pub use preprocessing::{ChannelOrder, Preprocessing};
pub use shapes::SpecError;
pub use spec::{Fill, Function, Input, Node, Op, Pairwise, Reduction, Spec, Window};
pub use style_memory::StyleMemory;
pub use style_memory_graph::StyleMemoryGraph;
pub use style_memory_spec::{MOST_WEIGHTS, PIXELS, SIDE, STYLES, StyleMemorySpec};

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
