//! Methods that look for the smallest change that fools, without a budget.

use super::{Axis, Method};
use crate::{CarliniWagner, DeepFool, Fab, Norm, Setting, TargetedEach};

const LINF_L2: &[Norm] = &[Norm::Linf, Norm::L2];

/// From the fastest to the slowest.
pub(super) fn methods() -> Vec<Method> {
    vec![
        Method {
            id: "deepfool",
            summary: "DeepFool: steps across the nearest border of a linearised classifier",
            source: "Moosavi-Dezfooli, Fawzi and Frossard 2016, arXiv:1511.04599",
            norms: LINF_L2,
            axis: Axis::Minimum,
            settings: &[Setting::Steps],
            build: |_, user| Box::new(DeepFool { steps: user.count(Setting::Steps).unwrap_or(50), overshoot: 0.02 }),
        },
        Method {
            id: "cw",
            summary: "Carlini and Wagner: Adam on distance and margin, weighed by a binary search",
            source: "Carlini and Wagner 2017, arXiv:1608.04644",
            norms: &[Norm::L2],
            axis: Axis::Confidence,
            settings: &[Setting::Steps, Setting::Searches, Setting::LearningRate, Setting::Confidence],
            build: |_, user| {
                Box::new(CarliniWagner {
                    searches: user.count(Setting::Searches).unwrap_or(9),
                    steps: user.count(Setting::Steps).unwrap_or(1000),
                    learning_rate: user.get(Setting::LearningRate).unwrap_or(0.01),
                    confidence: user.get(Setting::Confidence).unwrap_or(0.0),
                    initial_constant: 1e-3,
                })
            },
        },
        Method {
            id: "fab",
            summary: "fast adaptive boundary attack: a walk along the border of each likely class",
            source: "Croce and Hein 2020, arXiv:1907.02044; towards a class at a time as in AutoAttack, arXiv:2003.01690",
            norms: LINF_L2,
            axis: Axis::Minimum,
            settings: &[Setting::Steps, Setting::Restarts],
            build: |_, user| {
                let steps = user.count(Setting::Steps).unwrap_or(100);
                let restarts = user.count(Setting::Restarts).unwrap_or(1);
                Box::new(TargetedEach { attack: Fab { steps, restarts }, classes: 9 })
            },
        },
    ]
}
