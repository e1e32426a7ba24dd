//! The inputs of one row of a product: a few runs of contiguous floats.
//!
//! A 5x5 window over a channels-last map is five runs; a row of a plain matrix is one.

/// Runs of `length` floats, which begin at these offsets.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct Runs<'a> {
    pub(in crate::kernels) offsets: &'a [usize],
    pub(in crate::kernels) length: usize,
}

impl Runs<'static> {
    /// A row of a plain matrix.
    pub(in crate::kernels) const fn one(length: usize) -> Self {
        Self { offsets: &[0], length }
    }
}

impl Runs<'_> {
    /// Floats of all runs.
    pub(in crate::kernels) const fn depth(self) -> usize {
        self.offsets.len() * self.length
    }

    /// Floats from a row's place to behind the last of its floats.
    pub(in crate::kernels) fn extent(self) -> usize {
        self.offsets.iter().max().map_or(0, |last| last + self.length)
    }

    /// Blocks of at most `depth` (or one part of a run): offset in each run, and runs.
    pub(in crate::kernels) fn blocks(self, depth: usize) -> impl Iterator<Item = (usize, Self)> {
        let parts = self.length.div_ceil(depth);
        let part = self.length.div_ceil(parts.max(1));
        let together = (depth / self.length.max(1)).max(1);
        self.offsets.chunks(together).flat_map(move |offsets| {
            (0..parts).map(move |index| {
                let from = index * part;
                (from, Self { offsets, length: part.min(self.length - from) })
            })
        })
    }
}
