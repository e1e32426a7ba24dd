//! [`Scale`]: a factor and a summand for each channel, for maps of any layout.
#![expect(unsafe_code, reason = "a kernel, compiled for an instruction set")]

use crate::kernels::elementwise::each_run;
use crate::kernels::gemm::Former;
use crate::kernels::map::Map;
use crate::kernels::simd::{Isa, Kernel, Vector, run};

/// Weight and bias of each channel.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct Scale {
    isa: Isa,
    /// The maps of the way forward, and those of the gradients: input and output.
    forward: [Map; 2],
    back: [Map; 2],
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Scale {
    pub(in crate::kernels) fn new(isa: Isa, [input, d_input]: [Map; 2], [output, d_output]: [Map; 2]) -> Self {
        let zeros = vec![0.0; input.channels];
        Self { isa, forward: [input, output], back: [d_input, d_output], weight: zeros.clone(), bias: zeros }
    }

    /// Takes the weights.
    pub(in crate::kernels) fn fill(&mut self, weight: &[f32], bias: &[f32]) {
        self.weight.copy_from_slice(weight);
        self.bias.copy_from_slice(bias);
    }

    pub(in crate::kernels) fn forward(&self, images: usize, input: &[f32], output: &mut [f32]) {
        each_run(images, self.forward, |[from, to], length| {
            let (from, to) = (&input[from..][..length], &mut output[to..][..length]);
            run(self.isa, Scaled { from, weight: &self.weight, bias: &self.bias, to });
        });
    }

    /// The gradient of the input from that of the output, in place of what is there or added to it.
    pub(in crate::kernels) fn backward(&self, images: usize, d_output: &[f32], d_input: &mut [f32], former: Former) {
        let channels = self.weight.len();
        each_run(images, self.back, |[to, from], length| {
            let pixels = d_input[to..][..length].chunks_exact_mut(channels);
            for (to, from) in pixels.zip(d_output[from..][..length].chunks_exact(channels)) {
                let slopes = from.iter().zip(&self.weight);
                match former {
                    Former::Dropped => to.iter_mut().zip(slopes).for_each(|(to, (d, weight))| *to = d * weight),
                    Former::Kept => to.iter_mut().zip(slopes).for_each(|(to, (d, weight))| *to += d * weight),
                }
            }
        });
    }

    /// Sums the weight gradient.
    pub(in crate::kernels) fn weight_gradient(
        &self,
        images: usize,
        [input, d_output]: [&[f32]; 2],
        former: Former,
        sums: &mut [f32],
    ) {
        former.clear(sums);
        let channels = self.weight.len();
        each_run(images, [self.forward[0], self.back[1]], |[at, d_at], length| {
            let pixels = input[at..][..length].chunks_exact(channels);
            for (x, d) in pixels.zip(d_output[d_at..][..length].chunks_exact(channels)) {
                sums.iter_mut().zip(x.iter().zip(d)).for_each(|(sum, (x, d))| *sum += x * d);
            }
        });
    }
}

/// Pixels that lie side by side.
struct Scaled<'a> {
    from: &'a [f32],
    weight: &'a [f32],
    bias: &'a [f32],
    to: &'a mut [f32],
}

// SAFETY: safe code but for its being compiled for an instruction set.
unsafe impl Kernel for Scaled<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(self) {
        let channels = self.weight.len();
        for (to, from) in self.to.chunks_exact_mut(channels).zip(self.from.chunks_exact(channels)) {
            let parameters = self.weight.iter().zip(self.bias);
            for ((to, x), (weight, bias)) in to.iter_mut().zip(from).zip(parameters) {
                *to = x * weight + bias;
            }
        }
    }
}
