//! Adversarial attacks on any differentiable candle model.
//!
//! A [`Model`] returns logits, an [`Attack`] is given a [`Task`] and proposes images within a [`Budget`] that reach its [`Goal`], and
//! [`AttackExt::run`], which no attack can override, holds the proposal to the budget and judges it.
//!
//! ```
//! use candle_core::{Device, Tensor};
//! use robust_attacks::{
//!     AttackExt, Bounds, Budget, FnModel, Goal, GradientDescent, ImageShape, Norm, Randomness, Signature, Task,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let weights = Tensor::new(&[[4f32, -4.0], [-3.0, 3.0]], &Device::Cpu)?;
//! // Images of one row of two pixels, as tensors (B, 2).
//! let signature = Signature { shape: ImageShape::new(1, 1, 2), classes: 2, bounds: Bounds::UNIT };
//! let model = FnModel::new(signature, move |x: &Tensor| x.matmul(&weights));
//! let x = Tensor::new(&[[0.6f32, 0.5]], &Device::Cpu)?;
//! let (goal, randomness) = (Goal::Untargeted { labels: vec![0] }, Randomness { seed: 0, indices: vec![0] });
//! let task = Task { model: &model, x0: &x, goal: &goal, randomness: &randomness };
//! let found = GradientDescent::bim(10, 0.05).run(&task, &Budget::new(Norm::Linf, 0.3)?)?;
//! assert_eq!(found.success, [true]);
//! # Ok(())
//! # }
//! ```
//!
//! An attack works on the host, image by image, on plain slices of pixels: what happens to an image depends on that image
//! alone, a new norm or update rule is a few lines of arithmetic, and every device is served by the same code. Only the model
//! runs on the tensors' device.
//!
//! Dimensions: `B` images in a batch, `K` classes, `S` style neurons, `n` pixels of one image (all channels).
#![forbid(unsafe_code)]

mod adam;
mod adaptive;
mod adversarials;
mod apgd;
mod attack;
mod auto;
mod border;
mod bounds;
mod budget;
mod carlini_wagner;
mod cascade;
mod class_conditional;
mod configuration;
mod corruption;
mod deepfool;
mod error;
mod fab;
mod goal;
mod gradient_descent;
mod guarded;
mod hop_skip_jump;
mod hyperplane;
mod images;
mod input;
mod jsma;
mod logits;
mod method;
mod method_spec;
mod model;
mod noise;
mod norm;
mod objective;
mod oracle;
mod proposal;
pub mod random;
mod randomness;
mod restarts;
mod saliency;
mod settings;
mod signature;
mod spatial;
mod spsa;
mod square;
mod step;
mod survivors;
mod suspicion;
mod tanh_space;
mod targeted_each;
mod task;
mod trace;
mod warp;
mod watched;
mod working_set;

pub use adam::Adam;
pub use adaptive::{AdaptiveDescent, Conditional, Optimizer, Trade, Worst};
pub use adversarials::Adversarials;
pub use apgd::Apgd;
pub use attack::{Attack, AttackExt};
pub use auto::auto;
pub use bounds::Bounds;
pub use budget::Budget;
pub use carlini_wagner::CarliniWagner;
pub use cascade::Cascade;
pub use class_conditional::{ClassConditional, Encoding};
pub use configuration::{Configuration, Value};
pub use corruption::Corruption;
pub use deepfool::DeepFool;
pub use error::Error;
pub use fab::Fab;
pub use goal::Goal;
pub use gradient_descent::{GradientDescent, Start, Update};
pub use guarded::Guarded;
pub use hop_skip_jump::HopSkipJump;
pub use images::Images;
pub use jsma::Jsma;
pub use logits::prediction;
pub use method::{Axis, Method, families, methods};
pub use method_spec::MethodSpec;
pub use model::{FnModel, LogitLoss, LossGradient, Model};
pub use noise::Noise;
pub use norm::{Norm, UnknownNorm};
pub use objective::{CrossEntropy, Dlr, LogProbability, Margin, Objective};
pub use proposal::Proposal;
pub use randomness::Randomness;
pub use restarts::Restarts;
pub use settings::{Setting, Settings};
pub use signature::{ImageShape, Signature};
pub use spatial::Spatial;
pub use spsa::Spsa;
pub use square::Square;
pub use step::Step;
pub use suspicion::{ScoreGradient, Suspicion};
pub use targeted_each::TargetedEach;
pub use task::Task;
pub use trace::Trace;
pub use warp::{Motion, Warp};
pub use watched::{Question, Watched};
