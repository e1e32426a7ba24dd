//! Training a style-memory network: the loss that [`LossWeights`] weighs, averaged over the batch, where the
//! encoder sees `x + N(0, sigma²)` and the target is the clean `x` (Wiyatno and Orchard 2018, section 3.2).
//!
//! A [`Configuration`] says how, a [`Trainer`] runs it epoch by epoch, [`TrainingState`] lets a run go on after an
//! interruption and end in the same weights. Batch shape: `B` images of `C x H x W` values.

mod adam;
mod augment;
mod batch;
mod configuration;
mod difference;
mod differentiate;
mod kernels;
mod loss;
mod record;
mod schedule;
mod sigma;
mod softmax;
mod state;
mod swap;
mod trainer;

pub use adam::Adam;
pub use batch::{Batch, Batches};
pub use configuration::{Configuration, Preset};
pub use difference::Difference;
pub use differentiate::{Differentiate, GraphDifferentiator};
pub use kernels::KernelDifferentiator;
pub use loss::{BatchLoss, LossWeights};
pub use record::EpochRecord;
pub use schedule::Schedule;
pub use sigma::Sigma;
pub use state::{Provenance, TrainingState};
pub use trainer::Trainer;
