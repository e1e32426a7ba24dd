//! Methods that ask for logits or predictions, and never for a gradient.

use super::{Axis, Method};
use crate::{HopSkipJump, Norm, Setting, Settings, Spsa, Square, Step};

const LINF_L2: &[Norm] = &[Norm::Linf, Norm::L2];

/// Those that see logits first.
pub(super) fn methods() -> Vec<Method> {
    vec![
        Method {
            id: "square",
            summary: "Square attack: random search in square windows, by logits",
            source: "Andriushchenko et al. 2020, arXiv:1912.00049",
            norms: LINF_L2,
            axis: Axis::Epsilon,
            settings: &[Setting::Queries],
            build: |_, user| Box::new(Square { queries: queries(user), ..Square::default() }),
        },
        Method {
            id: "spsa",
            summary: "SPSA: Adam on gradients estimated from random signs, by logits",
            source: "Uesato et al. 2018, arXiv:1802.05666",
            norms: LINF_L2,
            axis: Axis::Epsilon,
            settings: &[Setting::Steps, Setting::StepSize, Setting::Samples],
            build: |_, user| {
                // About 5,000 questions, as of the other methods here. With so few, short steps lead nowhere: of epsilon / 30, 10, 4
                // and 2 the last two fool most of the first 100 validation digits (63 and 64 % at 0.2, 28 % both at 2 in L2).
                let steps = user.count(Setting::Steps).unwrap_or(40);
                let step = user.get(Setting::StepSize).map_or(Step::EpsilonOver(4.0), Step::Size);
                Box::new(Spsa { steps, step, samples: user.count(Setting::Samples).unwrap_or(64) })
            },
        },
        Method {
            id: "hop-skip-jump",
            summary: "HopSkipJump: along the border of the class, by predictions",
            source: "Chen, Jordan and Wainwright 2020, arXiv:1904.02144",
            norms: LINF_L2,
            axis: Axis::Minimum,
            settings: &[Setting::Queries],
            build: |_, user| Box::new(HopSkipJump { queries: queries(user) }),
        },
    ]
}

/// 5,000 unless set: AutoAttack's number for Square, and the middle one of the numbers that HopSkipJump's authors report for
/// (1,000, 5,000 and 20,000).
fn queries(user: &Settings) -> usize {
    user.count(Setting::Queries).unwrap_or(Square::default().queries)
}
