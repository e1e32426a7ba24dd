//! The decoder: `(y, m)` to a reconstruction, and back.

use super::activation::logistic;
use super::conv::{bias_gradient, weight_gradient, write_transposed};
use super::engine::{Engine, OUTER_WINDOWS};
use super::finish::Finish;
use super::gradients::Gradients;
use super::groups::groups;
use super::linear;
use super::map::{IMAGE, INNER, MIDDLE};
use super::outer::Former;
use super::tiled_gradient::write_gradient;
use super::workspace::{Backward, Decoder, FLAT_PITCH, NARROW_PITCH, WIDE_PITCH, Workspace, rows_of};
use crate::style_memory_spec::{NARROW, WIDE};

impl Engine {
    /// Decodes a label distribution `y` `(B, K)` and a style memory `m` `(B, S)`: afterwards the workspace holds
    /// [`Workspace::reconstruction`], and what [`Engine::decode_backward`] needs. What it holds of an encoding stays.
    ///
    /// # Panics
    /// When `y` and `m` are not as many whole rows, or more than the workspace holds.
    pub fn decode(&self, y: &[f32], m: &[f32], workspace: &mut Workspace) {
        let (classes, styles) = (self.spec.classes, self.spec.styles);
        let images = rows_of(y, classes, "label distributions");
        assert_eq!(m.len(), images * styles, "floats of the style memory");
        workspace.check(self, images);
        let code_pitch = workspace.code_pitch();
        let Workspace { decoder, back, .. } = workspace;
        for (image, code) in decoder.code.chunks_exact_mut(code_pitch).take(images).enumerate() {
            code[..classes].copy_from_slice(&y[image * classes..][..classes]);
            code[classes..][..styles].copy_from_slice(&m[image * styles..][..styles]);
        }
        self.decoder_fc2.forward(self.isa, images, &decoder.code, &mut decoder.narrow, Finish::BiasRelu);
        self.decode_narrow(images, decoder, back);
    }

    /// The decoder behind its first layer.
    pub(super) fn decode_narrow(&self, images: usize, decoder: &mut Decoder, back: &mut Backward) {
        let isa = self.isa;
        decoder.images = images;
        self.decoder_fc1.forward(isa, images, &decoder.narrow, &mut decoder.wide, Finish::BiasRelu);
        self.decoder_fc0.forward(isa, images, &decoder.wide, &mut decoder.inner, Finish::BiasRelu);
        for (first, count) in groups(images) {
            let part = |floats: usize| first * floats..(first + count) * floats;
            let middle = &mut decoder.middle[part(MIDDLE.floats())];
            let inner = &decoder.inner[part(INNER.floats())];
            self.deconv2.run(isa, count, inner, middle, Finish::BiasRelu, &mut back.scratch);
            let reconstruction = &mut decoder.reconstruction[part(IMAGE.content())];
            self.deconv1.run(isa, middle, reconstruction, &mut back.shares);
            logistic(isa, reconstruction);
        }
    }

    /// The way back of the last [`Engine::decode`]. `d_reconstruction` `(B, 784)` is the gradient of a loss; those with
    /// respect to `y` and `m` are written to `d_y` `(B, K)` and `d_m` `(B, S)`, and those with respect to the decoder's
    /// weights to `gradients`.
    ///
    /// # Panics
    /// When a length does not fit the last batch.
    pub fn decode_backward(
        &self,
        d_reconstruction: &[f32],
        workspace: &mut Workspace,
        d_y: Option<&mut [f32]>,
        d_m: Option<&mut [f32]>,
        mut gradients: Option<&mut Gradients>,
    ) {
        let images = workspace.decoder.images;
        workspace.check(self, images);
        assert_eq!(d_reconstruction.len(), images * IMAGE.content(), "floats of the reconstructions' gradient");
        let (isa, code_pitch) = (self.isa, workspace.code_pitch());
        let Workspace { decoder, back, .. } = workspace;
        for (first, count) in groups(images) {
            let part = |floats: usize| first * floats..(first + count) * floats;
            let d_image = &mut back.image[..count * IMAGE.floats()];
            through_logistic(
                &d_reconstruction[part(IMAGE.content())],
                &decoder.reconstruction[part(IMAGE.content())],
                d_image,
            );
            let middle = &decoder.middle[part(MIDDLE.floats())];
            let d_middle = &mut back.middle[..count * MIDDLE.floats()];
            self.deconv1_back.run(isa, count, d_image, d_middle, Finish::Gate(middle));
            let inner = &decoder.inner[part(INNER.floats())];
            let d_inner = &mut back.inner[part(INNER.floats())];
            let mut at_points = back.scratch.gather(isa, count, &back.middle);
            self.deconv2_back.run(isa, &mut at_points, d_inner, Finish::Gate(inner));
            if let Some(gradients) = gradients.as_deref_mut() {
                let former = Former::of_group(first);
                weight_gradient(isa, OUTER_WINDOWS, count, d_image, middle, former, &mut back.outer_sums);
                bias_gradient(IMAGE, count, d_image, former, gradients.layer(self.places.deconv1).1);
                at_points.weight_gradient(isa, inner, former, &mut back.inner_sums);
                bias_gradient(MIDDLE, count, &back.middle, former, gradients.layer(self.places.deconv2).1);
            }
        }
        self.decoder_fc0.backward(isa, images, &back.inner, &mut back.wide, Finish::Gate(&decoder.wide));
        self.decoder_fc1.backward(isa, images, &back.wide, &mut back.narrow, Finish::Gate(&decoder.narrow));
        if let Some(gradients) = gradients {
            write_transposed(OUTER_WINDOWS, &back.outer_sums, gradients.layer(self.places.deconv1).0);
            write_gradient(&back.inner_sums, gradients.layer(self.places.deconv2).0);
            linear::flatten(images, &back.inner, &mut back.flat, FLAT_PITCH);
            let (flat, wide) = ((&back.flat[..], FLAT_PITCH, INNER.content()), (&decoder.wide[..], WIDE_PITCH, WIDE));
            linear::weight_gradient(isa, images, flat, wide, gradients.layer(self.places.decoder_fc0));
            let (wide, narrow) = ((&back.wide[..], WIDE_PITCH, WIDE), (&decoder.narrow[..], NARROW_PITCH, NARROW));
            linear::weight_gradient(isa, images, wide, narrow, gradients.layer(self.places.decoder_fc1));
            let narrow = (&back.narrow[..], NARROW_PITCH, NARROW);
            let code = (&decoder.code[..], code_pitch, self.spec.classes + self.spec.styles);
            linear::weight_gradient(isa, images, narrow, code, gradients.layer(self.places.decoder_fc2));
        }
        if d_y.is_some() || d_m.is_some() {
            self.decoder_fc2.backward(isa, images, &back.narrow, &mut back.heads, Finish::Keep);
            let (classes, styles) = (self.spec.classes, self.spec.styles);
            for (d, from, width) in [(d_y, 0, classes), (d_m, classes, styles)] {
                let Some(d) = d else { continue };
                assert_eq!(d.len(), images * width, "floats of the gradient of a label distribution or style memory");
                for (d, d_code) in d.chunks_exact_mut(width).zip(back.heads.chunks_exact(code_pitch)) {
                    d.copy_from_slice(&d_code[from..][..width]);
                }
            }
        }
    }
}

/// `d * r * (1 - r)` for reconstructions `r`, into maps with borders.
fn through_logistic(d: &[f32], reconstruction: &[f32], maps: &mut [f32]) {
    let rows = d.chunks_exact(IMAGE.size).zip(reconstruction.chunks_exact(IMAGE.size));
    for (index, (d, r)) in rows.enumerate() {
        let (image, y) = (index / IMAGE.size, index % IMAGE.size);
        let to = &mut maps[image * IMAGE.floats() + IMAGE.at(y as isize, 0)..][..IMAGE.size];
        for ((to, d), r) in to.iter_mut().zip(d).zip(r) {
            *to = d * r * (1.0 - r);
        }
    }
}
