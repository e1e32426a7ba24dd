//! [`Batch`]: the same value of many images.

/// A value of many images, `pitch` floats from one to the next.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct Batch<'a> {
    pub(in crate::kernels) floats: &'a [f32],
    pub(in crate::kernels) pitch: usize,
}

impl<'a> Batch<'a> {
    /// From the first float of an image on.
    pub(super) fn image(self, number: usize) -> &'a [f32] {
        &self.floats[number * self.pitch..]
    }
}

/// The same, to be written.
#[derive(Debug)]
pub(in crate::kernels) struct BatchMut<'a> {
    pub(in crate::kernels) floats: &'a mut [f32],
    pub(in crate::kernels) pitch: usize,
}

impl BatchMut<'_> {
    /// From the first float of an image on.
    pub(super) fn image(&mut self, number: usize) -> &mut [f32] {
        &mut self.floats[number * self.pitch..]
    }
}
