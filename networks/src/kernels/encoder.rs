//! The encoder: image to logits and style, and back.

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
use super::workspace::{FLAT_PITCH, NARROW_PITCH, WIDE_PITCH, Workspace, rows_of};
use crate::style_memory_spec::{NARROW, WIDE};

impl Engine {
    /// Encodes images `(B, 784)`: afterwards the workspace holds [`Workspace::logits`] and [`Workspace::style`], and
    /// what [`Engine::encode_backward`] needs.
    ///
    /// # Panics
    /// When `x` is not whole images or more than the workspace holds.
    pub fn encode(&self, x: &[f32], workspace: &mut Workspace) {
        let images = rows_of(x, IMAGE.content(), "images");
        workspace.check(self, images);
        let (isa, code_pitch) = (self.isa, workspace.code_pitch());
        let Workspace { encoder, back, .. } = workspace;
        encoder.images = images;
        for (first, count) in groups(images) {
            let part = |floats: usize| first * floats..(first + count) * floats;
            let image = &mut encoder.image[part(IMAGE.floats())];
            pad(&x[part(IMAGE.content())], image);
            self.conv1.run(isa, count, image, &mut encoder.middle[part(MIDDLE.floats())], Finish::BiasRelu);
            let mut at_points = back.scratch.gather(isa, count, &encoder.middle[first * MIDDLE.floats()..]);
            self.conv2.run(isa, &mut at_points, &mut encoder.inner[part(INNER.floats())], Finish::BiasRelu);
        }
        self.fc1.forward(isa, images, &encoder.inner, &mut encoder.wide, Finish::BiasRelu);
        self.fc2.forward(isa, images, &encoder.wide, &mut encoder.narrow, Finish::BiasRelu);
        self.heads.forward(isa, images, &encoder.narrow, &mut encoder.heads, Finish::Bias);

        let (classes, styles) = (self.spec.classes, self.spec.styles);
        for (image, heads) in encoder.heads.chunks_exact(code_pitch).take(images).enumerate() {
            encoder.logits[image * classes..][..classes].copy_from_slice(&heads[..classes]);
            encoder.style[image * styles..][..styles].copy_from_slice(&heads[classes..][..styles]);
        }
        logistic(isa, &mut encoder.style[..images * styles]);
    }

    /// The way back of the last [`Engine::encode`]. `d_logits` `(B, K)` and `d_style` `(B, S)`, with respect to the style
    /// after its logistic, are the gradients of a loss; the gradient with respect to the images is written to `d_x`
    /// `(B, 784)`, and those with respect to the encoder's weights to `gradients`.
    ///
    /// # Panics
    /// When a length does not fit the last batch.
    pub fn encode_backward(
        &self,
        d_logits: &[f32],
        d_style: Option<&[f32]>,
        workspace: &mut Workspace,
        mut d_x: Option<&mut [f32]>,
        mut gradients: Option<&mut Gradients>,
    ) {
        let images = workspace.encoder.images;
        workspace.check(self, images);
        let (isa, code_pitch) = (self.isa, workspace.code_pitch());
        let Workspace { encoder, back, .. } = workspace;
        self.d_heads(d_logits, d_style, images, &encoder.style, &mut back.heads, code_pitch);
        if let Some(d_x) = &d_x {
            assert_eq!(d_x.len(), images * IMAGE.content(), "floats of the images' gradient");
        }
        self.heads.backward(isa, images, &back.heads, &mut back.narrow, Finish::Gate(&encoder.narrow));
        self.fc2.backward(isa, images, &back.narrow, &mut back.wide, Finish::Gate(&encoder.wide));
        self.fc1.backward(isa, images, &back.wide, &mut back.inner, Finish::Gate(&encoder.inner));
        if let Some(gradients) = gradients.as_deref_mut() {
            let (heads, narrow) = (&back.heads[..], (&encoder.narrow[..], NARROW_PITCH, NARROW));
            let (classes, styles) = (self.spec.classes, self.spec.styles);
            let layer = gradients.layer(self.places.classifier);
            linear::weight_gradient(isa, images, (heads, code_pitch, classes), narrow, layer);
            let layer = gradients.layer(self.places.style);
            linear::weight_gradient(isa, images, (&heads[classes..], code_pitch, styles), narrow, layer);
            let wide = (&encoder.wide[..], WIDE_PITCH, WIDE);
            let layer = gradients.layer(self.places.fc2);
            linear::weight_gradient(isa, images, (&back.narrow, NARROW_PITCH, NARROW), wide, layer);
            linear::flatten(images, &encoder.inner, &mut back.flat, FLAT_PITCH);
            let flat = (&back.flat[..], FLAT_PITCH, INNER.content());
            linear::weight_gradient(
                isa,
                images,
                (&back.wide, WIDE_PITCH, WIDE),
                flat,
                gradients.layer(self.places.fc1),
            );
        }
        for (first, count) in groups(images) {
            let part = |floats: usize| first * floats..(first + count) * floats;
            let d_inner = &back.inner[part(INNER.floats())];
            let middle = &encoder.middle[part(MIDDLE.floats())];
            let d_middle = &mut back.middle[..count * MIDDLE.floats()];
            self.conv2_back.run(isa, count, d_inner, d_middle, Finish::Gate(middle), &mut back.scratch);
            if let Some(gradients) = gradients.as_deref_mut() {
                let mut at_points = back.scratch.gather(isa, count, &encoder.middle[first * MIDDLE.floats()..]);
                let former = Former::of_group(first);
                at_points.weight_gradient(isa, d_inner, former, &mut back.inner_sums);
                bias_gradient(INNER, count, d_inner, former, gradients.layer(self.places.conv2).1);
                let image = &encoder.image[part(IMAGE.floats())];
                weight_gradient(isa, OUTER_WINDOWS, count, image, d_middle, former, &mut back.outer_sums);
                bias_gradient(MIDDLE, count, d_middle, former, gradients.layer(self.places.conv1).1);
            }
            if let Some(d_x) = d_x.as_deref_mut() {
                self.conv1_back.run(isa, d_middle, &mut d_x[part(IMAGE.content())], &mut back.shares);
            }
        }
        if let Some(gradients) = gradients {
            write_gradient(&back.inner_sums, gradients.layer(self.places.conv2).0);
            write_transposed(OUTER_WINDOWS, &back.outer_sums, gradients.layer(self.places.conv1).0);
        }
    }

    /// Gradients of the heads side by side, the style's taken back through its logistic.
    fn d_heads(
        &self,
        d_logits: &[f32],
        d_style: Option<&[f32]>,
        images: usize,
        style: &[f32],
        d_heads: &mut [f32],
        pitch: usize,
    ) {
        let (classes, styles) = (self.spec.classes, self.spec.styles);
        assert_eq!(d_logits.len(), images * classes, "floats of the logits' gradient");
        if let Some(d_style) = d_style {
            assert_eq!(d_style.len(), images * styles, "floats of the style's gradient");
        }
        for (image, d_heads) in d_heads.chunks_exact_mut(pitch).take(images).enumerate() {
            d_heads[..classes].copy_from_slice(&d_logits[image * classes..][..classes]);
            let d_heads = &mut d_heads[classes..][..styles];
            let Some(d_style) = d_style else {
                d_heads.fill(0.0);
                continue;
            };
            let style = &style[image * styles..][..styles];
            for ((to, d), m) in d_heads.iter_mut().zip(&d_style[image * styles..]).zip(style) {
                *to = d * m * (1.0 - m);
            }
        }
    }
}

/// Copies images without borders into maps with them.
fn pad(images: &[f32], maps: &mut [f32]) {
    for (image, map) in images.chunks_exact(IMAGE.content()).zip(maps.chunks_exact_mut(IMAGE.floats())) {
        for (y, row) in image.chunks_exact(IMAGE.size).enumerate() {
            map[IMAGE.at(y as isize, 0)..][..IMAGE.size].copy_from_slice(row);
        }
    }
}
