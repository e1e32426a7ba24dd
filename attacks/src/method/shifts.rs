//! Changes without a gradient behind them: controls, which look for nothing and which attacks are held against, and the worst of
//! many rotations and shifts.

use super::{Axis, Method};
use crate::method_spec::DEFAULT_SEVERITY;
use crate::{Attack, Corruption, Noise, Norm, Setting, Settings, Spatial};

const CORRUPTIONS: &str = "Hendrycks and Dietterich 2019, arXiv:1903.12261; Mu and Gilmer 2019, arXiv:1906.02337";

/// The control first.
pub(super) fn methods() -> Vec<Method> {
    vec![
        Method {
            id: "noise",
            summary: "random perturbation of norm epsilon: the control",
            source: "none: random signs (linf), a random direction (l2), a random point of the border (l1), random pixels (l0)",
            norms: &Norm::ALL,
            axis: Axis::Epsilon,
            settings: &[],
            build: |_, _| Box::new(Noise),
        },
        shift("gaussian-noise", "corruption: normal noise on every pixel", CORRUPTIONS, |_, user| {
            Box::new(Corruption::gaussian_noise(severity(user)))
        }),
        shift("blur", "corruption: Gaussian blur", CORRUPTIONS, |_, user| Box::new(Corruption::blur(severity(user)))),
        shift("contrast", "corruption: less contrast", CORRUPTIONS, |_, user| {
            Box::new(Corruption::contrast(severity(user)))
        }),
        shift("brightness", "corruption: more light everywhere", CORRUPTIONS, |_, user| {
            Box::new(Corruption::brightness(severity(user)))
        }),
        shift("binarize", "corruption: black and white only", CORRUPTIONS, |_, user| {
            Box::new(Corruption::binarize(severity(user)))
        }),
        shift("jpeg", "corruption: saved as JPEG", CORRUPTIONS, |_, user| Box::new(Corruption::jpeg(severity(user)))),
        shift("rescale", "corruption: made smaller and as large as before", CORRUPTIONS, |_, user| {
            Box::new(Corruption::rescale(severity(user)))
        }),
        shift("translate", "corruption: a shift in a random direction", CORRUPTIONS, |_, user| {
            Box::new(Corruption::translate(severity(user)))
        }),
        shift(
            "spatial",
            "the worst of 775 rotations and shifts",
            "Engstrom et al. 2019, arXiv:1712.02779",
            |_, user| Box::new(Spatial::severity(severity(user))),
        ),
    ]
}

/// A method with a severity.
fn shift(
    id: &'static str,
    summary: &'static str,
    source: &'static str,
    build: fn(Norm, &Settings) -> Box<dyn Attack>,
) -> Method {
    // No norm measures a shift; L-infinity is the one that adds nothing to the name.
    Method { id, summary, source, norms: &[Norm::Linf], axis: Axis::Severity, settings: &[Setting::Severity], build }
}

/// From 0 to 5.
fn severity(user: &Settings) -> usize {
    user.count(Setting::Severity).unwrap_or(DEFAULT_SEVERITY as usize)
}
