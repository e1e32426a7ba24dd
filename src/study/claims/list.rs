//! All claims, in the paper's order, and the open questions after them.

use anyhow::Result;

use super::paper::Paper;
use super::{Claim, drawings, questions, styles};
use crate::study::Study;

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
