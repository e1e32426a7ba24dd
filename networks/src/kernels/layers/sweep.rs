//! [`Sweep`]: sums over taps of a map, channel by channel, a register of channels at a time.
#![expect(unsafe_code, reason = "registers of maps and weights are raw pointers, checked once for all")]

use super::taps::{TOGETHER, Tap, extent};
use crate::kernels::gemm::{Finish, Grid};
use crate::kernels::simd::{Isa, Kernel, Vector, run};

/// `output[p] = finish(sum over taps of input[p + tap] * weight[tap])`, channel by channel, for a grid of pixels `p`.
#[derive(Clone, Debug)]
pub(super) struct Sweep {
    /// Rows and columns of pixels.
    pub(super) counts: [usize; 2],
    pub(super) input: Grid,
    pub(super) output: Grid,
    pub(super) taps: Vec<Tap>,
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
