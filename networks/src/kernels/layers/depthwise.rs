//! [`Depthwise`]: a convolution of as many groups as channels, of which each sees its own alone (Howard et al. 2017), a register of
//! channels at a time.
//!
//! Forward, every pixel of the small map is a sum over taps of the large one; back, every pixel of the large map is a sum over taps of
//! the small one, in phases as in `up`. Both are a [`Sweep`].

use super::correlation::Correlation;
use super::sweep::Sweep;
use super::taps::Tap;
use super::task::Task;
use crate::kernels::gemm::{Buffer, Finish, Former};
use crate::kernels::simd::Isa;
use crate::kernels::windows::Windows;

/// A weight `[channel][row][column]` and a bias.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct Depthwise {
    isa: Isa,
    forward: Sweep,
    back: Vec<Sweep>,
    gradient: Correlation,
    /// `[row][column][channel]`, each pixel filled up with zeros to whole registers.
    weights: Buffer,
    bias: Buffer,
    taps: usize,
    channels: usize,
}

impl Depthwise {
    /// For the maps of the way forward, and those of the gradients; pixels of all are whole registers.
    pub(in crate::kernels) fn new(isa: Isa, forward: Windows, back: Windows) -> Self {
        let (channels, taps) = (forward.large.channels, forward.taps());
        let width = channels.next_multiple_of(isa.lanes());
        let [_, columns] = forward.kernel;
        let down = |windows: &Windows| -> Vec<Tap> {
            (0..taps)
                .map(|tap| Tap { offset: windows.tap(tap / columns, tap % columns), weight: tap * width })
                .collect()
        };
        let phase = |first: [usize; 2]| {
            let reached = back.reached(first);
            let tap = |&([ky, kx], offset): &([usize; 2], usize)| Tap { offset, weight: (ky * columns + kx) * width };
            Sweep {
                counts: reached.counts,
                input: back.small.grid(reached.origin, [1, 1]),
                output: back.large.grid(first.map(|first| first as isize), back.stride),
                taps: reached.taps.iter().map(tap).collect(),
            }
        };
        Self {
            isa,
            forward: Sweep {
                counts: forward.small.size,
                input: forward.large.grid(forward.origin(), forward.stride),
                output: forward.small.grid([0, 0], [1, 1]),
                taps: down(&forward),
            },
            back: back.phases().map(phase).collect(),
            gradient: Correlation {
                counts: forward.small.size,
                large: forward.large.grid(forward.origin(), forward.stride),
                small: back.small.grid([0, 0], [1, 1]),
                taps: down(&forward),
            },
            weights: Buffer::zeroed(taps * width),
            bias: Buffer::zeroed(width),
            taps,
            channels,
        }
    }

    /// Hands out the packing.
    pub(in crate::kernels) fn fill<'a>(
        &'a mut self,
        weight: &'a [f32],
        bias: &'a [f32],
        mut hand_out: impl FnMut(Task<'a>),
    ) {
        hand_out(Box::new(move || {
            self.bias[..bias.len()].copy_from_slice(bias);
            let width = self.bias.len();
            for (tap, to) in self.weights.chunks_exact_mut(width).enumerate() {
                let weight = weight[tap..].iter().step_by(self.taps);
                to.iter_mut().zip(weight).for_each(|(to, weight)| *to = *weight);
            }
        }));
    }

    pub(in crate::kernels) fn forward(&self, images: usize, input: &[f32], output: &mut [f32], finish: Finish<'_>) {
        self.forward.run(self.isa, images, input, [&self.weights, &self.bias], output, finish);
    }

    /// The gradient of the input from that of the output, and where sums are given the weight gradient, which needs the input.
    pub(in crate::kernels) fn backward(
        &self,
        images: usize,
        [input, d_output]: [&[f32]; 2],
        d_input: Option<(&mut [f32], Finish<'_>)>,
        sums: Option<(Former, &mut [f32])>,
    ) {
        if let Some((d_input, finish)) = d_input {
            for phase in &self.back {
                phase.run(self.isa, images, d_output, [&self.weights, &self.bias], d_input, finish);
            }
        }
        if let Some((former, sums)) = sums {
            former.clear(sums);
            self.gradient.add(self.isa, images, input, d_output, self.bias.len(), sums);
        }
    }

    /// Floats of the sums of a weight gradient, which lie as the packed weights do.
    pub(in crate::kernels) fn sums(&self) -> usize {
        self.weights.len()
    }

    /// Writes sums to a gradient in PyTorch's layout.
    pub(in crate::kernels) fn write_gradient(&self, sums: &[f32], gradient: &mut [f32]) {
        for (tap, sums) in sums.chunks_exact(self.bias.len()).enumerate() {
            let gradient = gradient[tap..].iter_mut().step_by(self.taps);
            gradient.zip(&sums[..self.channels]).for_each(|(to, sum)| *to = *sum);
        }
    }
}
