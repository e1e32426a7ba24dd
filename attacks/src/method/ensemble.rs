//! Methods that are several others.

use super::{Axis, Method};
use crate::{Norm, auto};

/// The one to report.
pub(super) fn methods() -> Vec<Method> {
    vec![Method {
        id: "auto",
        summary: "ensemble without knobs: apgd, apgd-t, fab and square, each on the survivors",
        source: "AutoAttack: Croce and Hein 2020, arXiv:2003.01690",
        norms: &[Norm::Linf, Norm::L2, Norm::L1],
        axis: Axis::Epsilon,
        settings: &[],
        build: |norm, _| Box::new(auto(norm)),
    }]
}
