//! The inputs of one row of a product: a few runs of contiguous floats.
//!
//! A 5x5 window over a channels-last map is five runs; a row of a plain matrix is one.

/// `count` runs of `length` floats, `stride` apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runs {
    pub(super) count: usize,
    pub(super) length: usize,
    pub(super) stride: usize,
}

impl Runs {
    /// A row of a plain matrix.
    pub(super) const fn one(length: usize) -> Self {
        Self { count: 1, length, stride: 0 }
    }

    /// Floats of all runs.
    pub(super) const fn depth(self) -> usize {
        self.count * self.length
    }

    /// Floats from the first to behind the last.
    pub(super) const fn extent(self) -> usize {
        (self.count - 1) * self.stride + self.length
    }

    /// Blocks of at most `depth` (or one part of a run): offset in the row and runs.
    pub(super) fn blocks(self, depth: usize) -> impl Iterator<Item = (usize, Self)> {
        let parts = self.length.div_ceil(depth);
        let part = self.length.div_ceil(parts);
        let together = (depth / self.length).max(1);
        (0..self.count).step_by(together).flat_map(move |run| {
            (0..parts).map(move |index| {
                let from = index * part;
                let count = together.min(self.count - run);
                (run * self.stride + from, Self { count, length: part.min(self.length - from), stride: self.stride })
            })
        })
    }
}
