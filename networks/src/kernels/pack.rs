//! Right-hand matrices, packed into panels for the micro-kernel of [`super::product`].
#![expect(unsafe_code, reason = "reads at offsets that were checked once for all")]

use std::ops::Range;

use super::buffer::Buffer;

/// Rows of a source that fit the first cache.
const ROWS: usize = 8;

/// A `depth x columns` matrix as panels of a few columns: `[panel][depth][column in panel]`, the last panel filled up
/// with zeros; and a bias for each column. It remembers where its elements come from, so that it can be packed again
/// after an optimiser's step.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    data: Buffer,
    bias: Buffer,
    panel: usize,
    rows: Vec<usize>,
    columns: Vec<usize>,
    biases: Vec<usize>,
    /// Distance in the source from one column of a panel to the next.
    step: usize,
    /// Floats of a source that reaches all elements.
    reach: usize,
}

impl Packed {
    /// The element at `(k, n)` is `source[rows[k] + columns[n]]`, its column's bias `bias[biases[n]]`; where `biases`
    /// is empty there is none.
    ///
    /// # Panics
    /// When the columns of a panel are not evenly spaced.
    pub(super) fn new(panel: usize, rows: Vec<usize>, columns: Vec<usize>, biases: Vec<usize>) -> Self {
        let width = columns.len().next_multiple_of(panel);
        let (data, bias) = (Buffer::zeroed(rows.len() * width), Buffer::zeroed(width));
        let last = |offsets: &[usize]| offsets.iter().max().copied();
        let reach = last(&rows).zip(last(&columns)).map_or(0, |(row, column)| row + column + 1);
        let step = columns.get(1).map_or(1, |second| second - columns[0]);
        let even = |panel: &[usize]| panel.windows(2).all(|pair| pair[1] - pair[0] == step);
        assert!(columns.chunks(panel).all(even), "the columns of a panel are evenly spaced");
        Self { data, bias, panel, rows, columns, biases, step, reach }
    }

    /// Packs `source`; no bias is a bias of zeros.
    pub(super) fn fill(&mut self, source: &[f32], bias: &[f32]) {
        if !bias.is_empty() {
            for (&from, to) in self.biases.iter().zip(self.bias.iter_mut()) {
                *to = bias[from];
            }
        }
        assert!(source.len() >= self.reach, "a source that is too short to pack");
        // Where the columns lie close together, a few rows of the source serve all panels before the next few are read.
        let dense = self.columns.iter().all(|&column| column < self.columns.len());
        let together = if dense { ROWS } else { self.rows.len() };
        for first in (0..self.rows.len()).step_by(together) {
            let rows = first..self.rows.len().min(first + together);
            for n in (0..self.columns.len()).step_by(self.panel) {
                rows.clone().for_each(|k| self.fill_row(source, k, n));
            }
        }
    }

    /// Row `k` of the panel that begins at column `n`; the source has been found to reach all elements.
    #[inline(always)]
    fn fill_row(&mut self, source: &[f32], k: usize, n: usize) {
        let width = self.panel.min(self.columns.len() - n);
        let (from, start) = (self.rows[k] + self.columns[n], n * self.rows.len() + k * self.panel);
        let to = &mut self.data[start..start + width];
        if self.step == 1 {
            to.copy_from_slice(&source[from..from + width]);
            return;
        }
        for (place, to) in to.iter_mut().enumerate() {
            debug_assert!(from + place * self.step < source.len());
            // SAFETY: the columns of a panel are `step` apart, as `new` has seen, so this is an element, below `reach`;
            // and `fill` has checked that the source is at least as long.
            *to = unsafe { *source.get_unchecked(from + place * self.step) };
        }
    }

    /// An empty one of this size, without bias, for [`Packed::row_mut`].
    pub(super) fn zeroed(panel: usize, depth: usize, columns: usize) -> Self {
        Self::new(panel, vec![0; depth], (0..columns).collect(), Vec::new())
    }

    /// The elements from `(k, n)` on that lie in one panel.
    pub(super) fn row_mut(&mut self, k: usize, n: usize) -> &mut [f32] {
        let start = n / self.panel * self.panel * self.rows.len() + k * self.panel;
        &mut self.data[start + n % self.panel..start + self.panel]
    }

    /// All panels.
    pub(super) fn all(&self) -> Panels<'_> {
        self.columns(0..self.columns.len())
    }

    /// The panels of these columns; the first must begin a panel.
    pub(super) fn columns(&self, columns: Range<usize>) -> Panels<'_> {
        assert_eq!(columns.start % self.panel, 0, "a range of columns begins a panel");
        let columns = columns.start..columns.end.next_multiple_of(self.panel);
        let depth = self.rows.len();
        let data = &self.data[columns.start * depth..columns.end * depth];
        Panels { data, bias: &self.bias[columns], depth, panel: self.panel }
    }
}

/// Whole panels of a packed matrix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panels<'a> {
    data: &'a [f32],
    bias: &'a [f32],
    depth: usize,
    panel: usize,
}

impl<'a> Panels<'a> {
    pub(super) fn depth(self) -> usize {
        self.depth
    }

    /// Columns, rounded up to whole panels.
    pub(super) fn width(self) -> usize {
        self.bias.len()
    }

    /// Columns of one panel.
    pub(super) fn panel(self) -> usize {
        self.panel
    }

    /// `depth * width` weights.
    pub(super) fn data(self) -> &'a [f32] {
        self.data
    }

    /// `width` biases.
    pub(super) fn bias(self) -> &'a [f32] {
        self.bias
    }
}
