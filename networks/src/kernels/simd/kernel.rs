//! Work that is written once and compiled for each instruction set; [`run`] chooses among them, and nothing else does.
//!
//! The functions that carry `#[target_feature]` are here. A [`Kernel`] and all that it calls are inlined into them:
//! closures that touch a register are not, so kernels have loops in their place.
#![expect(unsafe_code, reason = "functions compiled for an instruction set")]

use super::isa::{Isa, Kind};
#[cfg(target_arch = "aarch64")]
use super::neon::Neon;
use super::vector::{Portable, Vector};
#[cfg(target_arch = "x86_64")]
use super::x86::{Avx2, Avx512};

/// Work that is written once over [`Vector`], or in plain loops that the compiler turns into its instructions.
///
/// # Safety
/// [`Kernel::run`] may run only on a machine that has `V`'s instruction set; an implementation is sound for every
/// value that safe code can make.
pub(in crate::kernels) unsafe trait Kernel {
    /// To be `#[inline(always)]`, so that it becomes part of a function compiled for the instruction set. `MR` rows of
    /// two registers are the sums of a micro-kernel: as many as leave registers for their factors.
    unsafe fn run<V: Vector, const MR: usize>(self);
}

/// Runs a kernel on an instruction set.
pub(in crate::kernels) fn run(isa: Isa, kernel: impl Kernel) {
    /// # Safety
    /// The machine has AVX-512F, AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx2,fma")]
    unsafe fn avx512(kernel: impl Kernel) {
        // SAFETY: the instructions are those of this function.
        unsafe { kernel.run::<Avx512, 12>() }
    }
    /// # Safety
    /// The machine has AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    unsafe fn avx2(kernel: impl Kernel) {
        // SAFETY: the instructions are those of this function.
        unsafe { kernel.run::<Avx2, 6>() }
    }
    // SAFETY: an `Isa` is proof of its instructions.
    unsafe {
        match isa.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => avx512(kernel),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => avx2(kernel),
            // NEON is part of every 64-bit ARM: its instructions need no function of their own.
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => kernel.run::<Neon, 12>(),
            Kind::Portable => kernel.run::<Portable, 4>(),
        }
    }
}
