//! Methods that know the detector in front of the classifier, and are worth nothing without one.

use super::{Axis, Method};
use crate::{AdaptiveDescent, Attack, Conditional, Norm, Setting, Settings, Step, Worst};

const LINF_L2: &[Norm] = &[Norm::Linf, Norm::L2];
const QIN: &str = "Qin et al. 2020, arXiv:1907.02957, with the reconstruction error for any detector's score";
const BRYNIARSKI: &str = "Bryniarski et al. 2022, arXiv:2106.15023";

/// What may be set on the selective and the orthogonal method, and on all of them together.
const PGD: &[Setting] = &[Setting::Steps, Setting::StepSize, Setting::Restarts, Setting::EarlyStop];

/// From the weakest to the strongest.
pub(super) fn methods() -> Vec<Method> {
    vec![
        Method {
            id: "r-fgsm",
            summary: "against a detector: fgsm on the loss minus lambda times the score",
            source: QIN,
            norms: LINF_L2,
            axis: Axis::Epsilon,
            settings: &[Setting::Lambda],
            build: |_, user| Box::new(AdaptiveDescent::r_fgsm(lambda(user))),
        },
        Method {
            id: "r-bim",
            summary: "against a detector: bim on the loss minus lambda times the score",
            source: QIN,
            norms: LINF_L2,
            axis: Axis::Epsilon,
            settings: &[Setting::Steps, Setting::StepSize, Setting::EarlyStop, Setting::Lambda],
            build: |_, user| {
                let (steps, step) = steps(user);
                restarted(AdaptiveDescent::r_bim(steps, step, lambda(user)), user)
            },
        },
        Method {
            id: "r-pgd",
            summary: "against a detector: pgd on the loss minus lambda times the score",
            source: QIN,
            norms: LINF_L2,
            axis: Axis::Epsilon,
            settings: &[Setting::Steps, Setting::StepSize, Setting::Restarts, Setting::EarlyStop, Setting::Lambda],
            build: |_, user| {
                let (steps, step) = steps(user);
                restarted(AdaptiveDescent::r_pgd(steps, step, lambda(user)), user)
            },
        },
        Method {
            id: "selective-pgd",
            summary: "against a detector: up the loss until the classifier is fooled, then down the score",
            source: BRYNIARSKI,
            norms: LINF_L2,
            axis: Axis::Epsilon,
            settings: PGD,
            build: |_, user| {
                let (steps, step) = steps(user);
                restarted(AdaptiveDescent::selective_pgd(steps, step), user)
            },
        },
        Method {
            id: "selective-adam",
            summary: "against a detector: as selective-pgd, by Adam's steps, which move each pixel by an amount of its own",
            source: "Bryniarski et al. 2022, arXiv:2106.15023, by the optimiser of Carlini and Wagner 2017, arXiv:1711.08478",
            norms: LINF_L2,
            axis: Axis::Epsilon,
            settings: PGD,
            build: |_, user| {
                let (steps, step) = steps(user);
                restarted(AdaptiveDescent::selective_adam(steps, step), user)
            },
        },
        Method {
            id: "orthogonal-pgd",
            summary: "against a detector: as selective-pgd, neither gradient undoing the other",
            source: BRYNIARSKI,
            norms: LINF_L2,
            axis: Axis::Epsilon,
            settings: PGD,
            build: |_, user| {
                let (steps, step) = steps(user);
                restarted(AdaptiveDescent::orthogonal_pgd(steps, step), user)
            },
        },
        Method {
            id: "conditional",
            summary: "against a detector: toward each label, down the score that it would give if that label were predicted",
            source: "ours; after Carlini and Wagner 2017, arXiv:1705.07263, and Gowal et al. 2019, arXiv:1910.09338",
            norms: LINF_L2,
            axis: Axis::Epsilon,
            settings: PGD,
            build: |_, user| {
                Box::new(Conditional {
                    steps: steps(user).0,
                    step: user.get(Setting::StepSize).map_or(Step::EpsilonOver(7.5), Step::Size),
                    restarts: restarts(user),
                    early_stop: user.flag(Setting::EarlyStop),
                })
            },
        },
        Method {
            id: "adaptive",
            summary: "against a detector: per image the worst of selective-adam, conditional and selective-pgd",
            source: "after Tramèr et al. 2020, arXiv:2002.08347",
            norms: LINF_L2,
            axis: Axis::Epsilon,
            settings: PGD,
            build: |_, user| {
                let step = user.get(Setting::StepSize).map(Step::Size);
                Box::new(Worst::adaptive(steps(user).0, step, restarts(user), user.flag(Setting::EarlyStop)))
            },
        },
    ]
}

/// 200 steps, of epsilon / 30 as those of BIM and PGD: on validation images no worse than shorter ones.
fn steps(user: &Settings) -> (usize, Step) {
    let steps = user.count(Setting::Steps).unwrap_or(200);
    (steps, user.get(Setting::StepSize).map_or(Step::EpsilonOver(30.0), Step::Size))
}

fn lambda(user: &Settings) -> f64 {
    user.get(Setting::Lambda).unwrap_or(0.1)
}

/// The attack as often as the user wants, once by default, with early stop or without.
fn restarted(attack: AdaptiveDescent, user: &Settings) -> Box<dyn Attack> {
    let early_stop = user.flag(Setting::EarlyStop);
    Box::new(AdaptiveDescent { restarts: restarts(user), early_stop, ..attack })
}

fn restarts(user: &Settings) -> usize {
    user.count(Setting::Restarts).unwrap_or(1)
}
