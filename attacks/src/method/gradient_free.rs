//! Methods that ask for logits or predictions, and never for a gradient.

use super::{Axis, Method};
use crate::{Norm, Setting, Square};

/// Those that see logits first.
pub(super) fn methods() -> Vec<Method> {
    vec![Method {
        id: "square",
        summary: "Square attack: random search in square windows, by logits alone",
        source: "Andriushchenko et al. 2020, arXiv:1912.00049",
        norms: &[Norm::Linf, Norm::L2],
        axis: Axis::Epsilon,
        settings: &[Setting::Queries],
        build: |_, user| {
            let default = Square::default();
            Box::new(Square { queries: user.count(Setting::Queries).unwrap_or(default.queries), ..default })
        },
    }]
}
