//! The instruction set that the kernels use, found at run time.

use std::fmt;

/// An instruction set that this machine has: a value other than the portable one is proof of its presence, because
/// only [`Isa::available`] makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isa(pub(in crate::kernels) Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kernels) enum Kind {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "aarch64")]
    Neon,
    Portable,
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => "neon",
            Kind::Portable => "portable",
        })
    }
}

impl Isa {
    /// Plain Rust, correct everywhere.
    pub const PORTABLE: Self = Self(Kind::Portable);

    /// Every instruction set of this machine, the fastest first, the portable one last.
    pub fn available() -> Vec<Self> {
        let mut found = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let has_avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            if has_avx2 && is_x86_feature_detected!("avx512f") {
                found.push(Self(Kind::Avx512));
            }
            if has_avx2 {
                found.push(Self(Kind::Avx2));
            }
        }
        #[cfg(target_arch = "aarch64")]
        found.push(Self(Kind::Neon));
        found.push(Self::PORTABLE);
        found
    }

    /// The fastest instruction set of this machine.
    pub fn detect() -> Self {
        Self::available()[0]
    }

    /// Floats of one register.
    pub(in crate::kernels) fn lanes(self) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => 16,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => 8,
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => 4,
            Kind::Portable => 4,
        }
    }

    /// Floats in one packed panel, two registers: the width of the micro-kernel.
    pub(in crate::kernels) fn panel(self) -> usize {
        2 * self.lanes()
    }
}
