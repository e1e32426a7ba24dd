//! [`Question`]: what the page may ask, who answers it, and in which [`Lane`]: what takes long does not stand in the way of what does not.

use super::answer::{Answer, Refusal};
use super::asker::Asker;
use super::attack::AttackWish;
use super::case::CaseWish;
use super::draw::DrawWish;
use super::pick::PickWish;
use super::source::Source;
use super::studio::Studio;

/// What the page may ask.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Question {
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

/// How long a question may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Milliseconds.
    Quick,
    /// Perhaps minutes.
    Slow,
}

impl Lane {
    /// How many may wait.
    pub(super) const fn room(self) -> usize {
        match self {
            Self::Quick => 256,
            Self::Slow => 128,
        }
    }
}

/// A question out of the body of a request.
pub(super) type Parse = fn(&[u8]) -> serde_json::Result<Question>;

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

impl Studio<'_> {
    /// Answers a question. What takes long ends as soon as nobody waits for it any more.
    pub(crate) fn answer(&self, question: &Question, asker: Asker) -> Result<Answer, Refusal> {
        match question {
            Question::Look(source) => Answer::json(&self.see(source)?),
            Question::Draw(wish) => Answer::json(&self.draw(wish)?),
            Question::Attack(wish) => Answer::json(&self.attack(wish, asker)?),
            Question::Pick(wish) => Answer::json(&self.pick(wish, asker)?),
            Question::CaseJson(case) => Answer::json(&self.case(case, asker)?),
            Question::CasePng(case) => self.case_png(case, asker),
        }
    }
}
