//! [`Scratch`]: what layers put aside while they run.

use crate::kernels::gemm::Buffer;
use crate::kernels::winograd;

/// Scratch of all layers of a network: what lies in it is of the layer that runs.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct Scratch {
    pub(in crate::kernels) tiles: winograd::Scratch,
    /// For each layer: its border is zero, and stays so.
    pub(in crate::kernels) shares: Vec<Buffer>,
    pub(in crate::kernels) flat: Buffer,
}
