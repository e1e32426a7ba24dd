//! Reconstruction errors under every label: the detector's work.

use super::engine::Engine;
use super::finish::Finish;
use super::map::IMAGE;
use super::tensors::NARROW;
use super::workspace::{NARROW_PITCH, Workspace, rows_of};

impl Engine {
    /// `errors[i][k] = ||decode(one-hot k, m_i) - x_i||^2`, summed over the pixels, for images `x` `(B, 784)` and style
    /// memories `m` `(B, S)`; `errors` is `(B, K)`. `B` may be anything up to the workspace's size; the `B K` decodings
    /// pass through it in pieces. An earlier decoding in the workspace is lost, an encoding stays.
    ///
    /// The style's share of `decoder.fc2` is worked out once for all labels: a label adds one column of the weight.
    ///
    /// # Panics
    /// When the lengths do not agree, or there are more images than the workspace holds.
    pub fn class_errors(&self, x: &[f32], m: &[f32], workspace: &mut Workspace, errors: &mut [f32]) {
        let (classes, styles) = (self.shapes.classes, self.shapes.styles);
        let images = rows_of(x, IMAGE.content(), "images");
        assert_eq!(m.len(), images * styles, "floats of the style memory");
        assert_eq!(errors.len(), images * classes, "floats of the errors");
        workspace.check(self, images);
        let (code_pitch, max_images) = (workspace.code_pitch(), workspace.max_images);
        let Workspace { decoder, back, .. } = workspace;
        for (code, m) in decoder.code.chunks_exact_mut(code_pitch).zip(m.chunks_exact(styles)) {
            code[..classes].fill(0.0);
            code[classes..][..styles].copy_from_slice(m);
        }
        self.decoder_fc2.forward(self.isa, images, &decoder.code, &mut decoder.style_share, Finish::Bias);
        for (piece, errors) in errors.chunks_mut(max_images).enumerate() {
            let pairs = || (piece * max_images..).map(|pair| (pair / classes, pair % classes)).take(errors.len());
            for ((image, class), narrow) in pairs().zip(decoder.narrow.chunks_exact_mut(NARROW_PITCH)) {
                let share = &decoder.style_share[image * NARROW_PITCH..][..NARROW];
                let column = &self.class_columns[class * NARROW..][..NARROW];
                for ((to, share), column) in narrow.iter_mut().zip(share).zip(column) {
                    let sum = share + column;
                    *to = if sum <= 0.0 { 0.0 } else { sum };
                }
            }
            self.decode_narrow(errors.len(), decoder, back);
            let reconstructions = decoder.reconstruction.chunks_exact(IMAGE.content());
            let pairs = pairs();
            for ((error, reconstruction), (image, _)) in errors.iter_mut().zip(reconstructions).zip(pairs) {
                *error = squared_distance(reconstruction, &x[image * IMAGE.content()..][..IMAGE.content()]);
            }
        }
    }
}

/// Sixteen partial sums, so that the order of additions leaves room for vectors.
fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 16];
    for (a, b) in a.chunks_exact(16).zip(b.chunks_exact(16)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += (a - b) * (a - b);
        }
    }
    sums.iter().sum()
}
