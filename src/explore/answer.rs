//! [`Answer`]: what the page gets for a question, or [`Refusal`]: why it gets none.

use std::time::Duration;

use serde::Serialize;

/// What goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) content_type: &'static str,
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

/// Why a question got no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// It makes no sense, and how it would.
    #[error("{0}")]
    Question(String),
    /// It asks for an image that is not there.
    #[error("{0}")]
    NotFound(String),
    /// Too many wait already.
    #[error("too many questions are waiting; ask again in a moment")]
    Busy,
    /// The fault is on this side.
    #[error("{0}")]
    Failure(String),
}

impl Refusal {
    /// The HTTP status that says so.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Question(_) => 400,
            Self::NotFound(_) => 404,
            Self::Busy => 503,
            Self::Failure(_) => 500,
        }
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self::Failure(format!("{error:#}").lines().next().unwrap_or_default().to_owned())
    }
}

impl From<robust_attacks::Error> for Refusal {
    fn from(error: robust_attacks::Error) -> Self {
        Self::Question(error.to_string())
    }
}
