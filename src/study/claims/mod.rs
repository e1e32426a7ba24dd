//! The claims of the paper, each with its number, the number measured here over all images, and whether it holds.
//!
//! A claim holds if its criterion is met at both ends of a 95 % interval, and by the networks of all seeds where there are several; if it
//! is met nowhere there it does not hold, and else nobody can tell. A claim that the paper makes with pictures has no number there; the criterion is then ours and stands beside it. After
//! the claims come questions that the paper leaves open, with answers instead of verdicts.

mod claim;
mod document;
mod drawings;
mod list;
mod measured;
mod paper;
mod questions;
mod styles;
mod verdict;

pub(crate) use claim::Claim;
pub(crate) use document::markdown;
pub(crate) use list::claims;
pub(crate) use measured::{Measured, Origin};
pub(crate) use verdict::{Estimate, Side, Unit, Verdict};
