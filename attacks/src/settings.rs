//! What a user may set on a method.

use std::fmt;

/// The name of something that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// How many gradients to follow; a whole number of at least 1.
    Steps,
    /// How far to go each time, in the budget's norm and units of pixel values; above 0.
    StepSize,
    /// How far an optimiser may move one of its variables each time; above 0.
    LearningRate,
    /// How many random starts to try; a whole number of at least 1.
    Restarts,
    /// The share of past gradients that momentum keeps; at least 0.
    Decay,
    /// Whether an image that is fooled, and passes the detector that an attack knows, is left alone; 1 for yes.
    EarlyStop,
    /// The margin by which the wrong class must win, in units of logits; at least 0.
    Confidence,
    /// How many trade-off constants a binary search tries; a whole number of at least 1.
    Searches,
    /// How often a gradient-free attack may ask the model about an image; a whole number of at least 1.
    Queries,
    /// How many random vectors estimate a gradient; a whole number of at least 1.
    Samples,
    /// How strong a shift is, from 0 to 5.
    Severity,
    /// The weight of a detector's score against the classifier's loss; at least 0.
    Lambda,
}

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 12] = [
        Self::Steps,
        Self::StepSize,
        Self::LearningRate,
        Self::Restarts,
        Self::Decay,
        Self::EarlyStop,
        Self::Confidence,
        Self::Searches,
        Self::Queries,
        Self::Samples,
        Self::Severity,
        Self::Lambda,
    ];

    /// What is expected in place of a value, if anything else is.
    pub(crate) fn expected_instead_of(self, value: f64) -> Option<&'static str> {
        let (is_fine, expected) = match self {
            Self::StepSize | Self::LearningRate => (value > 0.0, "a finite number above 0"),
            Self::Decay | Self::Confidence | Self::Lambda => (value >= 0.0, "a finite number of at least 0"),
            Self::EarlyStop => (value == 0.0 || value == 1.0, "0 or 1"),
            Self::Severity => ((0.0..=5.0).contains(&value) && value.fract() == 0.0, "a whole number from 0 to 5"),
            Self::Steps | Self::Restarts | Self::Searches | Self::Queries | Self::Samples => {
                (value >= 1.0 && value.fract() == 0.0, "a whole number of at least 1")
            }
        };
        (!is_fine || !value.is_finite()).then_some(expected)
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Steps => "steps",
            Self::StepSize => "step size",
            Self::LearningRate => "learning rate",
            Self::Restarts => "restarts",
            Self::Decay => "decay",
            Self::EarlyStop => "early stop",
            Self::Confidence => "confidence",
            Self::Searches => "searches",
            Self::Queries => "queries",
            Self::Samples => "samples",
            Self::Severity => "severity",
            Self::Lambda => "lambda",
        })
    }
}

/// The user's overrides of a method's defaults.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Settings([Option<f64>; Setting::ALL.len()]);

impl Settings {
    /// Nothing set: all defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one; counts as whole numbers, flags as 1.
    #[must_use]
    pub fn with(mut self, setting: Setting, value: f64) -> Self {
        self.0[setting as usize] = Some(value);
        self
    }

    /// What was set.
    pub fn given(&self) -> impl Iterator<Item = Setting> {
        Setting::ALL.into_iter().filter(|&setting| self.get(setting).is_some())
    }

    /// The value of a setting.
    #[must_use]
    pub fn get(&self, setting: Setting) -> Option<f64> {
        self.0[setting as usize]
    }

    /// The value of a setting that counts something.
    pub(crate) fn count(&self, setting: Setting) -> Option<usize> {
        self.get(setting).map(|value| value as usize)
    }

    /// Whether a flag is set.
    pub(crate) fn flag(&self, setting: Setting) -> bool {
        self.get(setting) == Some(1.0)
    }

    /// What of this is in a method's list of [`settings`](crate::Method::settings).
    #[must_use]
    pub fn only(&self, settings: &[Setting]) -> Self {
        let mut only = *self;
        for setting in Setting::ALL {
            if !settings.contains(&setting) {
                only.0[setting as usize] = None;
            }
        }
        only
    }
}
