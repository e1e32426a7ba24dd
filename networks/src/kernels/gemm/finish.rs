//! What happens to a finished sum on its way to memory: bias, what else is added, ReLU, or the way back through ReLU.
#![expect(unsafe_code, reason = "vector loads through raw pointers")]

use crate::kernels::simd::Vector;

/// What happens to a finished sum. Buffers are laid out like the output.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) enum Finish<'a> {
    /// Nothing.
    Keep,
    /// The bias of its column is added.
    Bias,
    /// The same, then ReLU.
    BiasRelu,
    /// The bias and another value are added: the end of a residual block.
    BiasPlus(&'a [f32]),
    /// The same, then ReLU.
    BiasPlusRelu(&'a [f32]),
    /// Zero where the buffer, what a ReLU gave, is not positive: the way back through ReLU.
    Gate(&'a [f32]),
    /// It is added to what the output holds.
    Add,
    /// The same, then the gate.
    AddGate(&'a [f32]),
}

impl Finish<'_> {
    /// # Panics
    /// When a buffer is shorter than the output.
    pub(in crate::kernels) fn check(self, output: &[f32]) {
        if let Finish::Gate(other) | Finish::AddGate(other) | Finish::BiasPlus(other) | Finish::BiasPlusRelu(other) =
            self
        {
            assert!(other.len() >= output.len(), "a finish is laid out like the output");
        }
    }

    /// Whether the sum begins with what the output holds.
    pub(in crate::kernels) fn adds(self) -> bool {
        matches!(self, Finish::Add | Finish::AddGate(_))
    }

    /// Whether the bias of its column is added.
    pub(in crate::kernels) fn has_bias(self) -> bool {
        matches!(self, Finish::Bias | Finish::BiasRelu | Finish::BiasPlus(_) | Finish::BiasPlusRelu(_))
    }

    /// What becomes of one sum, to which its bias has been added, where the output holds `former` at this place.
    pub(in crate::kernels) fn of(self, sum: f32, former: f32, at: usize) -> f32 {
        let relu = |sum: f32| if sum <= 0.0 { 0.0 } else { sum };
        match self {
            Finish::Keep | Finish::Bias => sum,
            Finish::BiasRelu => relu(sum),
            Finish::BiasPlus(other) => sum + other[at],
            Finish::BiasPlusRelu(other) => relu(sum + other[at]),
            Finish::Gate(gate) => {
                if gate[at] > 0.0 {
                    sum
                } else {
                    0.0
                }
            }
            Finish::Add => former + sum,
            Finish::AddGate(gate) => {
                if gate[at] > 0.0 {
                    former + sum
                } else {
                    0.0
                }
            }
        }
    }

    /// What becomes of a register of sums, given its columns' biases and its place in the output. Sums that begin with what the
    /// output holds have begun with it.
    ///
    /// # Safety
    /// The machine has `V`'s instructions, and a register from `at` on lies inside an output that
    /// [`Finish::check`] has seen.
    #[inline(always)]
    pub(in crate::kernels) unsafe fn apply<V: Vector>(self, sum: V, bias: V, at: usize) -> V {
        // SAFETY: the caller has the instructions; the other buffer is as long as the output.
        unsafe {
            match self {
                Finish::Keep | Finish::Add => sum,
                Finish::Bias => sum.add(bias),
                Finish::BiasRelu => sum.add(bias).relu(),
                Finish::BiasPlus(other) => sum.add(bias).add(V::load(other.as_ptr().add(at))),
                Finish::BiasPlusRelu(other) => sum.add(bias).add(V::load(other.as_ptr().add(at))).relu(),
                Finish::Gate(gate) | Finish::AddGate(gate) => sum.gated_by(V::load(gate.as_ptr().add(at))),
            }
        }
    }
}
