//! Right-hand matrices, packed into panels for the micro-kernel of [`super::product`].
#![expect(unsafe_code, reason = "reads at offsets that were checked once for all")]

use super::buffer::Buffer;

/// Rows of a source that fit the first cache.
const ROWS: usize = 8;
/// In place of a row's or a column's offset: there is none, and its elements are zeros.
pub(in crate::kernels) const PAD: usize = usize::MAX;

/// A `depth x columns` matrix as panels of two registers: `[panel][depth][column in panel]`, filled up with zeros to whole
/// registers, so that the last panel may be one register wide; and a bias for each column. It remembers where its elements come
/// from, so that it can be packed again after an optimiser's step.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct Packed {
    data: Buffer,
    bias: Buffer,
    panel: usize,
    rows: Vec<usize>,
    columns: Vec<usize>,
    biases: Vec<usize>,
    /// Distance in the source from one column of a panel to the next, where all are evenly spaced.
    step: Option<usize>,
    /// Floats of a source that reaches all elements.
    reach: usize,
}

impl Packed {
    /// The element at `(k, n)` is `source[rows[k] + columns[n]]`, its column's bias `bias[biases[n]]`; where `biases`
    /// is empty there is none. Offsets may be [`PAD`].
    pub(in crate::kernels) fn new(panel: usize, rows: Vec<usize>, columns: Vec<usize>, biases: Vec<usize>) -> Self {
        let width = columns.len().next_multiple_of(panel / 2);
        let (data, bias) = (Buffer::zeroed(rows.len() * width), Buffer::zeroed(width));
        let last = |offsets: &[usize]| offsets.iter().filter(|offset| **offset != PAD).max().copied();
        let reach = last(&rows).zip(last(&columns)).map_or(0, |(row, column)| row + column + 1);
        let step = columns.get(1).map_or(1, |second| second.wrapping_sub(columns[0]));
        let even = |panel: &[usize]| panel.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == step);
        let step = (!columns.contains(&PAD) && columns.chunks(panel).all(even)).then_some(step);
        Self { data, bias, panel, rows, columns, biases, step, reach }
    }

    /// Packs `source`; no bias is a bias of zeros.
    ///
    /// # Panics
    /// When the source does not reach all elements.
    pub(in crate::kernels) fn fill(&mut self, source: &[f32], bias: &[f32]) {
        if !bias.is_empty() {
            for (&from, to) in self.biases.iter().zip(self.bias.iter_mut()).filter(|(from, _)| **from != PAD) {
                *to = bias[from];
            }
        }
        assert!(source.len() >= self.reach, "a source that is too short to pack");
        // Where the columns lie close together, a few rows of the source serve all panels before the next few are read.
        let dense = self.columns.iter().all(|&column| column < self.columns.len());
        let together = if dense { ROWS } else { self.rows.len().max(1) };
        let Self { data, panel, rows, columns, step, .. } = self;
        let (depth, width) = (rows.len(), self.bias.len());
        for first in (0..depth).step_by(together) {
            for (n, columns) in (0..).step_by(*panel).zip(columns.chunks(*panel)) {
                // A panel of one register is the last one.
                let wide = (*panel).min(width - n);
                let rows = &rows[first..depth.min(first + together)];
                let to = &mut data[n * depth + first * wide..][..rows.len() * wide];
                for (&row, to) in rows.iter().zip(to.chunks_exact_mut(wide)).filter(|(row, _)| **row != PAD) {
                    fill_row(source, row, columns, *step, to);
                }
            }
        }
    }

    /// Where row `k` of the panel of column `n` begins; a panel of one register is the last one.
    fn place(&self, k: usize, n: usize) -> usize {
        let start = n / self.panel * self.panel;
        start * self.rows.len() + k * self.panel.min(self.bias.len() - start)
    }

    /// An empty one of this size, without bias, for [`Packed::set`].
    pub(in crate::kernels) fn zeroed(panel: usize, depth: usize, columns: usize) -> Self {
        Self::new(panel, vec![0; depth], (0..columns).collect(), Vec::new())
    }

    /// Writes the first `count` of these elements of row `k`, from column `n` on.
    pub(in crate::kernels) fn set<const N: usize>(&mut self, k: usize, n: usize, values: &[f32; N], count: usize) {
        let place = self.place(k, n) + n % self.panel;
        let width = self.panel.min(self.bias.len() - n / self.panel * self.panel);
        // Mostly all are wanted, and in one panel: a copy of known length.
        if count == N && n % self.panel + N <= width {
            self.data[place..place + N].copy_from_slice(values);
            return;
        }
        for (n, value) in (n..).zip(&values[..count]) {
            let place = self.place(k, n) + n % self.panel;
            self.data[place] = *value;
        }
    }

    /// Its panels.
    pub(in crate::kernels) fn all(&self) -> Panels<'_> {
        Panels { data: &self.data, bias: &self.bias, depth: self.rows.len(), panel: self.panel }
    }
}

/// One row of a panel; the source has been found to reach all elements.
#[inline(always)]
fn fill_row(source: &[f32], row: usize, columns: &[usize], step: Option<usize>, to: &mut [f32]) {
    match step {
        Some(1) => to[..columns.len()].copy_from_slice(&source[row + columns[0]..][..columns.len()]),
        Some(step) => {
            let from = row + columns[0];
            for (place, to) in to[..columns.len()].iter_mut().enumerate() {
                debug_assert!(from + place * step < source.len());
                // SAFETY: the columns of a panel are `step` apart, as `new` has seen, so this is an element, below `reach`; and
                // `fill` has checked that the source is at least as long.
                *to = unsafe { *source.get_unchecked(from + place * step) };
            }
        }
        None => {
            for (&column, to) in columns.iter().zip(to).filter(|(column, _)| **column != PAD) {
                *to = source[row + column];
            }
        }
    }
}

/// The panels of a packed matrix.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct Panels<'a> {
    data: &'a [f32],
    bias: &'a [f32],
    depth: usize,
    panel: usize,
}

impl<'a> Panels<'a> {
    pub(super) fn depth(self) -> usize {
        self.depth
    }

    /// Columns, rounded up to whole registers.
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
