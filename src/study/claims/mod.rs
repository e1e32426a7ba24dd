//! The claims of the paper, each with its number, the number measured here over all images, and whether it holds.
//!
//! A claim holds if its criterion is met at both ends of a 95 % interval, and by the networks of all seeds where there are several; if it
//! is met nowhere there it does not hold, and else nobody can tell. A claim that the paper makes with pictures has no number there; the criterion is then ours and stands beside it. After
//! the claims come questions that the paper leaves open, with answers instead of verdicts.

mod claim;
mod document;
mod drawings;
mod measured;
mod paper;
mod questions;
mod styles;
mod verdict;

use anyhow::Result;

pub(crate) use claim::Claim;
pub(crate) use document::markdown;
pub(crate) use measured::{Measured, Origin};
pub(crate) use verdict::{Estimate, Side, Unit, Verdict};

use crate::study::Study;
use paper::Paper;

/// All claims, measured on the images of a dataset, and the open questions after them.
pub(crate) fn claims(study: &Study, dataset: &str) -> Result<Vec<Claim>> {
    let paper = Paper::on(dataset);
    let mut claims = vec![drawings::accuracy(study, &paper)];
    claims.extend(drawings::manner(study, &paper)?);
    claims.push(drawings::correction(study, &paper)?);
    claims.extend(styles::neighbours(study, &paper)?);
    claims.extend(styles::interpolation(study, &paper)?);
    claims.push(drawings::mismatch(study)?);
    claims.extend(questions::questions(study)?);
    Ok(claims)
}
