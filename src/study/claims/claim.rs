//! [`Claim`]: one line of the table.

use serde::{Deserialize, Serialize};

use super::{Estimate, Side, Unit, Verdict};

/// A claim and what is measured of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// What is claimed, or the question that the paper leaves open.
    pub(crate) claim: String,
    /// The paper's number, or where it shows it; empty for an open question.
    pub(crate) paper: String,
    /// What is measured.
    pub(crate) ours: String,
    /// When the criterion is met; empty for an open question.
    pub(crate) criterion: String,
    /// Whether it is; none for an open question and without images.
    pub(crate) holds: Option<bool>,
    /// The number that decides; none for an open question and without images.
    pub(crate) decided_by: Option<Estimate>,
    /// Whether the claim holds, by this network alone; none for an open question and without images.
    pub(crate) verdict: Option<Verdict>,
}

/// A claim of the paper, as it is asked for.
pub(super) struct Asked<'a> {
    pub(super) claim: &'a str,
    pub(super) paper: &'a str,
    pub(super) criterion: &'a str,
    /// What the deciding number is of, where the claim does not say that already.
    pub(super) quantity: &'a str,
    pub(super) unit: Unit,
    pub(super) side: Side,
    pub(super) bound: f64,
}

impl Asked<'_> {
    /// The claim measured: the text, and the number that decides with its interval.
    pub(super) fn measured(self, ours: String, value: Option<f64>, interval: Option<[f64; 2]>) -> Claim {
        let Self { claim, paper, criterion, quantity, unit, side, bound } = self;
        let [low, high] = [0, 1].map(|end| interval.map(|ends| ends[end]));
        let decided_by = value.map(|value| Estimate { quantity: quantity.into(), unit, value, low, high, side, bound });
        Claim {
            claim: claim.into(),
            paper: paper.into(),
            ours,
            criterion: criterion.into(),
            holds: decided_by.as_ref().map(|estimate| estimate.meets(estimate.value)),
            verdict: decided_by.as_ref().map(|estimate| estimate.verdict(&[])),
            decided_by,
        }
    }
}

impl Claim {
    /// A question that the paper leaves open.
    pub(super) fn question(question: &str, ours: String) -> Self {
        Self { claim: question.into(), ours, ..Self::default() }
    }

    /// What is measured, with the interval of the number that decides and the numbers that `others` have: the networks of other seeds.
    pub(crate) fn told(&self, others: &[(u64, f64)]) -> String {
        let Some(Estimate { quantity, unit, value, low, high, .. }) = &self.decided_by else {
            return self.ours.clone();
        };
        let mut parts = Vec::new();
        if let Some((low, high)) = low.zip(*high) {
            parts.push(format!("{} to {}{}", unit.write(low), unit.write(high), unit.sign()));
        }
        for (seed, other) in others {
            parts.push(format!("seed {seed}: {}{}", unit.write(*other), unit.sign()));
        }
        let number = if quantity.is_empty() {
            String::new()
        } else {
            format!("; {quantity} {}{}", unit.write(*value), unit.sign())
        };
        let parts = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) };
        format!("{}{number}{parts}", self.ours)
    }
}
