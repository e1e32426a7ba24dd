//! [`Fast`]: the kernels' engine with a store of workers, on batches of any size.
//!
//! A batch is cut into chunks that fit a worker; chunks run on rayon's threads. A single chunk runs where the caller
//! is, so that callers who spread their own chunks over threads (the commands do) pay for nothing.

use rayon::prelude::*;

use super::error_slopes::ErrorSlopes;
use super::worker::Worker;
use super::workers::Workers;
use crate::kernels::{Engine, ErrorGradients, PlanError};
use crate::parameters::Parameters;
use crate::style_memory_spec::StyleMemorySpec;

/// Workers that may hold a batch's activations between the way to the logits and the way back, where there are no more
/// threads than that: what bounds the memory of a large batch. Chunks beyond are encoded twice.
pub(super) const HELD: usize = 16;

/// Floats of the gradients of errors that are kept for the way back: 16 MB.
const KEPT: usize = 4 << 20;

/// Network weights packed for the kernels, shared by threads.
pub(super) struct Fast {
    input: [usize; 3],
    pixels: usize,
    classes: usize,
    styles: usize,
    /// Images of a chunk.
    chunk: usize,
    engine: Engine,
    pub(super) workers: Workers,
}

impl Fast {
    /// Packs the weights.
    ///
    /// # Errors
    /// [`PlanError`].
    pub(super) fn new(parameters: &Parameters) -> Result<Self, PlanError> {
        let (engine, spec) = (Engine::new(parameters)?, parameters.spec());
        let StyleMemorySpec { input, classes, styles, .. } = *spec;
        let (pixels, chunk) = (spec.pixels(), engine.batch());
        Ok(Self { input, pixels, classes, styles, chunk, engine, workers: Workers::default() })
    }

    /// Channels, rows and columns of an image.
    pub(super) fn input(&self) -> [usize; 3] {
        self.input
    }

    /// Elements of an image.
    pub(super) fn pixels(&self) -> usize {
        self.pixels
    }

    /// Number of labels, `K`.
    pub(super) fn classes(&self) -> usize {
        self.classes
    }

    /// Logits and style side by side, `K + S`.
    pub(super) fn width(&self) -> usize {
        self.classes + self.styles
    }

    /// Images `(B, pixels)` to logits and style side by side, `(B, K + S)`.
    pub(super) fn encode(&self, x: &[f32]) -> Vec<f32> {
        let width = self.width();
        let mut code = vec![0.0; x.len() / self.pixels * width];
        let chunks = x.par_chunks(self.chunk * self.pixels).zip(code.par_chunks_mut(self.chunk * width));
        chunks.for_each(|(x, code)| {
            self.workers.with(&self.engine, |worker| {
                let rows = worker.encode(&self.engine, x);
                for (code, (logits, style)) in code.chunks_mut(width).zip(rows) {
                    code[..self.classes].copy_from_slice(logits);
                    code[self.classes..].copy_from_slice(style);
                }
            });
        });
        code
    }

    /// The gradient to the images, `(B, pixels)`, from that to logits and style, `(B, K + S)`.
    pub(super) fn encode_gradient(&self, x: &[f32], d_code: &[f32]) -> Vec<f32> {
        let width = self.width();
        let mut d_x = vec![0.0; x.len()];
        let chunks = x.par_chunks(self.chunk * self.pixels).zip(d_code.par_chunks(self.chunk * width));
        chunks.zip(d_x.par_chunks_mut(self.chunk * self.pixels)).for_each(|((x, d_code), d_x)| {
            let part = |from, to| d_code.chunks(width).flat_map(|row| &row[from..to]).copied().collect::<Vec<f32>>();
            let (d_logits, d_style) = (part(0, self.classes), part(self.classes, width));
            self.workers.with(&self.engine, |worker| worker.gradient(&self.engine, x, &d_logits, Some(&d_style), d_x));
        });
        d_x
    }

    /// Label distribution `(B, K)` and style `(B, S)` to images `(B, pixels)`.
    pub(super) fn decode(&self, label: &[f32], style: &[f32]) -> Vec<f32> {
        let mut images = vec![0.0; style.len() / self.styles * self.pixels];
        let chunks = label.par_chunks(self.chunk * self.classes).zip(style.par_chunks(self.chunk * self.styles));
        chunks.zip(images.par_chunks_mut(self.chunk * self.pixels)).for_each(|((label, style), images)| {
            self.workers.with(&self.engine, |Worker { workspace, .. }| {
                self.engine.decode(label, style, workspace);
                images.copy_from_slice(workspace.reconstruction());
            });
        });
        images
    }

    /// The gradients to label distribution and style from that to the images.
    pub(super) fn decode_gradient(&self, label: &[f32], style: &[f32], d_images: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let (mut d_label, mut d_style) = (vec![0.0; label.len()], vec![0.0; style.len()]);
        let chunks = label.par_chunks(self.chunk * self.classes).zip(style.par_chunks(self.chunk * self.styles));
        let gradients =
            d_label.par_chunks_mut(self.chunk * self.classes).zip(d_style.par_chunks_mut(self.chunk * self.styles));
        let chunks = chunks.zip(d_images.par_chunks(self.chunk * self.pixels)).zip(gradients);
        chunks.for_each(|(((label, style), d_images), (d_label, d_style))| {
            self.workers.with(&self.engine, |Worker { workspace, .. }| {
                self.engine.decode(label, style, workspace);
                self.engine.decode_backward(d_images, workspace, Some(d_label), Some(d_style), None);
            });
        });
        (d_label, d_style)
    }

    /// The reconstruction error of images `(B, pixels)` under every label, `(B, K)`.
    pub(super) fn class_errors(&self, x: &[f32], style: &[f32]) -> Vec<f32> {
        let mut errors = vec![0.0; x.len() / self.pixels * self.classes];
        let chunks = x.par_chunks(self.chunk * self.pixels).zip(style.par_chunks(self.chunk * self.styles));
        chunks.zip(errors.par_chunks_mut(self.chunk * self.classes)).for_each(|((x, style), errors)| {
            self.workers.with(&self.engine, |Worker { workspace, .. }| {
                self.engine.class_errors(x, style, workspace, errors, None);
            });
        });
        errors
    }

    /// Whether the gradients of the errors of images `(B, pixels)` under every label are few enough to be kept.
    pub(super) fn keeps_slopes(&self, x: &[f32]) -> bool {
        x.len() * self.classes <= KEPT
    }

    /// The gradients to images and style from that to their errors `(B, K)`: what [`ErrorSlopes::combine`] gives, of a few images at a
    /// time, so that the gradients of single errors need little memory.
    pub(super) fn class_errors_gradient(&self, x: &[f32], style: &[f32], d_errors: &[f32]) -> (Vec<f32>, Vec<f32>) {
        self.class_errors_gradient_by((KEPT / (self.pixels * self.classes)).max(1), x, style, d_errors)
    }

    /// The same of `some` images at a time.
    fn class_errors_gradient_by(
        &self,
        some: usize,
        x: &[f32],
        style: &[f32],
        d_errors: &[f32],
    ) -> (Vec<f32>, Vec<f32>) {
        let parts = x.chunks(some * self.pixels).zip(style.chunks(some * self.styles));
        let (mut d_x, mut d_style) = (Vec::with_capacity(x.len()), Vec::with_capacity(style.len()));
        for ((x, style), d_errors) in parts.zip(d_errors.chunks(some * self.classes)) {
            let (d_images, d_styles) = self.class_error_slopes(x, style).1.combine(d_errors, self.classes);
            d_x.extend(d_images);
            d_style.extend(d_styles);
        }
        (d_x, d_style)
    }

    /// The same errors with the gradient of each.
    pub(super) fn class_error_slopes(&self, x: &[f32], style: &[f32]) -> (Vec<f32>, ErrorSlopes) {
        let pairs = x.len() / self.pixels * self.classes;
        let (mut errors, mut d_images, mut d_style) =
            (vec![0.0; pairs], vec![0.0; pairs * self.pixels], vec![0.0; pairs * self.styles]);
        let share = self.chunk * self.classes;
        let chunks = x.par_chunks(self.chunk * self.pixels).zip(style.par_chunks(self.chunk * self.styles));
        let gradients = d_images.par_chunks_mut(share * self.pixels).zip(d_style.par_chunks_mut(share * self.styles));
        let chunks = chunks.zip(errors.par_chunks_mut(share)).zip(gradients);
        chunks.for_each(|(((x, style), errors), (d_reconstruction, d_m))| {
            self.workers.with(&self.engine, |Worker { workspace, .. }| {
                let gradients = ErrorGradients { d_reconstruction, d_m };
                self.engine.class_errors(x, style, workspace, errors, Some(gradients));
            });
        });
        (errors, ErrorSlopes { d_images, d_style })
    }

    /// The gradient to images `(B, pixels)` of a loss whose gradient to all their logits `(B, K)` `d_logits` works out. One
    /// forward and one backward pass, or none forward where the images have just been encoded.
    pub(super) fn input_gradient<E>(
        &self,
        x: &[f32],
        d_logits: impl FnOnce(&[f32]) -> Result<Vec<f32>, E>,
    ) -> Result<Vec<f32>, E> {
        let chunks = x.len().div_ceil(self.chunk * self.pixels);
        let share = self.chunk * chunks.div_ceil(HELD.max(rayon::current_num_threads())).max(1);
        let encode = |x: &[f32]| {
            let (mut worker, mut logits) = (self.workers.take(&self.engine), Vec::new());
            for x in x.chunks(self.chunk * self.pixels) {
                worker.encode(&self.engine, x).for_each(|(row, _)| logits.extend_from_slice(row));
            }
            (worker, logits)
        };
        let (mut workers, logits): (Vec<Worker>, Vec<Vec<f32>>) = x.par_chunks(share * self.pixels).map(encode).unzip();
        let d_logits = d_logits(&logits.concat())?;
        let mut d_x = vec![0.0; x.len()];
        let shares = workers.par_iter_mut().zip(x.par_chunks(share * self.pixels));
        let gradients = d_logits.par_chunks(share * self.classes).zip(d_x.par_chunks_mut(share * self.pixels));
        shares.zip(gradients).for_each(|((worker, x), (d_logits, d_x))| {
            let gradients = d_logits.chunks(self.chunk * self.classes).zip(d_x.chunks_mut(self.chunk * self.pixels));
            for (x, (d_logits, d_x)) in x.chunks(self.chunk * self.pixels).zip(gradients) {
                worker.gradient(&self.engine, x, d_logits, None, d_x);
            }
        });
        workers.into_iter().for_each(|worker| self.workers.give_back(worker));
        Ok(d_x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_of_errors_that_are_not_kept_are_those_that_are() {
        let spec = StyleMemorySpec::new([3, 8, 8], 4);
        let fast = Fast::new(&Parameters::random(spec.clone(), 1)).unwrap();
        let values =
            |count: usize, step: f32| (0..count).map(|at| (at as f32 * step).sin().abs()).collect::<Vec<f32>>();
        let (x, style, d_errors) =
            (values(5 * spec.pixels(), 0.7), values(5 * spec.styles, 1.3), values(5 * spec.classes, 2.1));
        let kept = fast.class_error_slopes(&x, &style).1.combine(&d_errors, spec.classes);
        assert!(kept.0.iter().chain(&kept.1).any(|slope| *slope != 0.0));
        for some in [1, 2, 5, 9] {
            assert!(fast.class_errors_gradient_by(some, &x, &style, &d_errors) == kept, "{some} images at a time");
        }
    }
}
