//! [`Vector`] on 64-bit ARM: registers of NEON, which every such processor has.
#![expect(unsafe_code, reason = "vector loads and stores through raw pointers")]
#![expect(
    clippy::undocumented_unsafe_blocks,
    reason = "one reason for all: the trait's caller vouches for pointers, and no load or store here asks for alignment"
)]

use std::arch::aarch64::*;

use super::vector::Vector;

/// Four floats of NEON.
#[derive(Clone, Copy)]
pub(in crate::kernels) struct Neon(float32x4_t);

impl Vector for Neon {
    const LANES: usize = 4;
    #[inline(always)]
    unsafe fn zero() -> Self {
        Self(unsafe { vdupq_n_f32(0.0) })
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(unsafe { vld1q_f32(from) })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { vst1q_f32(to, self.0) }
    }
    #[inline(always)]
    unsafe fn splat(from: *const f32) -> Self {
        Self(unsafe { vld1q_dup_f32(from) })
    }
    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        Self(unsafe { vfmaq_f32(self.0, a.0, b.0) })
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Self(unsafe { vaddq_f32(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn relu(self) -> Self {
        // The larger of both, and NaN stays NaN.
        Self(unsafe { vmaxq_f32(vdupq_n_f32(0.0), self.0) })
    }
    #[inline(always)]
    unsafe fn gated_by(self, gate: Self) -> Self {
        unsafe {
            let open = vcgtq_f32(gate.0, vdupq_n_f32(0.0));
            Self(vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(self.0), open)))
        }
    }
}
