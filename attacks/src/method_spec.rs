//! What a name such as `bim` or `pgd-l2` stands for: what `--method` accepts.

use std::fmt;
use std::str::FromStr;

use crate::{Attack, Axis, Budget, Error, ImageShape, Method, Norm, Setting, Settings, Value, methods};

/// The severity of a shift where none is given.
pub(crate) const DEFAULT_SEVERITY: f64 = 3.0;

/// A method and the norm to use it with: `bim` is BIM with L-infinity, `bim-l2` with L2, `cw` and `cw-l2` are one.
#[derive(Debug, Clone, Copy)]
pub struct MethodSpec {
    method: &'static Method,
    norm: Norm,
}

impl MethodSpec {
    /// Every method with every norm that it knows, in the order of [`methods`].
    pub fn all() -> impl Iterator<Item = Self> {
        methods().iter().flat_map(|method| method.norms.iter().map(move |&norm| Self { method, norm }))
    }

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

    /// The same method under another norm.
    ///
    /// # Errors
    /// [`Error::NormOfMethod`] if the method does not know it.
    pub fn under(self, norm: Norm) -> Result<Self, Error> {
        let known = self.method.norms;
        if known.contains(&norm) {
            Ok(Self { norm, ..self })
        } else {
            Err(Error::NormOfMethod { method: self.id(), norm, known })
        }
    }

    /// The epsilon of the field where none is given, for images in [0, 1]. Of one channel, as digits are: 0.3 for L-infinity, 2 for L2, 10
    /// for L1, 40 pixels for L0. Of several, as photographs are: 8/255 and 0.5, those of RobustBench (Croce et al. 2021,
    /// arXiv:2010.09670), 12 for L1 (Croce and Hein 2021, arXiv:2103.01208), and 24 values for L0, for which no number is customary.
    /// None where the method has no budget.
    #[must_use]
    pub fn default_epsilon(&self, shape: ImageShape) -> Option<f64> {
        let [grey, colour] = match self.norm {
            Norm::Linf => [0.3, 8.0 / 255.0],
            Norm::L2 => [2.0, 0.5],
            Norm::L1 => [10.0, 12.0],
            Norm::L0 => [40.0, 24.0],
        };
        let epsilon = if shape.is_grey() { grey } else { colour };
        (self.method.axis == Axis::Epsilon).then_some(epsilon)
    }

    /// The name of a set of adversarial images, such as `bim@0.3`, `pgd-l2@1.5`, `deepfool-l2@min`, `cw-l2@k10` or `blur@s3`;
    /// with a weight of a detector's score that was chosen `r-pgd@0.3x0.1`.
    #[must_use]
    pub fn set_name(&self, budget: &Budget, settings: &Settings) -> String {
        let set = |setting, default| settings.get(setting).unwrap_or(default);
        match self.method.axis {
            Axis::Epsilon => match settings.get(Setting::Lambda) {
                Some(lambda) => format!("{self}@{}x{lambda}", budget.epsilon()),
                None => format!("{self}@{}", budget.epsilon()),
            },
            Axis::Minimum => format!("{self}@min"),
            Axis::Confidence => format!("{self}@k{}", set(Setting::Confidence, 0.0)),
            Axis::Severity => format!("{self}@s{}", set(Setting::Severity, DEFAULT_SEVERITY)),
        }
    }

    /// The attack, for any budget under its norm.
    ///
    /// # Errors
    /// [`Error::UnusedSetting`] for a setting that the method does not have, [`Error::SettingRange`] for one out of range.
    pub fn build(&self, settings: &Settings) -> Result<Box<dyn Attack>, Error> {
        let method = self.method.id;
        for setting in settings.given() {
            if !self.method.settings.contains(&setting) {
                return Err(Error::UnusedSetting { method, setting });
            }
            let value = settings.get(setting).unwrap_or_default();
            if let Some(expected) = setting.expected_instead_of(value) {
                return Err(Error::SettingRange { setting, value, expected });
            }
        }
        Ok((self.method.build)(self.norm, settings))
    }

    /// What is allowed but hardly meant: steps that together cannot reach the border of the budget. Settings that
    /// [`build`](Self::build) rejects get no warning.
    #[must_use]
    pub fn warnings(&self, budget: &Budget, settings: &Settings) -> Vec<String> {
        let configuration = self.build(settings).map(|attack| attack.configuration(budget)).unwrap_or_default();
        let (Some(&Value::Count(steps)), Some(&Value::Number(step))) =
            (configuration.get("steps"), configuration.get("step_size"))
        else {
            return Vec::new();
        };
        let (reach, epsilon) = (steps as f64 * step, budget.epsilon());
        let too_short = reach < epsilon * (1.0 - 1e-9);
        let warning = || format!("{self}: {steps} steps of {step} reach {reach} at most, less than epsilon {epsilon}");
        too_short.then(warning).into_iter().collect()
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

    /// The name that is displayed; for a method that knows no L-infinity the id alone, too, for its first norm.
    fn from_str(name: &str) -> Result<Self, Error> {
        let found =
            Self::all().find(|spec| spec.to_string() == name).or_else(|| Self::all().find(|spec| spec.id() == name));
        found.ok_or_else(|| Error::UnknownMethod {
            name: name.to_owned(),
            known: Self::all().map(|spec| spec.to_string()).collect::<Vec<_>>().join(", "),
        })
    }
}
