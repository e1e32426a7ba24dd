//! What a user may set on a method, and what an attack ends up using.

use std::fmt;

use serde::Serialize;

use crate::Error;

/// The name of something that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// How many gradients to follow.
    Steps,
    /// How far to go each time.
    StepSize,
    /// How many random starts to try.
    Restarts,
    /// The share of past gradients that momentum keeps.
    Decay,
    /// Whether an image that is fooled is left alone.
    EarlyStop,
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Steps => "steps",
            Self::StepSize => "step size",
            Self::Restarts => "restarts",
            Self::Decay => "decay",
            Self::EarlyStop => "early stop",
        })
    }
}

/// The user's overrides of a method's defaults; `None` and `false` keep the default.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Settings {
    /// How many gradients to follow, at least 1.
    pub steps: Option<usize>,
    /// The length of a step in the budget's norm, in units of pixel values; finite, above 0.
    pub step_size: Option<f64>,
    /// How many random starts to try, at least 1.
    pub restarts: Option<usize>,
    /// The share of past gradients that momentum keeps; finite, at least 0.
    pub decay: Option<f64>,
    /// Whether an image that is fooled is left alone.
    pub early_stop: bool,
}

impl Settings {
    /// What was set.
    pub fn given(&self) -> impl Iterator<Item = Setting> {
        let given = [
            (Setting::Steps, self.steps.is_some()),
            (Setting::StepSize, self.step_size.is_some()),
            (Setting::Restarts, self.restarts.is_some()),
            (Setting::Decay, self.decay.is_some()),
            (Setting::EarlyStop, self.early_stop),
        ];
        given.into_iter().filter(|&(_, is_given)| is_given).map(|(setting, _)| setting)
    }

    /// What of this is in a method's list of [`settings`](crate::Method::settings).
    #[must_use]
    pub fn only(&self, settings: &[Setting]) -> Self {
        let has = |setting| settings.contains(&setting);
        Self {
            steps: self.steps.filter(|_| has(Setting::Steps)),
            step_size: self.step_size.filter(|_| has(Setting::StepSize)),
            restarts: self.restarts.filter(|_| has(Setting::Restarts)),
            decay: self.decay.filter(|_| has(Setting::Decay)),
            early_stop: self.early_stop && has(Setting::EarlyStop),
        }
    }

    /// Checks the range of what was set, and that the method has it.
    pub(crate) fn check(&self, method: &'static str, settings: &[Setting]) -> Result<(), Error> {
        if let Some(setting) = self.given().find(|setting| !settings.contains(setting)) {
            return Err(Error::UnusedSetting { method, setting });
        }
        let (steps, restarts) = (self.steps.map(|steps| steps as f64), self.restarts.map(|restarts| restarts as f64));
        for (setting, value, zero_is_fine, expected) in [
            (Setting::Steps, steps, false, "at least 1"),
            (Setting::StepSize, self.step_size, false, "a finite number above 0"),
            (Setting::Restarts, restarts, false, "at least 1"),
            (Setting::Decay, self.decay, true, "a finite number of at least 0"),
        ] {
            let Some(value) = value else { continue };
            if !value.is_finite() || value < 0.0 || (value == 0.0 && !zero_is_fine) {
                return Err(Error::SettingRange { setting, value, expected });
            }
        }
        Ok(())
    }
}

/// The settings in effect, defaults filled in; `None` where the method has no such thing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Effective {
    /// How many gradients are followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// The length of a step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_size: Option<f64>,
    /// How many random starts are tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restarts: Option<usize>,
    /// The decay of momentum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay: Option<f64>,
    /// Whether an image that is fooled is left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_stop: Option<bool>,
    /// Whether the search starts at a random point.
    pub random_start: bool,
}

impl fmt::Display for Effective {
    /// For people: `40 steps of 0.01, random start, 1 restart`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let parts = [
            self.steps.zip(self.step_size).map(|(steps, size)| format!("{} of {size}", counted(steps, "step"))),
            self.random_start.then(|| "random start".to_owned()),
            self.restarts.map(|restarts| counted(restarts, "restart")),
            self.decay.map(|decay| format!("decay {decay}")),
            self.early_stop.and_then(|stops| stops.then(|| "early stop".to_owned())),
        ];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
