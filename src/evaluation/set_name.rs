//! [`SetName`]: what a set of images is called, in files, in tables and as a folder.

use std::fmt;

use robust_attacks::{Budget, MethodSpec, Settings};
use serde::{Deserialize, Serialize, Serializer};

/// What the name of a set of shifted images begins with.
const SHIFTED: &str = "shifted-";
/// What the worst case over attacks is called.
const WORST: &str = "worst";
/// The norm that the name of a worst case leaves out.
const LINF: &str = "linf";

/// The name of a set. Every text is one: what it displays as is what it came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "String")]
pub enum SetName {
    /// `clean`: the images as they are.
    #[default]
    Clean,
    /// `misclassified`: the clean images that the network gets wrong.
    Misclassified,
    /// `ambiguous`: blends of two clean images.
    Ambiguous,
    /// `input`: a person's own images.
    Input,
    /// `shifted-jpeg@s0`: the images after a benign shift, the name of which comes last.
    Shifted(String),
    /// `worst@0.3`, `worst-l2@1`: of every image the worst of all attacks within a budget.
    Worst {
        /// Such as `linf`.
        norm: String,
        /// The bound.
        epsilon: String,
    },
    /// `bim@0.3`, `cw-l2@k10`, `r-pgd@0.3x0.1`: what an attack of a strength makes.
    Attacked {
        /// Method and norm.
        attack: String,
        /// Epsilon, `min`, `k` and a confidence, `s` and a severity, or epsilon, `x` and a weight.
        strength: String,
    },
    /// Of nobody who works here.
    Other(String),
}

impl SetName {
    /// The set that a method makes within a budget.
    #[must_use]
    pub fn of(spec: MethodSpec, budget: &Budget, settings: &Settings) -> Self {
        spec.set_name(budget, settings).as_str().into()
    }

    /// The worst case that a set of that norm and epsilon is a part of; none where it has no budget.
    #[must_use]
    pub fn worst(norm: Option<&str>, epsilon: Option<f64>) -> Option<Self> {
        Some(Self::Worst { norm: norm?.to_owned(), epsilon: epsilon?.to_string() })
    }

    /// The attack, whatever its epsilon: `r-pgd x0.1` of `r-pgd@0.3x0.1`.
    #[must_use]
    pub fn attack(&self) -> String {
        match self {
            Self::Worst { norm, .. } if norm == LINF => WORST.to_owned(),
            Self::Worst { norm, .. } => format!("{WORST}-{norm}"),
            Self::Attacked { attack, strength } => match strength.split_once('x') {
                Some((_, weight)) => format!("{attack} x{weight}"),
                None => attack.clone(),
            },
            other => other.to_string(),
        }
    }
}

impl fmt::Display for SetName {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Clean => f.write_str("clean"),
            Self::Misclassified => f.write_str("misclassified"),
            Self::Ambiguous => f.write_str("ambiguous"),
            Self::Input => f.write_str("input"),
            Self::Shifted(shift) => write!(f, "{SHIFTED}{shift}"),
            Self::Worst { epsilon, .. } => write!(f, "{}@{epsilon}", self.attack()),
            Self::Attacked { attack, strength } => write!(f, "{attack}@{strength}"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

impl From<&str> for SetName {
    fn from(name: &str) -> Self {
        let known = [Self::Clean, Self::Misclassified, Self::Ambiguous, Self::Input];
        if let Some(known) = known.into_iter().find(|known| known.to_string() == name) {
            return known;
        }
        if let Some(shift) = name.strip_prefix(SHIFTED) {
            return Self::Shifted(shift.to_owned());
        }
        let Some((attack, strength)) = name.split_once('@') else { return Self::Other(name.to_owned()) };
        let norm =
            if attack == WORST { Some(LINF) } else { attack.strip_prefix("worst-").filter(|&norm| norm != LINF) };
        match norm {
            Some(norm) => Self::Worst { norm: norm.to_owned(), epsilon: strength.to_owned() },
            None => Self::Attacked { attack: attack.to_owned(), strength: strength.to_owned() },
        }
    }
}

impl From<String> for SetName {
    fn from(name: String) -> Self {
        name.as_str().into()
    }
}

impl Serialize for SetName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use robust_attacks::Norm;

    use super::*;

    #[test]
    fn every_text_is_a_name_and_displays_as_itself() {
        for (text, attack, is_worst) in [
            ("clean", "clean", false),
            ("misclassified", "misclassified", false),
            ("ambiguous", "ambiguous", false),
            ("input", "input", false),
            ("bim@0.3", "bim", false),
            ("cw-l2@k10", "cw-l2", false),
            ("deepfool@min", "deepfool", false),
            ("blur@s3", "blur", false),
            ("shifted-blur@s0", "shifted-blur@s0", false),
            ("r-pgd@0.3x0.1", "r-pgd x0.1", false),
            ("worst@0.3", "worst", true),
            ("worst-l2@1", "worst-l2", true),
            ("worst-linf@1", "worst-linf", false),
            ("worsted@1", "worsted", false),
            ("worst", "worst", false),
            ("a folder", "a folder", false),
            ("", "", false),
            ("@", "", false),
        ] {
            let name = SetName::from(text);
            assert_eq!((name.to_string().as_str(), name.attack().as_str()), (text, attack));
            assert_eq!(matches!(name, SetName::Worst { .. }), is_worst, "{text}");
        }
    }

    #[test]
    fn every_method_has_a_name_of_its_own_that_comes_back() {
        for spec in MethodSpec::all() {
            let name = SetName::of(spec, &Budget::unbounded(spec.norm()), &Settings::new());
            assert_eq!(name.attack(), spec.to_string());
        }
        let worst = |norm: Norm, epsilon| SetName::worst(Some(&norm.to_string()), Some(epsilon));
        assert_eq!(worst(Norm::Linf, 0.3), Some("worst@0.3".into()));
        assert_eq!(worst(Norm::L2, 1.0), Some("worst-l2@1".into()));
        assert_eq!((SetName::worst(None, Some(1.0)), SetName::worst(Some("l2"), None)), (None, None));
    }
}
