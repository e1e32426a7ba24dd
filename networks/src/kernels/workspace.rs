//! One worker's buffers.

use super::buffer::Buffer;
use super::engine::{Engine, OUTER_WINDOWS};
use super::groups::GROUP;
use super::linear::Features;
use super::map::{IMAGE, INNER, MIDDLE};
use super::pixels::SHARES;
use super::tiled::Scratch;
use super::tiled_gradient::SUMS;
use crate::style_memory_spec::{NARROW, StyleMemorySpec, WIDE};

/// Pitch of the wide vectors.
pub(super) const WIDE_PITCH: usize = Features::vector(WIDE).pitch();
/// Pitch of the narrow vectors.
pub(super) const NARROW_PITCH: usize = Features::vector(NARROW).pitch();
/// Pitch of flattened inner maps.
pub(super) const FLAT_PITCH: usize = Features::vector(INNER.content()).pitch();

/// Everything that one thread needs to take up to `max_images` images through an [`Engine`]: activations of the encoder
/// and of the decoder, which do not disturb each other, and gradients on the way. Memory is touched on first use, so an
/// encoder-only user pays for an encoder.
#[derive(Clone, Debug)]
pub struct Workspace {
    pub(super) spec: StyleMemorySpec,
    pub(super) max_images: usize,
    pub(super) encoder: Encoder,
    pub(super) decoder: Decoder,
    pub(super) back: Backward,
}

/// Activations of the encoder, after their ReLU.
#[derive(Clone, Debug)]
pub(super) struct Encoder {
    pub(super) images: usize,
    pub(super) image: Buffer,
    pub(super) middle: Buffer,
    pub(super) inner: Buffer,
    pub(super) wide: Buffer,
    pub(super) narrow: Buffer,
    /// Logits and style before the logistic.
    pub(super) heads: Buffer,
    pub(super) logits: Buffer,
    pub(super) style: Buffer,
}

/// Activations of the decoder, after their ReLU.
#[derive(Clone, Debug)]
pub(super) struct Decoder {
    pub(super) images: usize,
    /// `(y, m)`.
    pub(super) code: Buffer,
    pub(super) narrow: Buffer,
    pub(super) wide: Buffer,
    pub(super) inner: Buffer,
    pub(super) middle: Buffer,
    pub(super) reconstruction: Buffer,
    /// Of [`Engine::class_errors`]: the style's share of `decoder.fc2`.
    pub(super) style_share: Buffer,
}

/// Gradients with respect to activations, and scratch.
#[derive(Clone, Debug)]
pub(super) struct Backward {
    pub(super) heads: Buffer,
    pub(super) narrow: Buffer,
    pub(super) wide: Buffer,
    pub(super) inner: Buffer,
    /// Of one group.
    pub(super) middle: Buffer,
    /// Of one group.
    pub(super) image: Buffer,
    pub(super) shares: Buffer,
    /// Inner maps in PyTorch's order.
    pub(super) flat: Buffer,
    /// Weight gradients of the convolutions in the order in which they are made.
    pub(super) outer_sums: Buffer,
    pub(super) inner_sums: Buffer,
    /// Of one group: the maps on their way through the inner windows.
    pub(super) scratch: Scratch,
}

impl Workspace {
    /// Buffers for chunks of up to `max_images` images (at least 1).
    pub fn new(engine: &Engine, max_images: usize) -> Self {
        let max_images = max_images.max(1);
        let spec = engine.spec;
        let code = spec.classes + spec.styles;
        let each = |floats: usize| Buffer::zeroed(max_images * floats);
        let group = GROUP.min(max_images);
        // Tiles reach beyond the last map.
        let middle_maps = |images: usize| Buffer::zeroed(images * MIDDLE.floats() + 2 * MIDDLE.row());
        let code_pitch = Features::vector(code).pitch();
        Self {
            spec,
            max_images,
            encoder: Encoder {
                images: 0,
                image: each(IMAGE.floats()),
                middle: middle_maps(max_images),
                inner: each(INNER.floats()),
                wide: each(WIDE_PITCH),
                narrow: each(NARROW_PITCH),
                heads: each(code_pitch),
                logits: each(spec.classes),
                style: each(spec.styles),
            },
            decoder: Decoder {
                images: 0,
                code: each(code_pitch),
                narrow: each(NARROW_PITCH),
                wide: each(WIDE_PITCH),
                inner: each(INNER.floats()),
                middle: middle_maps(max_images),
                reconstruction: each(IMAGE.content()),
                style_share: each(NARROW_PITCH),
            },
            back: Backward {
                heads: each(code_pitch),
                narrow: each(NARROW_PITCH),
                wide: each(WIDE_PITCH),
                inner: each(INNER.floats()),
                middle: middle_maps(group),
                image: Buffer::zeroed(group * IMAGE.floats()),
                shares: Buffer::zeroed(SHARES.floats()),
                flat: each(FLAT_PITCH),
                outer_sums: Buffer::zeroed(OUTER_WINDOWS.weights()),
                inner_sums: Buffer::zeroed(SUMS),
                scratch: Scratch::new(),
            },
        }
    }

    /// The most images of one call.
    pub fn max_images(&self) -> usize {
        self.max_images
    }

    /// Logits `(B, K)` of the last [`Engine::encode`].
    pub fn logits(&self) -> &[f32] {
        &self.encoder.logits[..self.encoder.images * self.spec.classes]
    }

    /// Style memory `(B, S)` of the last [`Engine::encode`], after the logistic.
    pub fn style(&self) -> &[f32] {
        &self.encoder.style[..self.encoder.images * self.spec.styles]
    }

    /// Reconstructions `(B, 784)` of the last [`Engine::decode`].
    pub fn reconstruction(&self) -> &[f32] {
        &self.decoder.reconstruction[..self.decoder.images * IMAGE.content()]
    }

    /// Pitch of `(y, m)` and of its gradients.
    pub(super) fn code_pitch(&self) -> usize {
        Features::vector(self.spec.classes + self.spec.styles).pitch()
    }

    pub(super) fn check(&self, engine: &Engine, images: usize) {
        assert_eq!(self.spec, engine.spec, "the workspace belongs to another network");
        assert!(images <= self.max_images, "{images} images in a workspace for {}", self.max_images);
    }
}

/// Rows of `width` floats in `floats`.
///
/// # Panics
/// When the rows are not whole.
pub(super) fn rows_of(floats: &[f32], width: usize, name: &str) -> usize {
    assert_eq!(floats.len() % width, 0, "{name}: {} floats are not whole rows of {width}", floats.len());
    floats.len() / width
}
