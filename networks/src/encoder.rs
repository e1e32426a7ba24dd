//! [`Encoder`]: what the machinery around kernels asks of a network that sees images: a way to a code, and the way back.
//!
//! A code is logits and, of a network that has one, a style.

use crate::kernels::{Engine, Memory, Network, Workspace};

/// A network on the kernels whose only input is images. Threads share it, each with buffers of its own.
pub(super) trait Encoder: Sync {
    /// What one thread needs to take images through it.
    type Buffers: Send;

    /// Elements of an image.
    fn pixels(&self) -> usize;

    /// Elements of the logits, `K`, and of the style, `S`.
    fn widths(&self) -> [usize; 2];

    /// Images of a chunk that makes good use of the caches.
    fn chunk(&self) -> usize;

    /// Bytes that one more image takes there and back; 0 of what is small.
    fn bytes_per_image(&self) -> usize {
        0
    }

    /// Buffers for chunks of up to so many images.
    fn buffers(&self, max_images: usize) -> Self::Buffers;

    /// Takes images `(B, pixels)` to their code.
    fn forward(&self, x: &[f32], buffers: &mut Self::Buffers);

    /// Logits `(B, K)` and style `(B, S)` of the last images.
    fn code(buffers: &Self::Buffers) -> [&[f32]; 2];

    /// Takes the gradient of the last images' logits `(B, K)`, and of their style `(B, S)`, to the images.
    fn backward(&self, d_logits: &[f32], d_style: Option<&[f32]>, buffers: &mut Self::Buffers, d_x: &mut [f32]);
}

impl Encoder for Engine {
    type Buffers = Workspace;

    fn pixels(&self) -> usize {
        self.spec().pixels()
    }

    fn widths(&self) -> [usize; 2] {
        [self.spec().classes, self.spec().styles]
    }

    fn chunk(&self) -> usize {
        self.batch()
    }

    fn buffers(&self, max_images: usize) -> Workspace {
        Workspace::new(self, max_images)
    }

    fn forward(&self, x: &[f32], buffers: &mut Workspace) {
        self.encode(x, buffers);
    }

    fn code(buffers: &Workspace) -> [&[f32]; 2] {
        [buffers.logits(), buffers.style()]
    }

    fn backward(&self, d_logits: &[f32], d_style: Option<&[f32]>, buffers: &mut Workspace, d_x: &mut [f32]) {
        self.encode_backward(d_logits, d_style, buffers, Some(d_x), None);
    }
}

/// A network whose one output is the logits.
impl Encoder for Network {
    type Buffers = Memory;

    fn pixels(&self) -> usize {
        self.inputs().first().copied().unwrap_or_default()
    }

    fn widths(&self) -> [usize; 2] {
        [self.outputs().first().copied().unwrap_or_default(), 0]
    }

    fn chunk(&self) -> usize {
        self.batch()
    }

    fn bytes_per_image(&self) -> usize {
        Network::bytes_per_image(self)
    }

    fn buffers(&self, max_images: usize) -> Memory {
        Memory::new(self, max_images)
    }

    fn forward(&self, x: &[f32], buffers: &mut Memory) {
        Network::forward(self, &[x], buffers);
    }

    fn code(buffers: &Memory) -> [&[f32]; 2] {
        [buffers.output(0), &[]]
    }

    fn backward(&self, d_logits: &[f32], _: Option<&[f32]>, buffers: &mut Memory, d_x: &mut [f32]) {
        Network::backward(self, &[Some(d_logits)], buffers, &mut [Some(d_x)], None);
    }
}
