//! The instruction set that the kernels use, found at run time.

use std::ffi::OsStr;
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

    /// The fastest instruction set of this machine, or the one that the environment variable `ROBUST_ISA` names: so
    /// machines of several kinds compute the same bits.
    ///
    /// # Errors
    /// When the name is not that of an instruction set of this machine.
    pub fn chosen() -> Result<Self, String> {
        Self::named(std::env::var_os("ROBUST_ISA").as_deref())
    }

    /// [`Isa::chosen`].
    ///
    /// # Panics
    /// When `ROBUST_ISA` names no instruction set of this machine.
    #[expect(
        clippy::panic,
        reason = "commands look before; a library's caller is told what is wrong with its environment"
    )]
    pub fn detect() -> Self {
        Self::chosen().unwrap_or_else(|error| panic!("{error}"))
    }

    fn named(name: Option<&OsStr>) -> Result<Self, String> {
        let available = Self::available();
        let Some(name) = name else { return Ok(available[0]) };
        let found = available.iter().find(|isa| name == isa.to_string().as_str());
        found.copied().ok_or_else(|| {
            let names = available.iter().map(Self::to_string).collect::<Vec<_>>().join(", ");
            format!("ROBUST_ISA is {name:?}; this machine has {names}; unset it for the fastest")
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_is_taken_unless_another_is_named() {
        let available = Isa::available();
        assert_eq!((Isa::named(None), available.last()), (Ok(available[0]), Some(&Isa::PORTABLE)));
        for isa in available {
            assert_eq!(Isa::named(Some(OsStr::new(&isa.to_string()))), Ok(isa));
        }
        let unknown = Isa::named(Some(OsStr::new("AVX"))).unwrap_err();
        assert!(
            unknown.starts_with("ROBUST_ISA is \"AVX\"; this machine has ") && unknown.contains("portable"),
            "{unknown}"
        );
    }
}
