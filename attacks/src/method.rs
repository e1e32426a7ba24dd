//! Every method, with its source and defaults: what `robust list` prints. The methods of a family are in a file of its own.

mod adaptive;
mod ensemble;
mod gradient;
mod gradient_free;
mod minimum_norm;
mod shifts;
mod sparse;

use std::sync::LazyLock;

use crate::{Attack, Norm, Setting, Settings};

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
    /// What a set of its images is named by.
    pub axis: Axis,
    /// What the user may set.
    pub settings: &'static [Setting],
    /// The attack under a norm, with settings that have been checked.
    pub(crate) build: fn(Norm, &Settings) -> Box<dyn Attack>,
}

impl Method {
    /// Whether it looks for nothing: noise or a corruption, which attacks are held against.
    #[must_use]
    pub fn is_control(&self) -> bool {
        (self.build)(self.norms[0], &Settings::new()).is_control()
    }
}

/// How strong an attack is told to be: what the sets of one method differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// The size of the budget: `bim@0.3`.
    Epsilon,
    /// Nothing; the attack looks for the smallest change that fools, without a budget: `deepfool-l2@min`.
    Minimum,
    /// The margin that it wants to fool by, without a budget: `cw-l2@k10`.
    Confidence,
    /// The severity of a shift that is measured by no norm, without a budget: `blur@s3`.
    Severity,
}

/// Every method there is.
#[must_use]
pub fn methods() -> &'static [Method] {
    static METHODS: LazyLock<Vec<Method>> = LazyLock::new(|| {
        let mut methods = gradient::methods();
        methods.extend(minimum_norm::methods());
        methods.extend(sparse::methods());
        methods.extend(gradient_free::methods());
        methods.extend(ensemble::methods());
        methods.extend(adaptive::methods());
        methods.extend(shifts::methods());
        methods
    });
    &METHODS
}
