//! The matrix product behind every layer: `output[r][n] = finish(sum over k of input[r][k] * weights[k][n])`.
//!
//! The rows of the input are gathered: row `r` is a few runs of contiguous floats, at the same distances for every
//! row ([`Runs`]). A 5x5 window over a channels-last map is five runs; a row of a plain matrix is one.
//!
//! Loops, outermost first: blocks of rows; blocks of depth, so that one panel's block of weights stays in the first
//! cache; panels of columns; tiles of rows, each one call of the micro-kernel, whose sums stay in registers for the
//! whole block of depth. Between blocks of depth the partial sums rest in the output.
#![expect(unsafe_code, reason = "the micro-kernel reads and writes through raw pointers")]

use super::isa::{Isa, Kind};
use super::map::Grid;
use super::pack::Panels;
#[cfg(target_arch = "x86_64")]
use super::vector::{Avx2, Avx512};
use super::vector::{Portable, Vector};

/// Rows whose offsets are worked out at once: a multiple of every tile height.
const ROWS: usize = 96;
/// Depth of a block of weights.
const DEPTH: usize = 256;

/// The depth of a row: `count` runs of `length` floats, `stride` apart.
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

    /// Floats from the first of a row to behind the last.
    const fn extent(self) -> usize {
        (self.count - 1) * self.stride + self.length
    }

    /// The blocks of at most [`DEPTH`] (or one part of a run): offset in the row and runs.
    fn blocks(self) -> impl Iterator<Item = (usize, Self)> {
        let parts = self.length.div_ceil(DEPTH);
        let part = self.length.div_ceil(parts);
        let together = (DEPTH / self.length).max(1);
        (0..self.count).step_by(together).flat_map(move |run| {
            (0..parts).map(move |index| {
                let from = index * part;
                let count = together.min(self.count - run);
                (run * self.stride + from, Self { count, length: part.min(self.length - from), stride: self.stride })
            })
        })
    }
}

/// What happens to a finished sum.
#[derive(Clone, Copy, Debug)]
pub(super) enum Finish<'a> {
    /// Nothing.
    Keep,
    /// The bias of the packed matrix is added.
    Bias,
    /// The same, then ReLU.
    BiasRelu,
    /// Zero where this buffer, laid out like the output, is not positive: the way back through ReLU.
    Gate(&'a [f32]),
}

/// Which rows there are (`[images, rows, columns]`) and where their inputs and outputs lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    pub(super) counts: [usize; 3],
    pub(super) input: Grid,
    pub(super) output: Grid,
}

impl Rows {
    const fn last(self) -> [usize; 3] {
        [self.counts[0] - 1, self.counts[1] - 1, self.counts[2] - 1]
    }
}

/// Multiplies. A panel that reaches beyond the last column writes zeros (or the finish of zero) there, so an output row
/// must have room for whole panels; [`Panels::width`] has that width.
///
/// # Panics
/// When a row would lie outside its slice.
pub(super) fn multiply(
    isa: Isa,
    rows: Rows,
    runs: Runs,
    input: &[f32],
    weights: Panels<'_>,
    output: &mut [f32],
    finish: Finish<'_>,
) {
    if rows.counts.contains(&0) {
        return;
    }
    assert_eq!(runs.count * runs.length, weights.depth(), "depth of the product");
    assert_eq!(isa.panel(), weights.panel(), "panels packed for another instruction set");
    assert!(rows.input.at(rows.last()) + runs.extent() <= input.len(), "input of the product is too short");
    assert!(rows.output.at(rows.last()) + weights.width() <= output.len(), "output of the product is too short");
    if let Finish::Gate(gate) = finish {
        assert_eq!(gate.len(), output.len(), "the gate is laid out like the output");
    }
    let job = Job { rows, runs, input, weights, finish };
    // SAFETY: strides are not negative, so the asserts above bound every row by its last; the packed matrix holds
    // `depth * columns` weights in panels of this width, and `columns` biases. An `Isa` is proof of the instructions.
    unsafe {
        match isa.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => avx512(&job, output),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => avx2(&job, output),
            Kind::Portable => blocks::<Portable, 4>(&job, output),
        }
    }
}

struct Job<'a> {
    rows: Rows,
    runs: Runs,
    input: &'a [f32],
    weights: Panels<'a>,
    finish: Finish<'a>,
}

/// # Safety
/// The checks of the caller hold, and the machine has AVX-512F, AVX2 and FMA.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx2,fma")]
unsafe fn avx512(job: &Job<'_>, output: &mut [f32]) {
    // SAFETY: the same demands, and the instructions are those of this function.
    unsafe { blocks::<Avx512, 12>(job, output) }
}

/// # Safety
/// The checks of the caller hold, and the machine has AVX2 and FMA.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2(job: &Job<'_>, output: &mut [f32]) {
    // SAFETY: the same demands, and the instructions are those of this function.
    unsafe { blocks::<Avx2, 6>(job, output) }
}

/// # Safety
/// The asserts of [`multiply`] hold, and the machine has `V`'s instructions.
#[inline(always)]
unsafe fn blocks<V: Vector, const MR: usize>(job: &Job<'_>, output: &mut [f32]) {
    let Rows { counts: [images, height, width], input, output: out } = job.rows;
    let total = images * height * width;
    let panel = 2 * V::LANES;
    let mut position = [0, 0, 0];
    let (mut from, mut to) = ([0; ROWS], [0; ROWS]);
    for first in (0..total).step_by(ROWS) {
        let count = ROWS.min(total - first);
        for row in 0..count {
            (from[row], to[row]) = (input.at(position), out.at(position));
            advance(&mut position, height, width);
        }
        // The last tile is filled up with copies of the last row, which are read and never written.
        for row in count..count.next_multiple_of(MR) {
            (from[row], to[row]) = (from[count - 1], to[count - 1]);
        }
        let mut depth = 0;
        for (offset, runs) in job.runs.blocks() {
            let (start, end) = (depth == 0, depth + runs.count * runs.length == job.weights.depth());
            for column in (0..job.weights.width()).step_by(panel) {
                // SAFETY: the panel at `column` begins `column * depth` floats in; `depth` rows of it lie before.
                let weights = unsafe { job.weights.data().as_ptr().add(column * job.weights.depth() + depth * panel) };
                for tile in (0..count).step_by(MR) {
                    let rows = MR.min(count - tile);
                    let Some(to) = to[tile..].first_chunk::<MR>() else { continue };
                    // SAFETY: every offset in `from` and `to` was made from a position inside `counts`.
                    unsafe {
                        let source: [*const f32; MR] =
                            std::array::from_fn(|row| job.input.as_ptr().add(from[tile + row] + offset));
                        let target: [*mut f32; MR] =
                            std::array::from_fn(|row| output.as_mut_ptr().add(to[row] + column));
                        let mut sums = if start { [[V::zero(); 2]; MR] } else { load::<V, MR>(target) };
                        accumulate::<V, MR>(&mut sums, source, runs, weights);
                        if end {
                            finish::<V, MR>(&mut sums, job, to, column);
                        }
                        store::<V, MR>(sums, target, rows);
                    }
                }
            }
            depth += runs.count * runs.length;
        }
    }
}

#[inline(always)]
fn advance([image, y, x]: &mut [usize; 3], height: usize, width: usize) {
    *x += 1;
    if *x == width {
        (*x, *y) = (0, *y + 1);
        if *y == height {
            (*y, *image) = (0, *image + 1);
        }
    }
}

/// The micro-kernel: `MR` rows by two registers of columns.
///
/// # Safety
/// Every row has the runs' extent of floats behind it, the weights a panel for each step of depth, and the machine has
/// `V`'s instructions.
#[inline(always)]
unsafe fn accumulate<V: Vector, const MR: usize>(
    sums: &mut [[V; 2]; MR],
    rows: [*const f32; MR],
    runs: Runs,
    mut weights: *const f32,
) {
    for run in 0..runs.count {
        for k in run * runs.stride..run * runs.stride + runs.length {
            // SAFETY: `k` stays inside the row's extent, and the panel has two registers for each step of depth.
            unsafe {
                let (left, right) = (V::load(weights), V::load(weights.add(V::LANES)));
                for row in 0..MR {
                    let value = V::splat(rows[row].add(k));
                    sums[row][0] = sums[row][0].add_product(value, left);
                    sums[row][1] = sums[row][1].add_product(value, right);
                }
                weights = weights.add(2 * V::LANES);
            }
        }
    }
}

/// # Safety
/// Every pointer has two registers of floats behind it, and the machine has `V`'s instructions.
#[inline(always)]
unsafe fn load<V: Vector, const MR: usize>(from: [*mut f32; MR]) -> [[V; 2]; MR] {
    // SAFETY: a register only; the caller has the instructions.
    let mut sums = [[unsafe { V::zero() }; 2]; MR];
    // A loop and not `map`, whose closure is not inlined into code for other instructions.
    for (sums, row) in sums.iter_mut().zip(from) {
        // SAFETY: each pointer has a panel's width behind it.
        *sums = unsafe { [V::load(row), V::load(row.add(V::LANES))] };
    }
    sums
}

/// # Safety
/// As [`load`], for the first `rows` pointers.
#[inline(always)]
unsafe fn store<V: Vector, const MR: usize>(sums: [[V; 2]; MR], to: [*mut f32; MR], rows: usize) {
    for row in 0..MR {
        if row < rows {
            // SAFETY: each pointer has a panel's width behind it.
            unsafe {
                sums[row][0].store(to[row]);
                sums[row][1].store(to[row].add(V::LANES));
            }
        }
    }
}

/// # Safety
/// The asserts of [`multiply`] hold, `to` and `column` are inside the output, and the machine has `V`'s instructions.
#[inline(always)]
unsafe fn finish<V: Vector, const MR: usize>(sums: &mut [[V; 2]; MR], job: &Job<'_>, to: &[usize; MR], column: usize) {
    match job.finish {
        Finish::Keep => {}
        Finish::Bias | Finish::BiasRelu => {
            // SAFETY: the packed bias is as wide as all panels together.
            let bias = unsafe { job.weights.bias().as_ptr().add(column) };
            // SAFETY: as above; `column` begins a panel of two registers.
            let bias = unsafe { [V::load(bias), V::load(bias.add(V::LANES))] };
            let relu = matches!(job.finish, Finish::BiasRelu);
            for row in sums {
                for half in 0..2 {
                    // SAFETY: registers only; the caller has the instructions.
                    unsafe {
                        let sum = row[half].add(bias[half]);
                        row[half] = if relu { sum.relu() } else { sum };
                    }
                }
            }
        }
        Finish::Gate(gate) => {
            for (row, &to) in sums.iter_mut().zip(to) {
                // SAFETY: the gate is as long as the output, in which this row lies.
                unsafe {
                    let gate = gate.as_ptr().add(to + column);
                    row[0] = row[0].gated_by(V::load(gate));
                    row[1] = row[1].gated_by(V::load(gate.add(V::LANES)));
                }
            }
        }
    }
}
