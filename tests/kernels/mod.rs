//! The kernels: what they compute, against candle's graph in double precision, and how their engine is used.

mod agreement;
mod engine;
mod reference;
