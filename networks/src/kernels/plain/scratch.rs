//! [`Scratch`]: what ops put aside while they run.

use crate::kernels::gemm::{Buffer, Packed};

/// Scratch of all ops of a network: what lies in it is of the op that runs.
#[derive(Clone, Debug, Default)]
pub(in crate::kernels) struct Scratch {
    /// Rows that end with a register.
    pub(super) wide: Buffer,
    /// Rows of which the elements lie apart.
    pub(super) row: Buffer,
    /// Where each result comes from.
    pub(super) places: Vec<usize>,
    /// For each product of matrices, the right-hand one packed for the way there and for the way back.
    pub(super) packed: Vec<[Packed; 2]>,
}
