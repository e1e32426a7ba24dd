//! One vector register of floats, for each instruction set.
//!
//! The kernels are written once over [`Vector`] and compiled once per instruction set ([`super::kernel`]). Here are the
//! trait and its portable implementation; `x86` and `neon` have the others.
#![expect(unsafe_code, reason = "vector loads and stores through raw pointers")]

/// A register of [`Vector::LANES`] floats.
///
/// # Safety
/// A method of an implementation may run only on a machine that has the implementation's instruction set, and pointers
/// must be valid for [`Vector::LANES`] floats (`splat`: one).
pub(in crate::kernels) trait Vector: Copy {
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

/// Four floats of plain Rust, which any compiler turns into one register where there is one.
#[derive(Clone, Copy)]
pub(in crate::kernels) struct Portable([f32; 4]);

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
