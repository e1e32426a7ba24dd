//! Training a style-memory network: `cross-entropy(y, label) + alpha * ||x̂ - x||²`, averaged over the batch, where the
//! encoder sees `x + N(0, sigma²)` and the target is the clean `x` (Wiyatno and Orchard 2018, section 3.2).
//!
//! A [`Configuration`] says how, a [`Trainer`] runs it epoch by epoch, [`TrainingState`] lets a run go on after an
//! interruption and end in the same weights. Batch shape: `B` images of 784 pixels.

mod adam;
mod batch;
mod configuration;
mod differentiate;
mod kernels;
mod schedule;
mod state;
mod trainer;

pub use adam::Adam;
pub use batch::{Batch, Batches};
pub use configuration::{Configuration, Preset};
pub use differentiate::{BatchLoss, Differentiate, GraphDifferentiator};
pub use kernels::KernelDifferentiator;
pub use schedule::Schedule;
pub use state::{Provenance, TrainingState};
pub use trainer::{EpochRecord, Trainer};
