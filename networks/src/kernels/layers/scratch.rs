//! [`Scratch`]: what layers put aside while they run.

use crate::kernels::gemm::Buffer;
use crate::kernels::winograd;

/// Scratch of all layers of a network: what lies in it is of the layer that runs.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct Scratch {
    pub(in crate::kernels) tiles: winograd::Scratch,
    /// For each layer: its border is zero, and stays so.
    pub(in crate::kernels) shares: Vec<Buffer>,
    /// For each layer, the large and the small map of a part of its channels: their borders are zero, and stay so.
    pub(in crate::kernels) parts: Vec<[Buffer; 2]>,
    pub(in crate::kernels) flat: Buffer,
    /// Rows that end with a register.
    pub(in crate::kernels) wide: Buffer,
}
