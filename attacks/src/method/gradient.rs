//! Methods that climb the gradient of a loss within a budget.

use super::{Axis, Method};
use crate::{Apgd, GradientDescent, Norm, Restarts, Setting, Settings, Step, TargetedEach};

const LINF_L2: &[Norm] = &[Norm::Linf, Norm::L2];
const LINF_L2_L1: &[Norm] = &[Norm::Linf, Norm::L2, Norm::L1];

/// What may be set on Auto-PGD.
const APGD: &[Setting] = &[Setting::Steps, Setting::Restarts, Setting::EarlyStop];

/// From the weakest to the strongest.
pub(super) fn methods() -> Vec<Method> {
    vec![
        Method {
            id: "fgsm",
            summary: "fast gradient sign method: one step of epsilon",
            source: "Goodfellow, Shlens and Szegedy 2015, arXiv:1412.6572",
            norms: LINF_L2,
            axis: Axis::Epsilon,
            settings: &[],
            build: |_, _| Box::new(GradientDescent::fgsm()),
        },
        Method {
            id: "bim",
            summary: "basic iterative method: small steps from the original",
            source: "Kurakin, Goodfellow and Bengio 2017, arXiv:1607.02533",
            norms: LINF_L2_L1,
            axis: Axis::Epsilon,
            settings: &[Setting::Steps, Setting::StepSize, Setting::EarlyStop],
            build: |norm, user| {
                let (steps, step) = small_steps(norm, user);
                let early_stop = user.flag(Setting::EarlyStop);
                Box::new(GradientDescent { early_stop, ..GradientDescent::bim(steps, step) })
            },
        },
        Method {
            id: "pgd",
            summary: "projected gradient descent: small steps from a random start",
            source: "Madry et al. 2018, arXiv:1706.06083",
            norms: LINF_L2_L1,
            axis: Axis::Epsilon,
            settings: &[Setting::Steps, Setting::StepSize, Setting::Restarts, Setting::EarlyStop],
            build: |norm, user| {
                let (steps, step) = small_steps(norm, user);
                let early_stop = user.flag(Setting::EarlyStop);
                let attack = GradientDescent { early_stop, ..GradientDescent::pgd(steps, step) };
                Box::new(Restarts { attack, restarts: user.count(Setting::Restarts).unwrap_or(1) })
            },
        },
        Method {
            id: "mi-fgsm",
            summary: "momentum iterative method: small steps along a running sum of gradients",
            source: "Dong et al. 2018, arXiv:1710.06081",
            norms: LINF_L2,
            axis: Axis::Epsilon,
            settings: &[Setting::Steps, Setting::StepSize, Setting::Decay, Setting::EarlyStop],
            build: |_, user| {
                let ((steps, step), decay) = (momentum_steps(user), user.get(Setting::Decay).unwrap_or(1.0));
                let early_stop = user.flag(Setting::EarlyStop);
                Box::new(GradientDescent { early_stop, ..GradientDescent::mi_fgsm(steps, step, decay) })
            },
        },
        Method {
            id: "ni-fgsm",
            summary: "Nesterov iterative method: momentum that looks ahead",
            source: "Lin et al. 2020, arXiv:1908.06281",
            norms: LINF_L2,
            axis: Axis::Epsilon,
            settings: &[Setting::Steps, Setting::StepSize, Setting::Decay],
            build: |_, user| {
                let ((steps, step), decay) = (momentum_steps(user), user.get(Setting::Decay).unwrap_or(1.0));
                Box::new(GradientDescent::ni_fgsm(steps, step, decay))
            },
        },
        Method {
            id: "apgd",
            summary: "Auto-PGD: gradient ascent that chooses its own step size",
            source: "Croce and Hein 2020, arXiv:2003.01690; for L1 Croce and Hein 2021, arXiv:2103.01208",
            norms: LINF_L2_L1,
            axis: Axis::Epsilon,
            settings: APGD,
            build: |_, user| Box::new(restarted(Apgd::cross_entropy(apgd_steps(user)), user)),
        },
        Method {
            id: "apgd-dlr",
            summary: "Auto-PGD on the difference of logits ratio instead of the cross-entropy",
            source: "Croce and Hein 2020, arXiv:2003.01690; for L1 Croce and Hein 2021, arXiv:2103.01208",
            norms: LINF_L2_L1,
            axis: Axis::Epsilon,
            settings: APGD,
            build: |_, user| Box::new(restarted(Apgd::dlr(apgd_steps(user)), user)),
        },
        Method {
            id: "apgd-t",
            summary: "Auto-PGD on the difference of logits ratio towards each of 9 wrong classes",
            source: "Croce and Hein 2020, arXiv:2003.01690; for L1 Croce and Hein 2021, arXiv:2103.01208",
            norms: LINF_L2_L1,
            axis: Axis::Epsilon,
            settings: APGD,
            build: |_, user| {
                let attack = restarted(Apgd { name: "apgd-t", ..Apgd::dlr(apgd_steps(user)) }, user);
                Box::new(TargetedEach { attack, classes: 9 })
            },
        },
    ]
}

/// Steps of BIM and PGD: 40, of epsilon / 30 for L-infinity and 2.5 * epsilon / steps for the others (the rule of Madry's
/// `robustness` library).
fn small_steps(norm: Norm, user: &Settings) -> (usize, Step) {
    let steps = user.count(Setting::Steps).unwrap_or(40);
    let default = match norm {
        Norm::Linf => Step::EpsilonOver(30.0),
        _ => Step::EpsilonOver(steps as f64 / 2.5),
    };
    (steps, user.get(Setting::StepSize).map_or(default, Step::Size))
}

/// Steps of the momentum methods: 10, of epsilon / steps.
fn momentum_steps(user: &Settings) -> (usize, Step) {
    let steps = user.count(Setting::Steps).unwrap_or(10);
    (steps, user.get(Setting::StepSize).map_or(Step::EpsilonOver(steps as f64), Step::Size))
}

/// Auto-PGD as many times as the user wants, once by default.
fn restarted(attack: Apgd, user: &Settings) -> Restarts<Apgd> {
    let attack = Apgd { early_stop: user.flag(Setting::EarlyStop), ..attack };
    Restarts { attack, restarts: user.count(Setting::Restarts).unwrap_or(1) }
}

/// Steps of Auto-PGD: 100.
fn apgd_steps(user: &Settings) -> usize {
    user.count(Setting::Steps).unwrap_or(100)
}
