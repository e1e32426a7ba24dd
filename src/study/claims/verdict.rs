//! [`Verdict`]: whether a claim holds, decided by a number ([`Estimate`]), its 95 % interval and, where there are several networks, theirs.

use serde::{Deserialize, Serialize};

use crate::study::Study;

/// The number that decides a claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Estimate {
    /// What it is of, where the claim does not say that already.
    pub(crate) quantity: String,
    /// How it is written.
    pub(crate) unit: Unit,
    /// What is measured.
    pub(crate) value: f64,
    /// Lower end of its 95 % interval; none of too few images.
    pub(crate) low: Option<f64>,
    /// Upper end.
    pub(crate) high: Option<f64>,
    /// The numbers with which the claim holds.
    pub(crate) side: Side,
    /// Where that side ends.
    pub(crate) bound: f64,
}

/// A side of a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Side {
    /// The bound itself, or more.
    AtLeast,
    /// More than the bound.
    Above,
    /// Less than the bound.
    Below,
}

/// Whether a claim holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Verdict {
    /// The criterion is met at both ends of the interval, and by every network.
    #[serde(rename = "holds")]
    Holds,
    /// It is met nowhere there.
    #[serde(rename = "does not hold")]
    DoesNotHold,
    /// It is met here and not there, or nobody knows how sure the number is.
    #[serde(rename = "undecided")]
    Undecided,
}

impl Estimate {
    /// Whether a number is on the side where the claim holds.
    pub(super) fn meets(&self, value: f64) -> bool {
        match self.side {
            Side::AtLeast => value >= self.bound,
            Side::Above => value > self.bound,
            Side::Below => value < self.bound,
        }
    }

    /// The verdict, where other networks of the same recipe have the numbers `others`.
    pub(crate) fn verdict(&self, others: &[f64]) -> Verdict {
        let Some((low, high)) = self.low.zip(self.high) else { return Verdict::Undecided };
        let met: Vec<bool> = [self.value, low, high].iter().chain(others).map(|&value| self.meets(value)).collect();
        match (met.contains(&true), met.contains(&false)) {
            (true, false) => Verdict::Holds,
            (false, true) => Verdict::DoesNotHold,
            _ => Verdict::Undecided,
        }
    }
}

impl Verdict {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::DoesNotHold => "does not hold",
            Self::Undecided => "undecided",
        }
    }
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Unit {
    /// A share from 0 to 1, in percent.
    Share,
    Number,
}

impl Unit {
    /// The number, without its unit.
    pub(super) fn write(self, value: f64) -> String {
        match self {
            Self::Share => format!("{:.2}", 100.0 * value),
            Self::Number => format!("{value:.3}"),
        }
    }

    /// What follows the number.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Share => " %",
            Self::Number => "",
        }
    }
}

/// A share in percent, one decimal.
pub(super) fn percents(share: Option<f64>) -> String {
    share.map_or("none".to_owned(), |share| format!("{:.1} %", 100.0 * share))
}

/// What stands in place of numbers about strokes where there are none.
pub(super) fn unmeasured(study: &Study) -> String {
    format!("not measured: images of {} have no strokes", study.gallery.shape)
}

/// A number.
pub(super) fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or("none".to_owned(), |value| format!("{value:.decimals$}"))
}

#[cfg(test)]
mod tests {
    use super::{Estimate, Side, Unit, Verdict};
    use Side::{Above, AtLeast, Below};
    use Verdict::{DoesNotHold, Holds, Undecided};

    #[test]
    fn a_claim_holds_if_both_ends_and_all_networks_are_on_its_side() {
        for (side, value, interval, others, expected) in [
            (AtLeast, 0.95, Some([0.93, 0.97]), &[][..], Holds),
            (AtLeast, 0.95, Some([0.9, 0.97]), &[], Holds),
            (Above, 0.95, Some([0.9, 0.97]), &[], Undecided),
            (AtLeast, 0.95, Some([0.89, 0.97]), &[], Undecided),
            (AtLeast, 0.85, Some([0.83, 0.91]), &[], Undecided),
            (AtLeast, 0.85, Some([0.83, 0.87]), &[], DoesNotHold),
            (AtLeast, 0.95, None, &[], Undecided),
            (AtLeast, 0.95, Some([0.93, 0.97]), &[0.91, 0.99], Holds),
            (AtLeast, 0.95, Some([0.93, 0.97]), &[0.91, 0.89], Undecided),
            (AtLeast, 0.85, Some([0.83, 0.87]), &[0.8, 0.88], DoesNotHold),
            (AtLeast, 0.85, Some([0.83, 0.87]), &[0.92], Undecided),
            (Below, 0.85, Some([0.83, 0.87]), &[0.8], Holds),
            (Below, 0.95, Some([0.9, 0.97]), &[], DoesNotHold),
            (Below, 0.95, Some([0.89, 0.97]), &[], Undecided),
        ] {
            let [low, high] = [0, 1].map(|end| interval.map(|ends| ends[end]));
            let estimate = Estimate { quantity: String::new(), unit: Unit::Share, value, low, high, side, bound: 0.9 };
            assert_eq!(estimate.verdict(others), expected, "{estimate:?}, {others:?}");
        }
    }
}
