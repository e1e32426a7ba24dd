//! Reconstruction errors under every label, and their gradients: the work of a detector, and of an attacker who knows it.

use super::engine::Engine;
use super::workspace::Workspace;
use crate::style_memory_spec::StyleMemorySpec;

/// Where [`Engine::class_errors`] writes the gradients of the errors, each that of its own error alone.
#[derive(Debug)]
pub struct ErrorGradients<'a> {
    /// `(B, K, pixels)`, to the reconstruction, `2 (decode(one-hot k, m_i) - x_i)`. That to the image is its negative.
    pub d_reconstruction: &'a mut [f32],
    /// `(B, K, S)`, to the style memory.
    pub d_m: &'a mut [f32],
}

impl Engine {
    /// `errors[i][k] = ||decode(one-hot k, m_i) - x_i||^2`, summed over the pixels, for images `x` `(B, pixels)` and style
    /// memories `m` `(B, S)`; `errors` is `(B, K)`. `B` may be anything up to the workspace's size; the `B K` decodings
    /// pass through it in pieces. An earlier decoding in the workspace is lost, an encoding stays.
    ///
    /// The style's share of the decoder's first layer is worked out once for all labels: a label adds one column of the weight. Gradients
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
        let StyleMemorySpec { classes, styles, .. } = *self.spec();
        let (pixels, max_images) = (self.spec().pixels(), workspace.max_images());
        let images = x.len() / pixels;
        assert_eq!(x.len(), images * pixels, "floats of the images");
        assert_eq!(m.len(), images * styles, "floats of the style memory");
        assert_eq!(errors.len(), images * classes, "floats of the errors");
        if let Some(ErrorGradients { d_reconstruction, d_m }) = &gradients {
            assert_eq!(d_reconstruction.len(), errors.len() * pixels, "floats of the reconstructions' gradients");
            assert_eq!(d_m.len(), errors.len() * styles, "floats of the style memories' gradients");
        }
        let image_of = |pair: usize| &x[pair / classes * pixels..][..pixels];
        let no_label = vec![0.0; images * classes];
        self.decoder.first_layer(&[&no_label, m], &mut workspace.decoder, &mut workspace.style_share);
        let pitch = self.decoder.first_pitch();
        for (piece, errors) in errors.chunks_mut(max_images).enumerate() {
            let pairs = piece * max_images..piece * max_images + errors.len();
            let shares = &workspace.style_share;
            self.decoder.behind_first_layer(errors.len(), &mut workspace.decoder, |row, values| {
                let pair = pairs.start + row;
                let share = &shares[pair / classes * pitch..][..values.len()];
                let column = &self.class_columns[pair % classes * values.len()..][..values.len()];
                for ((to, share), column) in values.iter_mut().zip(share).zip(column) {
                    let sum = share + column;
                    *to = if sum <= 0.0 { 0.0 } else { sum };
                }
            });
            let reconstructions = workspace.reconstruction().chunks_exact(pixels);
            for ((error, reconstruction), pair) in errors.iter_mut().zip(reconstructions.clone()).zip(pairs.clone()) {
                *error = squared_distance(reconstruction, image_of(pair));
            }
            if let Some(ErrorGradients { d_reconstruction, d_m }) = &mut gradients {
                let part = |width: usize| pairs.start * width..pairs.end * width;
                let d_reconstruction = &mut d_reconstruction[part(pixels)];
                let rows = d_reconstruction.chunks_exact_mut(pixels).zip(reconstructions);
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
    for (a, b) in a.chunks(16).zip(b.chunks(16)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += (a - b) * (a - b);
        }
    }
    sums.iter().sum()
}
