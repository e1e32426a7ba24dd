//! Networks whose values have any rank on the kernels, against candle's graph in double precision, on every instruction set.

mod maps;
mod net;
mod ops;
mod random;
#[path = "../reference/mod.rs"]
mod reference;
mod transformers;
