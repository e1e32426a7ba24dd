//! [`Probe`]: a look at how a classifier takes clean images: under the preprocessing that was given, under the usual others, and under other
//! orders of its classes.
//!
//! A classifier of one's own comes without a word on what it expects of pixels and which class each logit is. Most mistakes there show as an
//! accuracy far below another one. The images are never those that figures are made of.

mod guesses;
mod looks;
mod orders;
mod sign_test;

pub use guesses::{Guess, guesses};
pub use looks::{LOOKED_AT, Looked, Probe, is_near_chance, right};
pub use orders::{Order, OrderFound};
