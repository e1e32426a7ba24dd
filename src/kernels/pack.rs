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
    /// The rows in the order of the source.
    order: Vec<usize>,
}

impl Packed {
    /// The element at `(k, n)` is `source[rows[k] + columns[n]]`, its column's bias `bias[biases[n]]`; where `biases`
    /// is empty there is none.
    pub(super) fn new(panel: usize, rows: Vec<usize>, columns: Vec<usize>, biases: Vec<usize>) -> Self {
        let width = columns.len().next_multiple_of(panel);
        let (data, bias) = (Buffer::zeroed(rows.len() * width), Buffer::zeroed(width));
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|&k| rows[k]);
        Self { data, bias, panel, rows, columns, biases, order }
    }

    /// Packs `source`; no bias is a bias of zeros.
    pub(super) fn fill(&mut self, source: &[f32], bias: &[f32]) {
        if !bias.is_empty() {
            for (&from, to) in self.biases.iter().zip(self.bias.iter_mut()) {
                *to = bias[from];
            }
        }
        let span = self.columns.iter().max().map_or(0, |last| last + 1);
        // Either way the source is read in its own order, and a row of a panel, a cache line or two, is written whole.
        if span == self.columns.len() {
            for place in 0..self.order.len() {
                let k = self.order[place];
                let source = &source[self.rows[k]..][..span];
                (0..span).step_by(self.panel).for_each(|n| self.fill_row(source, k, n));
            }
        } else {
            for n in (0..self.columns.len()).step_by(self.panel) {
                for place in 0..self.order.len() {
                    let k = self.order[place];
                    self.fill_row(&source[self.rows[k]..], k, n);
                }
            }
        }
    }

    /// Row `k` of the panel that begins at column `n`, from a source that begins at that row.
    fn fill_row(&mut self, source: &[f32], k: usize, n: usize) {
        let columns = &self.columns[n..self.columns.len().min(n + self.panel)];
        let start = n * self.rows.len() + k * self.panel;
        for (to, &column) in self.data[start..start + self.panel].iter_mut().zip(columns) {
            *to = source[column];
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
