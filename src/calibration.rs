//! Scores of every detector on clean validation images, from which thresholds come.

use std::collections::BTreeMap;

use anyhow::Result;
use candle_core::Device;
use rayon::prelude::*;
use robust_attacks::ClassConditional;
use robust_data::Split;

use crate::screening::Screen;

/// Images per batch.
const BATCH: usize = 64;

/// Ascending scores of all images of `validation`, correct and wrong alike, by detector id.
///
/// # Errors
/// Whatever the network or a detector reports.
pub fn calibrate(
    model: &(dyn ClassConditional + Sync),
    validation: &Split,
    device: &Device,
) -> Result<BTreeMap<String, Vec<f32>>> {
    let screen = Screen::with_all_detectors(model)?;
    let starts: Vec<usize> = (0..validation.len()).step_by(BATCH).collect();
    let batches = starts.into_par_iter().map(|start| {
        let range = start..validation.len().min(start + BATCH);
        screen.look_at(&validation.image_tensor(range, device)?)
    });
    let sightings = batches.collect::<Result<Vec<_>>>()?.concat();
    let ids = screen.detectors().iter().map(|detector| detector.id()).enumerate();
    let sorted = |position: usize| {
        let mut scores: Vec<f32> = sightings.iter().map(|sighting| sighting.scores[position]).collect();
        scores.sort_by(f32::total_cmp);
        scores
    };
    Ok(ids.map(|(position, id)| (id.to_owned(), sorted(position))).collect())
}
