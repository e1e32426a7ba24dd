//! Every method, with its source and defaults: what `robust list` prints.

use crate::{Attack, Budget, Effective, GradientDescent, Noise, Norm, Restarts, Setting, Settings};

/// A named attack with defaults.
#[derive(Debug)]
pub struct Method {
    /// Its name in lower case, such as `mi-fgsm`.
    pub id: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// The paper that it comes from.
    pub source: &'static str,
    /// The norms that it can be used with, the default first.
    pub norms: &'static [Norm],
    /// What the user may set.
    pub settings: &'static [Setting],
    pub(crate) plan: fn(&Budget, &Settings) -> Plan,
}

/// An attack, and the settings that it was made with.
pub(crate) struct Plan {
    pub(crate) attack: Box<dyn Attack>,
    pub(crate) effective: Effective,
}

const BOTH: &[Norm] = &[Norm::Linf, Norm::L2];

/// Every method there is.
#[must_use]
pub fn methods() -> &'static [Method] {
    &[
        Method {
            id: "fgsm",
            summary: "fast gradient sign method: one step of epsilon",
            source: "Goodfellow, Shlens and Szegedy 2015, arXiv:1412.6572",
            norms: BOTH,
            settings: &[],
            plan: |budget, _| Plan {
                attack: Box::new(GradientDescent::fgsm(budget.epsilon())),
                effective: Effective { steps: Some(1), step_size: Some(budget.epsilon()), ..Effective::default() },
            },
        },
        Method {
            id: "bim",
            summary: "basic iterative method: small steps from the original",
            source: "Kurakin, Goodfellow and Bengio 2017, arXiv:1607.02533",
            norms: BOTH,
            settings: &[Setting::Steps, Setting::StepSize, Setting::EarlyStop],
            plan: |budget, user| {
                let ((steps, step), early_stop) = (steps(budget, user), user.early_stop);
                Plan {
                    attack: Box::new(GradientDescent { early_stop, ..GradientDescent::bim(steps, step) }),
                    effective: Effective {
                        steps: Some(steps),
                        step_size: Some(step),
                        early_stop: Some(early_stop),
                        ..Effective::default()
                    },
                }
            },
        },
        Method {
            id: "pgd",
            summary: "projected gradient descent: small steps from a random start",
            source: "Madry et al. 2018, arXiv:1706.06083",
            norms: BOTH,
            settings: &[Setting::Steps, Setting::StepSize, Setting::Restarts, Setting::EarlyStop],
            plan: |budget, user| {
                let ((steps, step), early_stop) = (steps(budget, user), user.early_stop);
                let restarts = user.restarts.unwrap_or(1);
                let attack = GradientDescent { early_stop, ..GradientDescent::pgd(steps, step) };
                Plan {
                    attack: Box::new(Restarts { attack, restarts }),
                    effective: Effective {
                        steps: Some(steps),
                        step_size: Some(step),
                        restarts: Some(restarts),
                        early_stop: Some(early_stop),
                        random_start: true,
                        ..Effective::default()
                    },
                }
            },
        },
        Method {
            id: "mi-fgsm",
            summary: "momentum iterative method: small steps along a running sum of gradients",
            source: "Dong et al. 2018, arXiv:1710.06081",
            norms: BOTH,
            settings: &[Setting::Steps, Setting::StepSize, Setting::Decay, Setting::EarlyStop],
            plan: |budget, user| {
                let steps = user.steps.unwrap_or(10);
                let step = user.step_size.unwrap_or(budget.epsilon() / steps as f64);
                let (decay, early_stop) = (user.decay.unwrap_or(1.0), user.early_stop);
                Plan {
                    attack: Box::new(GradientDescent { early_stop, ..GradientDescent::mi_fgsm(steps, step, decay) }),
                    effective: Effective {
                        steps: Some(steps),
                        step_size: Some(step),
                        decay: Some(decay),
                        early_stop: Some(early_stop),
                        ..Effective::default()
                    },
                }
            },
        },
        Method {
            id: "noise",
            summary: "random perturbation of norm epsilon: the control",
            source: "none: random signs (L-inf), random direction (L2)",
            norms: BOTH,
            settings: &[],
            plan: |_, _| Plan { attack: Box::new(Noise), effective: Effective::default() },
        },
    ]
}

/// Steps and step size of BIM and PGD: 40 steps, of epsilon / 30 for L-infinity and 2.5 * epsilon / steps for L2 (the rule of
/// Madry's `robustness` library).
fn steps(budget: &Budget, user: &Settings) -> (usize, f64) {
    let steps = user.steps.unwrap_or(40);
    let step = user.step_size.unwrap_or(match budget.norm() {
        Norm::Linf => budget.epsilon() / 30.0,
        Norm::L2 => 2.5 * budget.epsilon() / steps as f64,
    });
    (steps, step)
}
