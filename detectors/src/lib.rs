//! Detect adversarial and misclassified inputs by reconstruction, and measure the detection.
//!
//! A class-conditional model ([`robust_attacks::ClassConditional`]) can draw the image that it believes a label and a
//! style stand for. For an image `x` with prediction `p` and style `m`, the reconstruction error under label `k` is
//! `e_k = ||decode(onehot k, m) - x||²`, summed over pixels. If no label explains the image, or another label explains
//! it better, the prediction is not to be trusted.
//!
//! The way through the crate, in the order of use:
//!
//! 1. [`Perception`]: what the model ([`Subject`]) makes of a batch, computed once and shared by all detectors.
//! 2. [`Detector`]: a score per image, higher is more suspicious. [`detectors`] lists them, [`detector`] finds one. Some need a model
//!    that draws, others logits alone ([`Needs`]). A [`Fit`] is what one learned from clean images.
//! 3. [`Threshold`]: the score above which an image is flagged, from clean validation scores only.
//! 4. [`Roc`], [`auroc_interval`] and the rates over [`Case`]s: how good the detection is.
//!
//! ```
//! use robust_detectors::{Roc, Threshold};
//!
//! let threshold = Threshold::at_fpr(&[0.1, 0.3, 0.2, 0.9], 0.25)?; // clean validation scores
//! assert!(threshold.flags(0.4) && !threshold.flags(0.3));
//!
//! let (clean, adversarial) = ([0.2, 0.4, 0.1], [0.8, 0.4]); // test scores
//! let roc = Roc::new(&clean, &adversarial)?.ok_or("no images")?;
//! assert_eq!(roc.auroc(), 5.5 / 6.0); // one of six pairs is a tie
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It trains only what its detectors learn, never the model, and reads no files; scores go in and out as slices.
//!
//! Legend of dimensions and symbols, used throughout:
//!
//! | symbol | meaning |
//! |---|---|
//! | `B` | images in a batch |
//! | `K` | labels, numbered from 0 |
//! | `S` | style neurons |
//! | `x` | images `(B, ...)`, f32, within the model's pixel bounds |
//! | `p` | the predicted label of an image, the first of the largest logits |
//! | `m` | the style of an image, `S` numbers |
//! | `e_k` | the reconstruction error under label `k`, at least 0 |
#![forbid(unsafe_code)]

mod appearance;
mod architecture;
mod autoencoder;
mod class_errors;
mod clean;
mod combined;
mod confidence;
mod delong;
mod denoising;
mod detector;
mod detector_info;
mod epochs;
mod error;
mod fit;
mod form;
mod gradient;
mod interval;
mod lab;
mod lbfgs;
mod logistic;
mod look;
mod magnet;
mod memo;
mod moments;
mod non_local_means;
mod odds_lost;
mod perception;
mod posterior;
mod purified;
pub mod rates;
mod reason;
mod reconstruction;
mod registry;
mod rel_u;
mod risk;
mod roc;
mod second_network;
mod second_opinion;
mod softmax;
mod squeeze;
mod subject;
mod surprisal;
mod tampered;
mod tape;
mod tensors;
mod threshold;
mod trust;
mod two_way;
mod wrong;

pub use class_errors::ClassErrors;
pub use clean::{Clean, Population};
pub use combined::Combined;
pub use confidence::{Energy, Entropy, Gini, Margin, Msp};
pub use delong::{DeLong, ImageScores};
pub use detector::{Detector, Judgement, Made, Recorded};
pub use detector_info::{DetectorInfo, Making, Needs};
pub use error::Error;
pub use fit::{Array, Fit};
pub use gradient::Gradient;
pub use interval::{Interval, auroc_interval};
pub use magnet::Magnet;
pub use perception::Perception;
pub use purified::Purified;
pub use rates::{Case, Status};
pub use reason::Reason;
pub use reconstruction::{Alternative, Cycle, Reconstruction};
pub use registry::{detector, detectors};
pub use rel_u::RelU;
pub use risk::Risk;
pub use roc::{Roc, RocPoint};
pub use second_network::{Examples, train_second};
pub use second_opinion::SecondOpinion;
pub use squeeze::Squeeze;
pub use subject::Subject;
pub use tampered::Tampered;
pub use tape::Tape;
pub use threshold::Threshold;
pub use two_way::TwoWay;
pub use wrong::Wrong;
