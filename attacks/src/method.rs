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

/// What the methods of a family have in common, and a way to make them.
struct Family(&'static str, fn() -> Vec<Method>);

const FAMILIES: [Family; 7] = [
    Family("along the gradient, within a budget", gradient::methods),
    Family("the smallest change that fools", minimum_norm::methods),
    Family("few pixels", sparse::methods),
    Family("without a gradient", gradient_free::methods),
    Family("several in one", ensemble::methods),
    Family("against a detector", adaptive::methods),
    Family("controls: noise, corruptions and shifts", shifts::methods),
];

/// Every method there is.
#[must_use]
pub fn methods() -> &'static [Method] {
    static METHODS: LazyLock<Vec<Method>> =
        LazyLock::new(|| FAMILIES.iter().flat_map(|Family(_, methods)| methods()).collect());
    &METHODS
}

/// The same by families: what those of one have in common, and they themselves.
pub fn families() -> impl Iterator<Item = (&'static str, &'static [Method])> {
    let mut left = methods();
    FAMILIES.iter().map(move |Family(name, made)| {
        let (methods, others) = left.split_at(made().len());
        left = others;
        (*name, methods)
    })
}
