//! [`Fast`]: the style-memory network on the kernels, on batches of any size: what a [`Chunked`] network does not know, drawing.

use rayon::prelude::*;

use super::chunked::Chunked;
use super::error_slopes::ErrorSlopes;
use super::worker::Worker;
use crate::kernels::{Engine, ErrorGradients};

/// Floats of the gradients of errors that are kept for the way back: 16 MB.
const KEPT: usize = 4 << 20;

/// The style-memory network with its weights packed for the kernels, shared by threads.
pub(super) type Fast = Chunked<Engine>;

impl Fast {
    /// Label distribution `(B, K)` and style `(B, S)` to images `(B, pixels)`.
    pub(super) fn decode(&self, label: &[f32], style: &[f32]) -> Vec<f32> {
        let mut images = vec![0.0; style.len() / self.styles * self.pixels];
        let chunks = label.par_chunks(self.chunk * self.classes).zip(style.par_chunks(self.chunk * self.styles));
        chunks.zip(images.par_chunks_mut(self.chunk * self.pixels)).for_each(|((label, style), images)| {
            self.with_worker(|Worker { buffers: workspace, .. }| {
                self.encoder.decode(label, style, workspace);
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
            self.with_worker(|Worker { buffers: workspace, .. }| {
                self.encoder.decode(label, style, workspace);
                self.encoder.decode_backward(d_images, workspace, Some(d_label), Some(d_style), None);
            });
        });
        (d_label, d_style)
    }

    /// The reconstruction error of images `(B, pixels)` under every label, `(B, K)`.
    pub(super) fn class_errors(&self, x: &[f32], style: &[f32]) -> Vec<f32> {
        let mut errors = vec![0.0; x.len() / self.pixels * self.classes];
        let chunks = x.par_chunks(self.chunk * self.pixels).zip(style.par_chunks(self.chunk * self.styles));
        chunks.zip(errors.par_chunks_mut(self.chunk * self.classes)).for_each(|((x, style), errors)| {
            self.with_worker(|Worker { buffers: workspace, .. }| {
                self.encoder.class_errors(x, style, workspace, errors, None);
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
            self.with_worker(|Worker { buffers: workspace, .. }| {
                let gradients = ErrorGradients { d_reconstruction, d_m };
                self.encoder.class_errors(x, style, workspace, errors, Some(gradients));
            });
        });
        (errors, ErrorSlopes { d_images, d_style })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Parameters, StyleMemorySpec};

    #[test]
    fn gradients_of_errors_that_are_not_kept_are_those_that_are() {
        let spec = StyleMemorySpec::new([3, 8, 8], 4);
        let fast = Fast::new(Engine::new(&Parameters::random(spec.clone(), 1)).unwrap());
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
