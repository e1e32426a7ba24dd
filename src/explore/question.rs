//! [`Question`] and [`Answer`]: what the page may ask and what it gets.

use serde::Serialize;
use serde_json::Result;

use super::Refusal;
use super::attack::AttackWish;
use super::case::CaseWish;
use super::draw::DrawWish;
use super::pick::PickWish;
use super::queue::Lane;
use super::source::Source;

/// What the page may ask.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// What is seen in an image.
    Look(Source),
    /// What is drawn for a label and a style.
    Draw(DrawWish),
    /// What an attack makes of an image.
    Attack(AttackWish),
    /// Images to choose from.
    Pick(PickWish),
    /// All of a case, as JSON.
    CaseJson(CaseWish),
    /// A picture of a case.
    CasePng(CaseWish),
}

/// A question out of the body of a request.
pub(super) type Parse = fn(&[u8]) -> Result<Question>;

/// Where each is asked.
pub(super) const PLACES: [(&str, Parse); 6] = [
    ("/look", |body| serde_json::from_slice(body).map(Question::Look)),
    ("/draw", |body| serde_json::from_slice(body).map(Question::Draw)),
    ("/attack", |body| serde_json::from_slice(body).map(Question::Attack)),
    ("/pick", |body| serde_json::from_slice(body).map(Question::Pick)),
    ("/case.json", |body| serde_json::from_slice(body).map(Question::CaseJson)),
    ("/case.png", |body| serde_json::from_slice(body).map(Question::CasePng)),
];

impl Question {
    /// Where it waits: attacks may take seconds, and so may a look at the whole split.
    pub(super) fn lane(&self) -> Lane {
        match self {
            Self::Look(_) | Self::Draw(_) => Lane::Quick,
            Self::Pick(wish) if !wish.wrong => Lane::Quick,
            _ => Lane::Slow,
        }
    }
}

/// What goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its media type.
    pub content_type: &'static str,
    /// Itself.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// A JSON document.
    pub(super) fn json(document: &impl Serialize) -> std::result::Result<Self, Refusal> {
        match serde_json::to_vec(document) {
            Ok(bytes) => Ok(Self { content_type: "application/json", bytes }),
            Err(error) => Err(Refusal::Failure(format!("the answer cannot be written: {error}"))),
        }
    }
}
