//! Reconstruction errors under every label, and their gradients: the work of a detector, and of an attacker who knows it.

use super::engine::Engine;
use super::finish::Finish;
use super::map::IMAGE;
use super::workspace::{NARROW_PITCH, Workspace, rows_of};
use crate::style_memory_spec::NARROW;

/// Where [`Engine::class_errors`] writes the gradients of the errors, each that of its own error alone.
#[derive(Debug)]
pub struct ErrorGradients<'a> {
    /// `(B, K, 784)`, to the reconstruction, `2 (decode(one-hot k, m_i) - x_i)`. That to the image is its negative.
    pub d_reconstruction: &'a mut [f32],
    /// `(B, K, S)`, to the style memory.
    pub d_m: &'a mut [f32],
}

impl Engine {
    /// `errors[i][k] = ||decode(one-hot k, m_i) - x_i||^2`, summed over the pixels, for images `x` `(B, 784)` and style
    /// memories `m` `(B, S)`; `errors` is `(B, K)`. `B` may be anything up to the workspace's size; the `B K` decodings
    /// pass through it in pieces. An earlier decoding in the workspace is lost, an encoding stays.
    ///
    /// The style's share of `decoder.fc2` is worked out once for all labels: a label adds one column of the weight. Gradients
    /// cost as much again: each decoding goes back while its activations are still in the cache.
    ///
    /// # Panics
    /// When the lengths do not agree, or there are more images than the workspace holds.
    pub fn class_errors(
        &self,
        x: &[f32],
        m: &[f32],
        workspace: &mut Workspace,
        errors: &mut [f32],
        mut gradients: Option<ErrorGradients>,
    ) {
        let (classes, styles) = (self.spec.classes, self.spec.styles);
        let images = rows_of(x, IMAGE.content(), "images");
        assert_eq!(m.len(), images * styles, "floats of the style memory");
        assert_eq!(errors.len(), images * classes, "floats of the errors");
        if let Some(ErrorGradients { d_reconstruction, d_m }) = &gradients {
            assert_eq!(
                d_reconstruction.len(),
                errors.len() * IMAGE.content(),
                "floats of the reconstructions' gradients"
            );
            assert_eq!(d_m.len(), errors.len() * styles, "floats of the style memories' gradients");
        }
        workspace.check(self, images);
        let (code_pitch, max_images) = (workspace.code_pitch(), workspace.max_images);
        let image_of = |pair: usize| &x[pair / classes * IMAGE.content()..][..IMAGE.content()];
        let decoder = &mut workspace.decoder;
        for (code, m) in decoder.code.chunks_exact_mut(code_pitch).zip(m.chunks_exact(styles)) {
            code[..classes].fill(0.0);
            code[classes..][..styles].copy_from_slice(m);
        }
        self.decoder_fc2.forward(self.isa, images, &decoder.code, &mut decoder.style_share, Finish::Bias);
        for (piece, errors) in errors.chunks_mut(max_images).enumerate() {
            let pairs = piece * max_images..piece * max_images + errors.len();
            let Workspace { decoder, back, .. } = &mut *workspace;
            for (pair, narrow) in pairs.clone().zip(decoder.narrow.chunks_exact_mut(NARROW_PITCH)) {
                let share = &decoder.style_share[pair / classes * NARROW_PITCH..][..NARROW];
                let column = &self.class_columns[pair % classes * NARROW..][..NARROW];
                for ((to, share), column) in narrow.iter_mut().zip(share).zip(column) {
                    let sum = share + column;
                    *to = if sum <= 0.0 { 0.0 } else { sum };
                }
            }
            self.decode_narrow(errors.len(), decoder, back);
            let reconstructions = || decoder.reconstruction.chunks_exact(IMAGE.content());
            for ((error, reconstruction), pair) in errors.iter_mut().zip(reconstructions()).zip(pairs.clone()) {
                *error = squared_distance(reconstruction, image_of(pair));
            }
            if let Some(ErrorGradients { d_reconstruction, d_m }) = &mut gradients {
                let part = |width: usize| pairs.start * width..pairs.end * width;
                let d_reconstruction = &mut d_reconstruction[part(IMAGE.content())];
                let rows = d_reconstruction.chunks_exact_mut(IMAGE.content()).zip(reconstructions());
                for ((d, reconstruction), pair) in rows.zip(pairs.clone()) {
                    let pixels = d.iter_mut().zip(reconstruction).zip(image_of(pair));
                    pixels.for_each(|((d, drawn), x)| *d = 2.0 * (drawn - x));
                }
                self.decode_backward(d_reconstruction, workspace, None, Some(&mut d_m[part(styles)]), None);
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
