//! [`look`]: what classifier and detector say of the present iterates, and the way up from there.

use candle_core::{DType, Tensor};

use super::super::scores;
use super::runs::Runs;
use crate::logits::{argmax, margin};
use crate::{Error, Goal, Images, Margin, Model, Objective, ScoreGradient, Suspicion, input};

/// Where the classifier has less say than this in the direction, it is not asked for its gradient.
const NEGLIGIBLE: f64 = 0.01;

/// What is said of a run's iterate.
pub(super) struct Looked {
    /// What the classifier predicts.
    pub(super) prediction: u32,
    /// The detector's score, if the supposed label were predicted.
    pub(super) score: f64,
    /// The margin that the label is behind by.
    pub(super) behind: f64,
    /// How good an image of the label it is, to be compared from left to right, the lower the better: the larger of what the score is above
    /// the threshold and what the label is behind by; without a threshold what the label is behind by, if it is, and then the score.
    pub(super) merit: [f64; 2],
}

/// Of each run, and the gradient of what is descended. Not more images are asked about at once than are in `x0`, the batch.
pub(super) fn look(
    model: &dyn Model,
    detector: &dyn Suspicion,
    runs: &Runs,
    x0: &Tensor,
    temperature: f64,
) -> Result<(Vec<Looked>, Images), Error> {
    let (mut all, mut ways) = (Vec::with_capacity(runs.each.len()), runs.x.zeros_like());
    let rows: Vec<usize> = (0..runs.each.len()).collect();
    for rows in rows.chunks(x0.dim(0)?) {
        let labels: Vec<u32> = rows.iter().map(|&row| runs.each[row].label).collect();
        let (looked, gradient) = look_at(model, detector, &runs.x.select(rows), &labels, x0, temperature)?;
        all.extend(looked);
        rows.iter().zip(gradient.rows()).for_each(|(&row, way)| ways.row_mut(row).copy_from_slice(way));
    }
    Ok((all, ways))
}

fn look_at(
    model: &dyn Model,
    detector: &dyn Suspicion,
    images: &Images,
    labels: &[u32],
    x0: &Tensor,
    temperature: f64,
) -> Result<(Vec<Looked>, Images), Error> {
    let x = images.to_tensor(x0.device())?;
    let logits = input::logits(model, &x)?.to_dtype(DType::F32)?.to_vec2::<f32>()?;
    let ScoreGradient { scores: found, gradient } = detector.supposing(&x, labels, temperature)?;
    let found = scores(&found)?;
    if found.len() != labels.len() {
        return Err(Error::Count { what: "scores", found: found.len(), images: labels.len() });
    }
    let mut gradient = Images::of_gradient(&gradient, images.shape())?;
    let threshold = detector.threshold().map(f64::from);
    let behind: Vec<f64> = logits.iter().zip(labels).map(|(row, &label)| margin(row, label as usize)).collect();

    // The gradient of a soft maximum of two is that of both, each with its share.
    let above = |row: usize| threshold.map_or(0.0, |threshold| found[row] - threshold);
    let share = |row: usize| 1.0 / (1.0 + ((above(row) - behind[row]) / temperature).exp());
    let asked: Vec<usize> = (0..labels.len()).filter(|&row| share(row) > NEGLIGIBLE).collect();
    if !asked.is_empty() {
        let toward = Goal::Targeted { classes: asked.iter().map(|&row| labels[row]).collect() };
        let some = images.select(&asked);
        let ahead = Margin.evaluate(model, &some.to_tensor(x0.device())?, &toward)?.gradient;
        for (&row, ahead) in asked.iter().zip(Images::of_gradient(&ahead, some.shape())?.rows()) {
            let share = share(row);
            let both = gradient.row_mut(row).iter_mut().zip(ahead);
            both.for_each(|(way, &ahead)| *way = ((1.0 - share) * f64::from(*way) - share * f64::from(ahead)) as f32);
        }
    }
    let looked = |(row, logits): (usize, &Vec<f32>)| Looked {
        prediction: argmax(logits) as u32,
        score: found[row],
        behind: behind[row],
        merit: match threshold {
            Some(_) => [above(row).max(behind[row]), 0.0],
            None => [behind[row].max(0.0), found[row]],
        },
    };
    Ok((logits.iter().enumerate().map(looked).collect(), gradient))
}
