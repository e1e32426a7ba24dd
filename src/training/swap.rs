//! The label swap: what makes the style a style.
//!
//! An image `x` of class `c` has the style `m`. Drawn under a wrong label, `x' = decode(onehot c', m)` should be a `c'` in
//! the same hand, so the encoder is asked for `c'` when it looks at `x'` (cross-entropy) and for `m` (squared distance);
//! and `x'` should explain `x` worse than the drawing `x̂` under the right label does. If the style carried the class, none
//! of this could hold. The gradient of all three terms runs through encoder, style and decoder. The encoder sees `x'` with
//! the noise that `x` had, so that a `c'` must be drawn and cannot be a faint sign between the two.
//!
//! With `e = ||x̂ - x||²` and `e' = ||x' - x||²` the last term is `ln(1 + e / e')`: the cross-entropy of `c` between the two
//! labels if their odds are the inverse of their errors. It has no scale of its own, like the detector `alternative`, which
//! is the ratio of two such errors.
//!
//! The first two terms are those of Y-autoencoders (Patacchiola, Fox-Roberts and Rosten 2020, arXiv:1907.10949),
//! the third is ours.

use std::ops::Range;

use candle_core::{DType, Result, Tensor};
use candle_nn::loss;
use robust_attacks::{ClassConditional, Model};

use super::softmax::{one_hot, softmax_in_place};
use super::{Batch, BatchLoss, LossWeights};
use robust_networks::StyleMemoryGraph;
use robust_networks::kernels::{Engine, Gradients, Workspace};

/// The least error of a swapped drawing: one that is the image itself divides by it.
const TINY: f32 = 1e-12;

/// On candle's graph: the means over the batch of the three terms, in the order of [`LossWeights`]. `noise` is
/// `(B, C, H, W)`, `clean` `(B, C H W)`, and `errors` holds each image's `e`.
pub(super) fn graph_terms(
    graph: &StyleMemoryGraph,
    style: &Tensor,
    wrong: &[u32],
    noise: &Tensor,
    clean: &Tensor,
    errors: &Tensor,
) -> Result<[Tensor; 3]> {
    let device = style.device();
    let wrong = Tensor::from_slice(wrong, wrong.len(), device)?;
    let label = Tensor::eye(graph.signature().classes, DType::F32, device)?.index_select(&wrong, 0)?;
    let swapped = graph.decode(&label, style)?;
    let code = graph.encode(&(&swapped + noise)?)?;
    let swapped_errors = (swapped.flatten_from(1)? - clean)?.sqr()?.sum(1)?;
    Ok([
        loss::cross_entropy(&code.logits, &wrong)?,
        (code.style - style)?.sqr()?.sum(1)?.mean(0)?,
        ((errors / swapped_errors.maximum(f64::from(TINY))?)? + 1.0)?.log()?.mean(0)?,
    ])
}

/// On the kernels: the swapped drawings' way, with activations and gradients of its own.
pub(super) struct SwapPass {
    workspace: Workspace,
    gradients: Gradients,
}

/// Gradients that the terms hand back to the way of the images themselves.
pub(super) struct Demand {
    /// To the style, `(B, S)`.
    pub(super) d_style: Vec<f32>,
    /// To each image's `e`, `(B)`.
    pub(super) d_errors: Vec<f32>,
}

impl SwapPass {
    /// For up to `max_images` images.
    pub(super) fn new(engine: &Engine, max_images: usize) -> Self {
        Self { workspace: Workspace::new(engine, max_images), gradients: Gradients::new(engine) }
    }

    /// The gradient to the weights, flat.
    pub(super) fn gradient(&self) -> &[f32] {
        self.gradients.flat()
    }

    /// Adds the terms of `images` of the batch, whose styles and errors are given, to `sums`, and differentiates their share
    /// of the batch's mean.
    pub(super) fn run(
        &mut self,
        engine: &Engine,
        batch: &Batch,
        images: Range<usize>,
        (style, errors): (&[f32], &[f32]),
        weights: &LossWeights,
        sums: &mut BatchLoss,
    ) -> Demand {
        let Self { workspace, gradients } = self;
        let classes = engine.spec().classes;
        let share = 1.0 / batch.len() as f32;
        let wrong = &batch.wrong[images.clone()];
        let label: Vec<f32> = wrong.iter().flat_map(|&wrong| one_hot(wrong as usize, classes)).collect();
        engine.decode(&label, style, workspace);
        let swapped = workspace.reconstruction().to_vec();
        let size = engine.spec().pixels();
        let pixels = images.start * size..images.end * size;
        let (clean, noisy) = (&batch.clean[pixels.clone()], &batch.noisy[pixels]);
        let seen = swapped.iter().zip(noisy.iter().zip(clean)).map(|(drawn, (noisy, clean))| drawn + (noisy - clean));
        engine.encode(&seen.collect::<Vec<f32>>(), workspace);

        let mut d_logits = workspace.logits().to_vec();
        for ((row, label), &wrong) in d_logits.chunks_mut(classes).zip(label.chunks(classes)).zip(wrong) {
            sums.swap += softmax_in_place(row, wrong as usize);
            row.iter_mut().zip(label).for_each(|(y, label)| *y = share * weights.swap as f32 * (*y - label));
        }
        let apart: Vec<f32> = workspace.style().iter().zip(style).map(|(found, style)| found - style).collect();
        sums.style_consistency += apart.iter().map(|apart| f64::from(apart * apart)).sum::<f64>();
        let pull = 2.0 * share * weights.style_consistency as f32;
        let d_found: Vec<f32> = apart.iter().map(|apart| pull * apart).collect();
        let mut d_swapped = vec![0.0; swapped.len()];
        engine.encode_backward(&d_logits, Some(&d_found), workspace, Some(&mut d_swapped), Some(gradients));

        let push = share * weights.contrast as f32;
        let rows = d_swapped.chunks_mut(size).zip(swapped.chunks(size));
        let rows = rows.zip(clean.chunks(size)).zip(errors);
        let d_errors = rows.map(|(((d_swapped, swapped), clean), &error)| {
            let difference = || swapped.iter().zip(clean).map(|(drawn, clean)| drawn - clean);
            let swapped_error = difference().map(|difference| difference * difference).sum::<f32>().max(TINY);
            sums.contrast += f64::from((error / swapped_error).ln_1p());
            let slope = push / (error + swapped_error);
            let swapped_slope = 2.0 * -slope * error / swapped_error;
            d_swapped.iter_mut().zip(difference()).for_each(|(d, difference)| *d += swapped_slope * difference);
            slope
        });
        let d_errors = d_errors.collect();

        let mut d_style = vec![0.0; style.len()];
        engine.decode_backward(&d_swapped, workspace, None, Some(&mut d_style), Some(gradients));
        // The style is also what the one that is read back is compared with.
        d_style.iter_mut().zip(&d_found).for_each(|(d_style, d_found)| *d_style -= d_found);
        Demand { d_style, d_errors }
    }
}
