//! What happens to a finished sum on its way to memory: bias, ReLU, or the way back through ReLU.
#![expect(unsafe_code, reason = "vector loads through raw pointers")]

use super::vector::Vector;

/// What happens to a finished sum.
#[derive(Clone, Copy, Debug)]
pub(super) enum Finish<'a> {
    /// Nothing.
    Keep,
    /// The bias of its column is added.
    Bias,
    /// The same, then ReLU.
    BiasRelu,
    /// Zero where this buffer, laid out like the output, is not positive: the way back through ReLU.
    Gate(&'a [f32]),
}

impl Finish<'_> {
    /// # Panics
    /// When a gate is not as long as the output.
    pub(super) fn check(self, output: &[f32]) {
        if let Finish::Gate(gate) = self {
            assert_eq!(gate.len(), output.len(), "the gate is laid out like the output");
        }
    }

    /// What becomes of a register of sums, given its columns' biases and its place in the output.
    ///
    /// # Safety
    /// The machine has `V`'s instructions, and a register from `at` on lies inside an output that
    /// [`Finish::check`] has seen.
    #[inline(always)]
    pub(super) unsafe fn apply<V: Vector>(self, sum: V, bias: V, at: usize) -> V {
        // SAFETY: the caller has the instructions; the gate is as long as the output.
        unsafe {
            match self {
                Finish::Keep => sum,
                Finish::Bias => sum.add(bias),
                Finish::BiasRelu => sum.add(bias).relu(),
                Finish::Gate(gate) => sum.gated_by(V::load(gate.as_ptr().add(at))),
            }
        }
    }
}
