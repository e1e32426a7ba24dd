//! Right-hand matrices, packed into panels for the micro-kernel of [`super::product`].

use std::ops::Range;

use super::buffer::Buffer;

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
}

impl Packed {
    /// The element at `(k, n)` is `source[rows[k] + columns[n]]`, its column's bias `bias[biases[n]]`; where `biases`
    /// is empty there is none.
    pub(super) fn new(panel: usize, rows: Vec<usize>, columns: Vec<usize>, biases: Vec<usize>) -> Self {
        let width = columns.len().next_multiple_of(panel);
        Self { data: Buffer::zeroed(rows.len() * width), bias: Buffer::zeroed(width), panel, rows, columns, biases }
    }

    /// Packs `source`; no bias is a bias of zeros.
    pub(super) fn fill(&mut self, source: &[f32], bias: &[f32]) {
        if !bias.is_empty() {
            for (&from, to) in self.biases.iter().zip(self.bias.iter_mut()) {
                *to = bias[from];
            }
        }
        let (panel, depth) = (self.panel, self.rows.len());
        for (columns, data) in self.columns.chunks(panel).zip(self.data.chunks_exact_mut(panel * depth)) {
            for (row, to) in self.rows.iter().zip(data.chunks_exact_mut(panel)) {
                for (column, to) in columns.iter().zip(to) {
                    *to = source[row + column];
                }
            }
        }
    }

    /// An empty one of this size, without bias, for [`Packed::row_mut`].
    pub(super) fn zeroed(panel: usize, depth: usize, columns: usize) -> Self {
        Self::new(panel, vec![0; depth], vec![0; columns], Vec::new())
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
