//! The training loop, one epoch at a time.

use anyhow::{Result, anyhow};
use candle_core::Device;
use robust_data::Split;

use super::{BatchLoss, Batches, Configuration, Differentiate, EpochRecord, TrainingState};
use crate::evaluation::evaluate;
use robust_networks::{Parameters, StyleMemory};

/// A run in progress.
pub struct Trainer<'a> {
    state: TrainingState,
    train: &'a Split,
    validation: &'a Split,
    differentiator: Box<dyn Differentiate + 'a>,
    device: Device,
}

impl<'a> Trainer<'a> {
    /// A run that goes on from `state` (a fresh one or a stored one).
    #[must_use]
    pub fn new(
        state: TrainingState,
        train: &'a Split,
        validation: &'a Split,
        differentiator: Box<dyn Differentiate + 'a>,
        device: Device,
    ) -> Self {
        Self { state, train, validation, differentiator, device }
    }

    /// Where the run stands.
    #[must_use]
    pub fn state(&self) -> &TrainingState {
        &self.state
    }

    /// Whether all epochs are done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.state.epochs_done() >= self.state.configuration.epochs
    }

    /// Trains one epoch and measures the result on the validation images. `on_batch` hears the epoch's sums so far after
    /// every batch.
    ///
    /// # Errors
    /// Whatever the device reports; a loss, weights, moments or drawings that are no longer finite numbers.
    pub fn epoch(&mut self, on_batch: &mut dyn FnMut(&BatchLoss)) -> Result<EpochRecord> {
        let TrainingState { configuration, provenance, parameters, adam, history } = &mut self.state;
        let Configuration { learning_rate, schedule, epochs, loss: weights, .. } = *configuration;
        let batches = Batches::new(configuration, self.train, provenance.network.classes, history.len());
        let total_steps = epochs.saturating_mul(batches.len());
        let mut sums = BatchLoss::default();
        let mut rate = learning_rate;
        let epoch = history.len() + 1;
        let diverged = |what| anyhow!("the {what} no longer finite in epoch {epoch}: lower the learning rate");
        for batch in batches.iter() {
            let loss = self.differentiator.differentiate(parameters, &batch, &weights)?;
            if !loss.total(&weights).is_finite() {
                return Err(diverged("loss is"));
            }
            rate = schedule.rate(learning_rate, adam.steps as usize, total_steps);
            adam.step(rate, &self.differentiator.gradient(), parameters.values_mut());
            sums.add(loss);
            on_batch(&sums);
        }

        // A state that holds such numbers could not be read again.
        if !parameters.values().iter().all(|value| value.is_finite()) || !adam.is_finite() {
            return Err(diverged("weights are"));
        }
        let images = sums.images as f64;
        let validation = evaluate(&StyleMemory::new(parameters, &self.device)?, self.validation, &self.device)?;
        if !validation.reconstruction.is_finite() {
            return Err(diverged("drawings of the validation images are"));
        }
        let record = EpochRecord {
            epoch,
            learning_rate: rate,
            loss: sums.total(&weights) / images,
            cross_entropy: sums.cross_entropy / images,
            reconstruction: sums.reconstruction / images,
            validation_accuracy: validation.accuracy,
            validation_reconstruction: validation.reconstruction,
            swap: sums.swap / images,
            style_consistency: sums.style_consistency / images,
            contrast: sums.contrast / images,
        };
        history.push(record);
        Ok(record)
    }

    /// The weights as they are.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.state.parameters
    }
}
