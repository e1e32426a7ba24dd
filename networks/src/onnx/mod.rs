//! From an ONNX file to a network: a [`Spec`](crate::Spec) and its weights.
//!
//! The file is read as bytes ([`read`]); nothing of it is believed before it is checked, and until it is known to be a network no more
//! is allocated than four times its size and 64 MiB. What does not depend on the image is computed here; every other node
//! becomes steps of a draft, with shapes that are inferred for a batch of one image, and rules put them more simply. [`operators`] lists what
//! is supported.

mod arithmetic;
mod assemble;
mod attributes;
mod budget;
mod call;
mod draft;
mod emit;
mod error;
mod evaluate;
mod external;
mod fuse;
mod input;
mod lower;
mod message;
mod nodes;
mod operators;
mod order;
mod output;
mod reader;
mod rules;
mod stored;
mod tensor;
mod unsupported;
mod windows;
mod wire;

pub use error::{OnnxError, Unsupported};
pub use external::Beside;
pub use input::Channels;
pub use lower::{Lowered, Options, read};
pub use operators::operators;
