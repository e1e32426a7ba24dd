//! [`Correlation`]: for each tap the sum over the pixels of two maps, channel by channel: the weight gradient of a [`Sweep`](super::sweep::Sweep).
#![expect(unsafe_code, reason = "registers of maps and sums are raw pointers, checked once for all")]

use super::taps::{TOGETHER, Tap, extent};
use crate::kernels::gemm::Grid;
use crate::kernels::simd::{Isa, Kernel, Vector, run};

/// `sums[tap] += sum over pixels p of large[p + tap] * small[p]`, channel by channel.
#[derive(Clone, Debug)]
pub(super) struct Correlation {
    pub(super) counts: [usize; 2],
    pub(super) large: Grid,
    pub(super) small: Grid,
    pub(super) taps: Vec<Tap>,
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

struct Correlating<'a> {
    correlation: &'a Correlation,
    counts: [usize; 3],
    large: &'a [f32],
    small: &'a [f32],
    width: usize,
    sums: &'a mut [f32],
}

// SAFETY: made by `Correlation::add` alone, after its checks, as in a sweep: the last pixel bounds every
// pixel, and the furthest tap every tap.
unsafe impl Kernel for Correlating<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(mut self) {
        for channel in (0..self.width).step_by(V::LANES) {
            for taps in self.correlation.taps.chunks(TOGETHER) {
                // SAFETY: the taps are checked, and the channels are inside a pixel.
                unsafe {
                    if let Some(taps) = taps.first_chunk() {
                        self.taps::<V, TOGETHER>(taps, channel);
                        continue;
                    }
                    for tap in taps {
                        self.taps::<V, 1>(&[*tap], channel);
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
    /// Every tap was checked, a register from `channel` on is inside a pixel, and the machine has `V`'s instructions.
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
