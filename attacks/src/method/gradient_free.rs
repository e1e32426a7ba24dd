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
            build: |norm, user| {
                // With these about 5,000 questions, as the other methods here.
                let steps = user.count(Setting::Steps).unwrap_or(40);
                let default = match norm {
                    Norm::Linf => Step::EpsilonOver(30.0),
                    _ => Step::EpsilonOver(steps as f64 / 10.0),
                };
                let step = user.get(Setting::StepSize).map_or(default, Step::Size);
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
