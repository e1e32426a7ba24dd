//! [`Sweep`] and [`Correlation`]: sums over taps of maps, channel by channel, a register of channels at a time.
#![expect(unsafe_code, reason = "registers of maps and weights are raw pointers, checked once for all")]

use crate::kernels::gemm::{Finish, Grid};
use crate::kernels::simd::{Isa, Kernel, Vector, run};

/// Pixels, or taps, whose sums are kept in registers side by side.
const TOGETHER: usize = 4;

/// Where a tap's pixel lies behind a window's first, and its weights behind those of the first tap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tap {
    pub(super) offset: usize,
    pub(super) weight: usize,
}

/// `output[p] = finish(sum over taps of input[p + tap] * weight[tap])`, channel by channel, for a grid of pixels `p`.
#[derive(Clone, Debug)]
pub(super) struct Sweep {
    /// Rows and columns of pixels.
    pub(super) counts: [usize; 2],
    pub(super) input: Grid,
    pub(super) output: Grid,
    pub(super) taps: Vec<Tap>,
}

/// `sums[tap] += sum over pixels p of large[p + tap] * small[p]`, channel by channel.
#[derive(Clone, Debug)]
pub(super) struct Correlation {
    pub(super) counts: [usize; 2],
    pub(super) large: Grid,
    pub(super) small: Grid,
    pub(super) taps: Vec<Tap>,
}

/// Floats from the first pixel to behind `width` channels of the last one of `images` maps.
///
/// # Panics
/// Where there are so many that they cannot be counted.
fn extent(grid: Grid, [images, rows, columns]: [usize; 3], taps: &[Tap], width: usize) -> usize {
    let furthest = taps.iter().map(|tap| tap.offset).max().unwrap_or(0);
    let last = grid.checked([images - 1, rows - 1, columns - 1]);
    let end = last.and_then(|last| last.checked_add(furthest + width));
    assert!(end.is_some(), "a window before the beginning of its map");
    end.unwrap_or(usize::MAX)
}

impl Sweep {
    /// Runs over `images` maps, with the weights of all taps and the bias, whose length is that of a pixel in whole registers.
    ///
    /// # Panics
    /// When a register would lie outside its slice.
    pub(super) fn run(
        &self,
        isa: Isa,
        images: usize,
        input: &[f32],
        [weights, bias]: [&[f32]; 2],
        output: &mut [f32],
        finish: Finish<'_>,
    ) {
        let (counts, width) = ([images, self.counts[0], self.counts[1]], bias.len());
        if counts.contains(&0) {
            return;
        }
        assert!(width.is_multiple_of(isa.lanes()), "pixels are whole registers");
        assert!(extent(self.input, counts, &self.taps, width) <= input.len(), "input of the sums is too short");
        assert!(extent(self.output, counts, &[], width) <= output.len(), "output of the sums is too short");
        assert!(self.taps.iter().all(|tap| tap.weight + width <= weights.len()), "too few weights");
        finish.check(output);
        run(isa, Sweeping { sweep: self, images, input, weights, bias, output, finish });
    }
}

impl Correlation {
    /// Adds those of `images` pairs of maps. A pixel is `width` floats; the sums lie as the weights of the taps do.
    ///
    /// # Panics
    /// When a register would lie outside its slice.
    pub(super) fn add(&self, isa: Isa, images: usize, large: &[f32], small: &[f32], width: usize, sums: &mut [f32]) {
        let counts = [images, self.counts[0], self.counts[1]];
        if counts.contains(&0) {
            return;
        }
        assert!(width.is_multiple_of(isa.lanes()), "pixels are whole registers");
        assert!(extent(self.large, counts, &self.taps, width) <= large.len(), "the large maps are too short");
        assert!(extent(self.small, counts, &[], width) <= small.len(), "the small maps are too short");
        assert!(self.taps.iter().all(|tap| tap.weight + width <= sums.len()), "too few sums");
        run(isa, Correlating { correlation: self, counts, large, small, width, sums });
    }
}

struct Sweeping<'a> {
    sweep: &'a Sweep,
    images: usize,
    input: &'a [f32],
    weights: &'a [f32],
    bias: &'a [f32],
    output: &'a mut [f32],
    finish: Finish<'a>,
}

// SAFETY: made by `Sweep::run` alone, after its checks: strides are not negative, so the last pixel bounds every pixel, and the furthest
// tap every tap.
unsafe impl Kernel for Sweeping<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(mut self) {
        let [rows, columns] = self.sweep.counts;
        for image in 0..self.images {
            for y in 0..rows {
                for channel in (0..self.bias.len()).step_by(V::LANES) {
                    let mut x = 0;
                    while x < columns {
                        // SAFETY: the pixels are inside `counts`, and the channels inside a pixel.
                        x += unsafe {
                            if columns - x >= TOGETHER {
                                self.pixels::<V, TOGETHER>([image, y, x], channel)
                            } else {
                                self.pixels::<V, 1>([image, y, x], channel)
                            }
                        };
                    }
                }
            }
        }
    }
}

impl Sweeping<'_> {
    /// The sums of `N` pixels of a row, for a register of channels.
    ///
    /// # Safety
    /// The pixels are inside `counts`, a register from `channel` on is inside a pixel, and the machine has `V`'s instructions.
    #[inline(always)]
    unsafe fn pixels<V: Vector, const N: usize>(&mut self, first: [usize; 3], channel: usize) -> usize {
        let Sweep { input, output, taps, .. } = self.sweep;
        let (from, to) = (input.at(first) + channel, output.at(first) + channel);
        // SAFETY: the caller vouches for pixels and channels, and every tap was checked.
        unsafe {
            let (source, target) = (self.input.as_ptr(), self.output.as_mut_ptr());
            let mut sums = [V::zero(); N];
            if self.finish.adds() {
                for (at, sum) in sums.iter_mut().enumerate() {
                    *sum = V::load(target.add(to + at * output.strides[2]));
                }
            }
            for tap in taps {
                let weight = V::load(self.weights.as_ptr().add(tap.weight + channel));
                for (at, sum) in sums.iter_mut().enumerate() {
                    *sum = sum.add_product(weight, V::load(source.add(from + at * input.strides[2] + tap.offset)));
                }
            }
            let bias = V::load(self.bias.as_ptr().add(channel));
            for (at, sum) in sums.iter().enumerate() {
                let at = to + at * output.strides[2];
                self.finish.apply(*sum, bias, at).store(target.add(at));
            }
        }
        N
    }
}

struct Correlating<'a> {
    correlation: &'a Correlation,
    counts: [usize; 3],
    large: &'a [f32],
    small: &'a [f32],
    width: usize,
    sums: &'a mut [f32],
}

// SAFETY: made by `Correlation::add` alone, after its checks, as in `Sweeping`.
unsafe impl Kernel for Correlating<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(mut self) {
        for channel in (0..self.width).step_by(V::LANES) {
            for taps in self.correlation.taps.chunks(TOGETHER) {
                // SAFETY: the taps are checked, and the channels are inside a pixel.
                unsafe {
                    match taps.first_chunk() {
                        Some(taps) => self.taps::<V, TOGETHER>(taps, channel),
                        None => taps.iter().for_each(|tap| self.taps::<V, 1>(&[*tap], channel)),
                    }
                }
            }
        }
    }
}

impl Correlating<'_> {
    /// Adds to the sums of `N` taps, for a register of channels.
    ///
    /// # Safety
    /// As for [`Sweeping::pixels`].
    #[inline(always)]
    unsafe fn taps<V: Vector, const N: usize>(&mut self, taps: &[Tap; N], channel: usize) {
        let Correlation { large, small, .. } = self.correlation;
        let [images, rows, columns] = self.counts;
        // SAFETY: every pixel is inside `counts`, and every tap was checked.
        unsafe {
            let mut sums = [V::zero(); N];
            for (sum, tap) in sums.iter_mut().zip(taps) {
                *sum = V::load(self.sums.as_ptr().add(tap.weight + channel));
            }
            for image in 0..images {
                for y in 0..rows {
                    for x in 0..columns {
                        let position = [image, y, x];
                        let slope = V::load(self.small.as_ptr().add(small.at(position) + channel));
                        let from = self.large.as_ptr().add(large.at(position) + channel);
                        for (sum, tap) in sums.iter_mut().zip(taps) {
                            *sum = sum.add_product(slope, V::load(from.add(tap.offset)));
                        }
                    }
                }
            }
            for (sum, tap) in sums.iter().zip(taps) {
                sum.store(self.sums.as_mut_ptr().add(tap.weight + channel));
            }
        }
    }
}
