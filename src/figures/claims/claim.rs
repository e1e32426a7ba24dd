//! [`Claim`]: one line of the table.

use serde::{Deserialize, Serialize};

/// A claim and what is measured of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// What is claimed, or the question that the paper leaves open.
    pub claim: String,
    /// The paper's number, or where it shows it; empty for an open question.
    pub paper: String,
    /// The number measured.
    pub ours: String,
    /// When the claim counts as true; empty for an open question.
    pub criterion: String,
    /// Whether it does; none for an open question and without images.
    pub holds: Option<bool>,
}

impl Claim {
    /// A claim that counts as true if `criterion` is met.
    pub(super) fn new(claim: &str, paper: &str, ours: String, criterion: &str, holds: Option<bool>) -> Self {
        Self { claim: claim.into(), paper: paper.into(), ours, criterion: criterion.into(), holds }
    }

    /// A question that the paper leaves open.
    pub(super) fn question(question: &str, ours: String) -> Self {
        Self::new(question, "", ours, "", None)
    }

    /// "yes" or "no"; empty where there is nothing to decide.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        match self.holds {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        }
    }
}
