//! [`ScreenedRow`]: what `robust detect --input` says of one image.

use anyhow::Result;
use robust_detectors::Reason;

use super::csv_file::Row;
use super::reasons::reason;
use crate::evaluation::Drawn;

/// The row of an image.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ScreenedRow {
    /// File, and position where it holds several.
    pub(crate) source: String,
    /// Position among all images.
    pub(crate) position: usize,
    /// The most likely class.
    pub(crate) prediction: u32,
    /// Its softmax.
    pub(crate) confidence: f32,
    /// By the detector that flags.
    pub(crate) score: f32,
    pub(crate) flagged: bool,
    /// Why, if it is and the file says it.
    pub(crate) reason: Option<Reason>,
    /// What the network drew; none of one that does not draw.
    pub(crate) drawn: Option<Drawn>,
    /// One score per detector.
    pub(crate) scores: Vec<f32>,
}

impl ScreenedRow {
    /// Out of these columns and scores of a row; `why` is the column of reasons, if there is one.
    pub(super) fn read(
        row: &Row,
        columns: [usize; 8],
        why: Option<usize>,
        scores: &[usize],
        position: usize,
    ) -> Result<Self> {
        let [source, prediction, confidence, score, flagged, error, error_alternative, alternative] = columns;
        Ok(Self {
            source: row.text(source).to_owned(),
            position,
            prediction: row.get(prediction)?,
            confidence: row.get(confidence)?,
            score: row.get(score)?,
            flagged: row.get(flagged)?,
            reason: reason(row, why)?,
            drawn: match row.optional(alternative)? {
                None => None,
                Some(alternative_label) => Some(Drawn {
                    alternative_label,
                    error_predicted: row.get(error)?,
                    error_alternative: row.get(error_alternative)?,
                }),
            },
            scores: scores.iter().map(|&column| row.get(column)).collect::<Result<_, _>>()?,
        })
    }
}
