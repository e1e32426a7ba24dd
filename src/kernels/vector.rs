//! One vector register of floats, for each instruction set.
//!
//! The kernels are written once over [`Vector`] and compiled once per instruction set: their entry points carry
//! `#[target_feature]`, everything below is inlined into them.
#![expect(unsafe_code, reason = "vector loads and stores through raw pointers")]

use super::isa::{Isa, Kind};

/// A register of [`Vector::LANES`] floats.
///
/// # Safety
/// A method of an implementation may run only on a machine that has the implementation's instruction set, and pointers
/// must be valid for [`Vector::LANES`] floats (`splat`: one).
pub(super) trait Vector: Copy {
    const LANES: usize;
    unsafe fn zero() -> Self;
    unsafe fn load(from: *const f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    unsafe fn splat(from: *const f32) -> Self;
    /// `self + a * b`, rounded once where the machine can.
    unsafe fn add_product(self, a: Self, b: Self) -> Self;
    unsafe fn add(self, other: Self) -> Self;
    /// `self + factor * other`.
    #[inline(always)]
    unsafe fn plus(self, factor: f32, other: Self) -> Self {
        // SAFETY: the caller has the instructions, and a reference is a valid pointer.
        unsafe { self.add_product(Self::splat(&factor), other) }
    }
    /// `max(self, 0)`, and NaN stays NaN.
    unsafe fn relu(self) -> Self;
    /// `self` where `gate > 0`, else 0: the derivative of `relu`.
    unsafe fn gated_by(self, gate: Self) -> Self;
}

/// Work that is written once over [`Vector`].
///
/// # Safety
/// [`Kernel::run`] may run only on a machine that has `V`'s instruction set; an implementation is sound for every
/// value that safe code can make.
pub(super) unsafe trait Kernel {
    /// To be `#[inline(always)]`, so that it becomes part of a function compiled for the instruction set.
    unsafe fn run<V: Vector>(self);
}

/// Runs a kernel on an instruction set.
pub(super) fn run(isa: Isa, kernel: impl Kernel) {
    /// # Safety
    /// The machine has AVX-512F, AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx2,fma")]
    unsafe fn avx512(kernel: impl Kernel) {
        // SAFETY: the instructions are those of this function.
        unsafe { kernel.run::<Avx512>() }
    }
    /// # Safety
    /// The machine has AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    unsafe fn avx2(kernel: impl Kernel) {
        // SAFETY: the instructions are those of this function.
        unsafe { kernel.run::<Avx2>() }
    }
    // SAFETY: an `Isa` is proof of its instructions.
    unsafe {
        match isa.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => avx512(kernel),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => avx2(kernel),
            Kind::Portable => kernel.run::<Portable>(),
        }
    }
}

/// Four floats of plain Rust, which any compiler turns into one register where there is one.
#[derive(Clone, Copy)]
pub(super) struct Portable([f32; 4]);

impl Portable {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|lane| f(self.0[lane], other.0[lane])))
    }
}

impl Vector for Portable {
    const LANES: usize = 4;
    #[inline(always)]
    unsafe fn zero() -> Self {
        Self([0.0; 4])
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's pointer is valid for four floats.
        Self(unsafe { from.cast::<[f32; 4]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's pointer is valid for four floats.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    unsafe fn splat(from: *const f32) -> Self {
        // SAFETY: the caller's pointer is valid for one float.
        Self([unsafe { *from }; 4])
    }
    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        let product = a.zip(b, |a, b| a * b);
        self.zip(product, |sum, product| sum + product)
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
    #[inline(always)]
    unsafe fn relu(self) -> Self {
        self.zip(self, |a, _| if a <= 0.0 { 0.0 } else { a })
    }
    #[inline(always)]
    unsafe fn gated_by(self, gate: Self) -> Self {
        self.zip(gate, |a, gate| if gate > 0.0 { a } else { 0.0 })
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
#[expect(
    clippy::undocumented_unsafe_blocks,
    reason = "one reason for all: the trait's caller vouches for instructions and pointers, and no load or store here asks \
              for alignment"
)]
mod x86 {
    use super::Vector;
    use std::arch::x86_64::*;

    /// Eight floats of AVX2 with FMA.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Avx2(__m256);

    /// Sixteen floats of AVX-512F.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Avx512(__m512);

    impl Vector for Avx2 {
        const LANES: usize = 8;
        #[inline(always)]
        unsafe fn zero() -> Self {
            Self(unsafe { _mm256_setzero_ps() })
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            Self(unsafe { _mm256_loadu_ps(from) })
        }
        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            unsafe { _mm256_storeu_ps(to, self.0) }
        }
        #[inline(always)]
        unsafe fn splat(from: *const f32) -> Self {
            Self(unsafe { _mm256_set1_ps(*from) })
        }
        #[inline(always)]
        unsafe fn add_product(self, a: Self, b: Self) -> Self {
            Self(unsafe { _mm256_fmadd_ps(a.0, b.0, self.0) })
        }
        #[inline(always)]
        unsafe fn add(self, other: Self) -> Self {
            Self(unsafe { _mm256_add_ps(self.0, other.0) })
        }
        #[inline(always)]
        unsafe fn relu(self) -> Self {
            Self(unsafe { _mm256_max_ps(_mm256_setzero_ps(), self.0) })
        }
        #[inline(always)]
        unsafe fn gated_by(self, gate: Self) -> Self {
            unsafe {
                let open = _mm256_cmp_ps::<_CMP_GT_OQ>(gate.0, _mm256_setzero_ps());
                Self(_mm256_and_ps(self.0, open))
            }
        }
    }

    impl Vector for Avx512 {
        const LANES: usize = 16;
        #[inline(always)]
        unsafe fn zero() -> Self {
            Self(unsafe { _mm512_setzero_ps() })
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            Self(unsafe { _mm512_loadu_ps(from) })
        }
        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            unsafe { _mm512_storeu_ps(to, self.0) }
        }
        #[inline(always)]
        unsafe fn splat(from: *const f32) -> Self {
            Self(unsafe { _mm512_set1_ps(*from) })
        }
        #[inline(always)]
        unsafe fn add_product(self, a: Self, b: Self) -> Self {
            Self(unsafe { _mm512_fmadd_ps(a.0, b.0, self.0) })
        }
        #[inline(always)]
        unsafe fn add(self, other: Self) -> Self {
            Self(unsafe { _mm512_add_ps(self.0, other.0) })
        }
        #[inline(always)]
        unsafe fn relu(self) -> Self {
            Self(unsafe { _mm512_max_ps(_mm512_setzero_ps(), self.0) })
        }
        #[inline(always)]
        unsafe fn gated_by(self, gate: Self) -> Self {
            unsafe {
                let open = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(gate.0, _mm512_setzero_ps());
                Self(_mm512_maskz_mov_ps(open, self.0))
            }
        }
    }
}
