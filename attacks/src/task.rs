//! [`Task`]: what an attack is told to do. How far it may go is a [`Budget`](crate::Budget), which a task can be tried within many of.

use candle_core::Tensor;

use crate::{Goal, Model, Randomness};

/// Images, what is wanted of a model that sees them, and the luck that the attack has.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// Whom to fool.
    pub model: &'a dyn Model,
    /// The original images, `(B, ...)` f32 within the model's bounds.
    pub x0: &'a Tensor,
    /// What the model shall say of each of them.
    pub goal: &'a Goal,
    /// What each of them draws.
    pub randomness: &'a Randomness,
}
