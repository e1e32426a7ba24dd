//! Loss and weight gradient of a batch on the CPU kernels.
//!
//! The batch is cut into one part per thread, each with its own gradient; the optimiser sums the parts in order, so that
//! the same seed and number of threads give the same bytes.

use std::iter;
use std::ops::Range;

use candle_core::Result;

use super::softmax::{one_hot, softmax_in_place};
use super::swap::SwapPass;
use super::{Batch, BatchLoss, Differentiate, LossWeights};
use robust_networks::kernels::{Engine, Gradients, Workspace};
use robust_networks::{Parameters, StyleMemorySpec};

/// The kernels with their state for training.
pub struct KernelDifferentiator {
    engine: Engine,
    parts: Vec<Part>,
}

struct Part {
    workspace: Workspace,
    gradients: Gradients,
    /// There after a batch whose loss has terms of swapped drawings.
    swap: Option<SwapPass>,
    loss: BatchLoss,
}

impl KernelDifferentiator {
    /// For batches of up to `batch_size` images on `threads` threads; none if the kernels do not compute the network.
    #[must_use]
    pub fn new(parameters: &Parameters, batch_size: usize, threads: usize) -> Option<Self> {
        let engine = Engine::new(parameters).ok()?;
        let threads = threads.clamp(1, batch_size);
        let part = || Part {
            workspace: Workspace::new(&engine, batch_size.div_ceil(threads)),
            gradients: Gradients::new(&engine),
            swap: None,
            loss: BatchLoss::default(),
        };
        let parts = (0..threads).map(|_| part()).collect();
        Some(Self { engine, parts })
    }
}

impl Differentiate for KernelDifferentiator {
    fn differentiate(&mut self, parameters: &Parameters, batch: &Batch, weights: &LossWeights) -> Result<BatchLoss> {
        self.engine.repack(parameters);
        let size = batch.len().div_ceil(self.parts.len());
        let engine = &self.engine;
        rayon::scope(|scope| {
            for (number, part) in self.parts.iter_mut().enumerate() {
                let images = (number * size).min(batch.len())..((number + 1) * size).min(batch.len());
                scope.spawn(move |_| part.run(engine, batch, images, weights));
            }
        });
        let mut loss = BatchLoss::default();
        self.parts.iter().for_each(|part| loss.add(part.loss));
        Ok(loss)
    }

    fn gradient(&self) -> Vec<&[f32]> {
        self.parts.iter().flat_map(Part::gradients).collect()
    }
}

impl Part {
    /// That of the images' own way, then that of the swapped drawings'.
    fn gradients(&self) -> impl Iterator<Item = &[f32]> {
        iter::once(self.gradients.flat()).chain(self.swap.as_ref().map(SwapPass::gradient))
    }

    /// The loss of `images` of the batch, and the gradient of their share of its mean.
    fn run(&mut self, engine: &Engine, batch: &Batch, images: Range<usize>, weights: &LossWeights) {
        let Self { workspace, gradients, swap, loss } = self;
        let StyleMemorySpec { classes, .. } = *engine.spec();
        let size = engine.spec().pixels();
        let pixels = images.start * size..images.end * size;
        let share = 1.0 / batch.len() as f32;
        *loss = BatchLoss { images: images.len(), ..BatchLoss::default() };

        engine.encode(&batch.noisy[pixels.clone()], workspace);
        let mut softmax = workspace.logits().to_vec();
        let style = workspace.style().to_vec();
        let mut label = Vec::with_capacity(softmax.len());
        for (row, image) in softmax.chunks_mut(classes).zip(images.clone()) {
            let truth = batch.labels[image] as usize;
            loss.correct += usize::from(row.iter().all(|&logit| logit <= row[truth]));
            loss.cross_entropy += softmax_in_place(row, truth);
            match batch.one_hot[image] {
                true => label.extend(one_hot(truth, classes)),
                false => label.extend_from_slice(row),
            }
        }

        engine.decode(&label, &style, workspace);
        let mut d_drawing: Vec<f32> =
            workspace.reconstruction().iter().zip(&batch.clean[pixels]).map(|(drawn, clean)| drawn - clean).collect();
        let squares = |difference: &[f32]| difference.iter().map(|value| value * value).sum::<f32>();
        let errors: Vec<f32> = d_drawing.chunks(size).map(squares).collect();
        loss.reconstruction = errors.iter().map(|&error| f64::from(error)).sum();

        if weights.swaps() {
            swap.get_or_insert_with(|| SwapPass::new(engine, workspace.max_images()));
        } else {
            *swap = None;
        }
        let demand =
            swap.as_mut().map(|swap| swap.run(engine, batch, images.clone(), (&style, &errors), weights, loss));
        for (image, difference) in d_drawing.chunks_mut(size).enumerate() {
            let slope = share * weights.alpha as f32 + demand.as_ref().map_or(0.0, |demand| demand.d_errors[image]);
            difference.iter_mut().for_each(|value| *value *= 2.0 * slope);
        }

        let (mut d_label, mut d_style) = (vec![0.0; label.len()], vec![0.0; style.len()]);
        engine.decode_backward(&d_drawing, workspace, Some(&mut d_label), Some(&mut d_style), Some(gradients));
        if let Some(demand) = demand {
            d_style.iter_mut().zip(demand.d_style).for_each(|(sum, value)| *sum += value);
        }
        // Cross-entropy gives softmax - onehot; where the decoder saw the softmax, its gradient comes back through it.
        let mut d_logits = d_label;
        for ((row, softmax), image) in d_logits.chunks_mut(classes).zip(softmax.chunks(classes)).zip(images) {
            let mean: f32 = row.iter().zip(softmax).map(|(gradient, y)| gradient * y).sum();
            let truth = batch.labels[image] as usize;
            for (class, (gradient, &y)) in row.iter_mut().zip(softmax).enumerate() {
                let drawing = if batch.one_hot[image] { 0.0 } else { y * (*gradient - mean) };
                let wrong = y - if class == truth { 1.0 } else { 0.0 };
                *gradient = share * wrong + drawing;
            }
        }
        engine.encode_backward(&d_logits, Some(&d_style), workspace, None, Some(gradients));
    }
}
