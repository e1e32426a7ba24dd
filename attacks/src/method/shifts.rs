//! What is no attack: changes that look for nothing. The control that attacks are held against.

use super::{Axis, Method};
use crate::{Noise, Norm};

/// The control first.
pub(super) fn methods() -> Vec<Method> {
    vec![Method {
        id: "noise",
        summary: "random perturbation of norm epsilon: the control",
        source: "none: random signs (linf), a random direction (l2), a random point of the border (l1), random pixels (l0)",
        norms: &Norm::ALL,
        axis: Axis::Epsilon,
        settings: &[],
        build: |_, _| Box::new(Noise),
    }]
}
