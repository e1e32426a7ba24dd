//! Methods that change few pixels.

use super::{Axis, Method};
use crate::{Jsma, Norm};

/// The classic.
pub(super) fn methods() -> Vec<Method> {
    vec![Method {
        id: "jsma",
        summary: "saliency map attack: the most salient pixels, each moved to its bound",
        source: "Papernot et al. 2016, arXiv:1511.07528",
        norms: &[Norm::L0],
        axis: Axis::Epsilon,
        settings: &[],
        build: |_, _| Box::new(Jsma),
    }]
}
