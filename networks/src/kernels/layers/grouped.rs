//! [`Grouped`]: a convolution whose channels are divided into groups, each of which sees its own only. It is cut into parts of a few
//! groups, each a convolution of its own on channels that are copied out of the maps and back.
//!
//! A part of more than one group has the weights of its groups and zeros between them: a convolution of very few channels would leave
//! most of a register idle.

use std::fmt;

use super::scratch::Scratch;
use super::task::Task;
use super::windowed::Windowed;
use crate::kernels::elementwise::copy_channels;
use crate::kernels::gemm::{Finish, Former};
use crate::kernels::map::Map;
use crate::kernels::simd::Isa;
use crate::kernels::windows::Windows;

/// The most channels of a part of several groups.
const TOGETHER: usize = 32;

/// The parts of a grouped convolution.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct Grouped {
    /// Which of the network's layers it is.
    number: usize,
    parts: Vec<Windowed>,
    /// The maps of a part, and how its windows lie.
    part: Windows,
    /// Groups of a part.
    groups: usize,
    /// The maps of all channels: forward and back, large and small.
    whole: [[Map; 2]; 2],
}

/// The names of the algorithms of a part, forward and back.
impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} parts", self.parts.len())?;
        self.parts.first().map_or(Ok(()), |part| write!(f, " by {part}"))
    }
}

impl Grouped {
    pub(in crate::kernels) fn new(isa: Isa, number: usize, groups: usize, forward: Windows, back: Windows) -> Self {
        let channels = [forward.large.channels / groups, forward.small.channels / groups];
        let fits =
            |&together: &usize| groups.is_multiple_of(together) && together * channels[0].max(channels[1]) <= TOGETHER;
        let together = (1..=groups.min(TOGETHER)).rev().find(fits).unwrap_or(1);
        let map = |map: Map, channels: usize| {
            let channels = channels * together;
            let pixel = channels.next_multiple_of(isa.lanes());
            Map::image([channels, map.size[0], map.size[1]], pixel)
        };
        let [large, small] = [map(forward.large, channels[0]), map(forward.small, channels[1])];
        let bare = Windows { large, small, ..forward };
        let [down, up] = [[0, 1].map(|way| bare.reach(way)), [0, 1].map(|way| bare.reach_up(way))];
        let bordered =
            |map: Map, reach: [[usize; 2]; 2]| map.bordered(reach.map(|way| way[0]), reach.map(|way| way[1]));
        let part = Windows { large: bordered(large, down), small: bordered(small, up), ..forward };
        Self {
            number,
            parts: vec![Windowed::new(isa, number, false, part, part, false); groups / together],
            part,
            groups: together,
            whole: [[forward.large, forward.small], [back.large, back.small]],
        }
    }

    /// Weights of one group, and of a part of the packed kind.
    fn weights(&self) -> [usize; 2] {
        let Windows { large, small, .. } = self.part;
        let of_part = large.channels * small.channels * self.part.taps();
        [of_part / (self.groups * self.groups), of_part]
    }

    /// Calls with every run of weights of a part: where it begins among those of the part's groups, and in those of the part.
    fn each_run(&self, mut call: impl FnMut(usize, usize, usize)) {
        let Windows { large, small, .. } = self.part;
        let length = large.channels / self.groups * self.part.taps();
        for s in 0..small.channels {
            let group = s / (small.channels / self.groups);
            call(s * length, (s * self.groups + group) * length, length);
        }
    }

    /// Hands out the packing of every part.
    pub(in crate::kernels) fn fill<'a>(
        &'a mut self,
        weight: &'a [f32],
        bias: &'a [f32],
        mut hand_out: impl FnMut(Task<'a>),
    ) {
        let [of_group, of_part] = self.weights();
        let mut runs = Vec::new();
        self.each_run(|from, to, length| runs.push((from, to, length)));
        let biases = bias.chunks_exact(self.part.small.channels);
        let weights = weight.chunks_exact(of_group * self.groups).zip(biases);
        for (part, (weight, bias)) in self.parts.iter_mut().zip(weights) {
            let runs = runs.clone();
            hand_out(Box::new(move || {
                let mut filled = vec![0.0; of_part];
                for (from, to, length) in runs {
                    filled[to..][..length].copy_from_slice(&weight[from..][..length]);
                }
                part.fill(&filled, bias, |task| task());
            }));
        }
    }

    /// Values of `images` maps, with the bias.
    pub(in crate::kernels) fn forward(&self, images: usize, input: &[f32], output: &mut [f32], scratch: &mut Scratch) {
        let ([large, small], Windows { large: from, small: to, .. }) = (self.whole[0], self.part);
        let [mut own_input, mut own_output] = std::mem::take(&mut scratch.parts[self.number]);
        for image in 0..images {
            let input = &input[image * large.floats()..];
            let output = &mut output[image * small.floats()..];
            for (number, part) in self.parts.iter().enumerate() {
                let first = [number * from.channels, number * to.channels];
                copy_channels(1, (large, input, first[0]), (from, &mut own_input, 0), |to, x| *to = x);
                part.forward(1, &own_input, &mut own_output, Finish::Bias, scratch);
                copy_channels(1, (to, &own_output, 0), (small, output, first[1]), |to, x| *to = x);
            }
        }
        scratch.parts[self.number] = [own_input, own_output];
    }

    /// The gradient of the input from that of the output, in place of what is there or added to it, and where sums are given the weight
    /// gradient, which needs the input.
    pub(in crate::kernels) fn backward(
        &self,
        images: usize,
        [input, d_output]: [&[f32]; 2],
        mut d_input: Option<(&mut [f32], Former)>,
        mut sums: Option<(Former, &mut [f32])>,
        scratch: &mut Scratch,
    ) {
        let ([[large, _], [d_large, small]], Windows { large: from, small: to, .. }) = (self.whole, self.part);
        let [mut own_large, mut own_small] = std::mem::take(&mut scratch.parts[self.number]);
        for image in 0..images {
            let (input, d_output) = (&input[image * large.floats()..], &d_output[image * small.floats()..]);
            for (number, part) in self.parts.iter().enumerate() {
                let first = [number * from.channels, number * to.channels];
                copy_channels(1, (small, d_output, first[1]), (to, &mut own_small, 0), |to, x| *to = x);
                if let Some((former, sums)) = &mut sums {
                    copy_channels(1, (large, input, first[0]), (from, &mut own_large, 0), |to, x| *to = x);
                    let sums = &mut sums[number * part.sums()..][..part.sums()];
                    part.backward(1, [&own_large, &own_small], None, Some((former.of_part(image), sums)), scratch);
                }
                if let Some((d_input, former)) = &mut d_input {
                    let d_input = &mut d_input[image * d_large.floats()..];
                    part.backward(1, [&[], &own_small], Some((&mut own_large, Finish::Keep)), None, scratch);
                    let (own, whole) = ((from, &own_large[..], 0), (d_large, d_input, first[0]));
                    match former {
                        Former::Dropped => copy_channels(1, own, whole, |to, x| *to = x),
                        Former::Kept => copy_channels(1, own, whole, |to, x| *to += x),
                    }
                }
            }
        }
        scratch.parts[self.number] = [own_large, own_small];
    }

    /// Floats of the sums of a weight gradient.
    pub(in crate::kernels) fn sums(&self) -> usize {
        self.parts.iter().map(Windowed::sums).sum()
    }

    /// Writes sums to a gradient in PyTorch's layout.
    pub(in crate::kernels) fn write_gradient(&self, sums: &[f32], gradient: &mut [f32]) {
        let [of_group, of_part] = self.weights();
        let mut filled = vec![0.0; of_part];
        let gradients = gradient.chunks_exact_mut(of_group * self.groups);
        for ((number, part), gradient) in self.parts.iter().enumerate().zip(gradients) {
            part.write_gradient(&sums[number * part.sums()..][..part.sums()], &mut filled);
            self.each_run(|to, from, length| gradient[to..][..length].copy_from_slice(&filled[from..][..length]));
        }
    }

    /// Floats of scratch for tiles, large and small.
    pub(in crate::kernels) fn tiles(&self) -> [usize; 2] {
        self.parts.first().map_or([0, 0], Windowed::tiles)
    }

    /// Floats of scratch for the maps of a part, large and small.
    pub(in crate::kernels) fn maps(&self) -> [usize; 2] {
        [self.part.large.extent(1), self.part.small.extent(1)]
    }
}
