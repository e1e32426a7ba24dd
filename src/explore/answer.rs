//! [`Answer`]: what the page gets for a question, and [`Reply`]: that, or why not.

use std::time::Duration;

use serde::Serialize;

use super::refusal::Refusal;

/// What goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Its media type.
    pub(crate) content_type: &'static str,
    /// Itself.
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// A JSON document.
    pub(super) fn json(document: &impl Serialize) -> Result<Self, Refusal> {
        match serde_json::to_vec(document) {
            Ok(bytes) => Ok(Self { content_type: "application/json", bytes }),
            Err(error) => Err(Refusal::Failure(format!("the answer cannot be written: {error}"))),
        }
    }
}

/// What comes of a question.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The answer, or why there is none.
    pub(crate) outcome: Result<Answer, Refusal>,
    /// How long it was worked on.
    pub(crate) took: Duration,
}
