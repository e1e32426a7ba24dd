//! What a name such as `bim` or `pgd-l2` stands for: what `--method` accepts.

use std::fmt;
use std::str::FromStr;

use crate::method::Plan;
use crate::{Attack, Budget, Effective, Error, Method, Norm, Settings, methods};

/// A method and the norm to use it with: `bim` is BIM with L-infinity, `bim-l2` with L2.
#[derive(Debug, Clone, Copy)]
pub struct MethodSpec {
    method: &'static Method,
    norm: Norm,
}

impl MethodSpec {
    /// The method.
    #[must_use]
    pub fn method(&self) -> &'static Method {
        self.method
    }

    /// The method's id, without the norm.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.method.id
    }

    /// The norm.
    #[must_use]
    pub fn norm(&self) -> Norm {
        self.norm
    }

    /// The epsilon of the field where none is given: 0.3 for L-infinity, 2 for L2, for digits in [0, 1].
    #[must_use]
    pub fn default_epsilon(&self) -> f64 {
        match self.norm {
            Norm::Linf => 0.3,
            Norm::L2 => 2.0,
        }
    }

    /// The name of a set of adversarial images, such as `bim@0.3` or `pgd-l2@1.5`.
    #[must_use]
    pub fn set_name(&self, epsilon: f64) -> String {
        format!("{self}@{epsilon}")
    }

    /// The attack.
    ///
    /// # Errors
    /// [`Error::UnusedSetting`] for a setting that the method does not have, [`Error::SettingRange`] for one out of range.
    pub fn build(&self, budget: &Budget, settings: &Settings) -> Result<Box<dyn Attack>, Error> {
        Ok(self.plan(budget, settings)?.attack)
    }

    /// The settings in effect.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn effective(&self, budget: &Budget, settings: &Settings) -> Result<Effective, Error> {
        Ok(self.plan(budget, settings)?.effective)
    }

    /// What is allowed but hardly meant: steps that together cannot reach the border of the budget. Settings that
    /// [`build`](Self::build) rejects get no warning.
    #[must_use]
    pub fn warnings(&self, budget: &Budget, settings: &Settings) -> Vec<String> {
        let Ok(Effective { steps: Some(steps), step_size: Some(step), .. }) = self.effective(budget, settings) else {
            return Vec::new();
        };
        let (reach, epsilon) = (steps as f64 * step, budget.epsilon());
        let too_short = reach < epsilon * (1.0 - 1e-9);
        let warning = || format!("{self}: {steps} steps of {step} reach {reach} at most, less than epsilon {epsilon}");
        too_short.then(warning).into_iter().collect()
    }

    fn plan(&self, budget: &Budget, settings: &Settings) -> Result<Plan, Error> {
        settings.check(self.method.id, self.method.settings)?;
        Ok((self.method.plan)(budget, settings))
    }
}

impl fmt::Display for MethodSpec {
    /// The id, and the norm unless it is L-infinity.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.norm {
            Norm::Linf => f.write_str(self.method.id),
            norm => write!(f, "{}-{norm}", self.method.id),
        }
    }
}

impl FromStr for MethodSpec {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let all = || methods().iter().flat_map(|method| method.norms.iter().map(move |&norm| Self { method, norm }));
        all().find(|spec| spec.to_string() == name).ok_or_else(|| Error::UnknownMethod {
            name: name.to_owned(),
            known: all().map(|spec| spec.to_string()).collect::<Vec<_>>().join(", "),
        })
    }
}
