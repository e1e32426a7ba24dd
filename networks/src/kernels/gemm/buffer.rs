//! A zeroed buffer of floats that starts on a cache line, so that no vector load of a packed panel straddles two.

use std::ops::{Deref, DerefMut};

const LINE: usize = 64;

/// `len` floats, the first of them at an address that is a multiple of 64.
#[derive(Debug, Default)]
pub(in crate::kernels) struct Buffer {
    floats: Vec<f32>,
    start: usize,
    len: usize,
}

impl Buffer {
    pub(in crate::kernels) fn zeroed(len: usize) -> Self {
        let slack = LINE / size_of::<f32>();
        let floats = vec![0.0; len + slack];
        // `align_offset` may decline to answer (it does under an interpreter); alignment is speed, not correctness.
        let start = floats.as_ptr().align_offset(LINE).min(slack);
        Self { floats, start, len }
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        let mut copy = Self::zeroed(self.len);
        copy.copy_from_slice(self);
        copy
    }
}

impl Deref for Buffer {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        &self.floats[self.start..self.start + self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.floats[self.start..self.start + self.len]
    }
}
