//! Vector registers, and work compiled for each instruction set and chosen at run time.

mod isa;
mod kernel;
#[cfg(target_arch = "aarch64")]
mod neon;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use isa::Isa;
pub(super) use kernel::{Kernel, run};
pub(super) use vector::Vector;
