//! One worker's buffers.

use super::engine::Engine;
use super::gemm::Buffer;
use super::network::Memory;

/// Everything that one thread needs to take up to `max_images` images through an [`Engine`]: of the encoder and of the decoder, which
/// do not disturb each other. Memory is touched on first use, so an encoder-only user pays for an encoder.
#[derive(Clone, Debug)]
pub struct Workspace {
    pub(super) encoder: Memory,
    pub(super) decoder: Memory,
    /// Of [`Engine::class_errors`]: the style's share of the decoder's first layer.
    pub(super) style_share: Buffer,
}

impl Workspace {
    /// Buffers for chunks of up to `max_images` images (at least 1).
    pub fn new(engine: &Engine, max_images: usize) -> Self {
        let max_images = max_images.max(1);
        Self {
            encoder: Memory::new(&engine.encoder, max_images),
            decoder: Memory::new(&engine.decoder, max_images),
            style_share: Buffer::zeroed(max_images * engine.decoder.first_pitch()),
        }
    }

    /// The most images of one call.
    pub fn max_images(&self) -> usize {
        self.encoder.max_images()
    }

    /// Logits `(B, K)` of the last [`Engine::encode`].
    pub fn logits(&self) -> &[f32] {
        self.encoder.output(0)
    }

    /// Style memory `(B, S)` of the last [`Engine::encode`], after the logistic.
    pub fn style(&self) -> &[f32] {
        self.encoder.output(1)
    }

    /// Reconstructions `(B, pixels)` of the last [`Engine::decode`].
    pub fn reconstruction(&self) -> &[f32] {
        self.decoder.output(0)
    }
}
