//! `detect.csv` and `roc.csv`.

use std::borrow::Cow;
use std::io::{self, Write};

use robust_detectors::{Reason, Roc, RocPoint, Status};
use serde::Serialize;

use crate::evaluation::{Gauge, MetricsRow, Seen, SetName, Shard, Verdict, part_names};
use crate::files::{cell, header};

/// The named columns of `detect.csv`; the scores of all detectors and their parts follow them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
struct DetectionRow<'a> {
    set: Option<&'a SetName>,
    index: u64,
    label: Option<u32>,
    prediction: u32,
    confidence: f32,
    score: f32,
    flagged: bool,
    error_predicted: Option<f32>,
    error_alternative: Option<f32>,
    alternative_label: Option<u32>,
    status: Option<Status>,
    corrected_label: Option<u32>,
    reason: Option<&'static str>,
}

/// One image for `detect.csv`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry<'a> {
    pub(crate) set: &'a SetName,
    /// The image, or why a person's file could not be read.
    pub(crate) seen: Result<&'a Seen, &'a str>,
    /// Where a person's own image came from.
    pub(crate) source: Option<Cow<'a, str>>,
}

/// What follows the scores in `detect.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastColumns {
    /// Nothing.
    None,
    /// `source` and `error`: the entries have a source.
    Source,
    /// `corrected_<id>` for each detector: of a shard, whose figures are worked out from its rows later.
    Corrected,
}

impl LastColumns {
    /// Those of a run on all images, or on a shard of them.
    pub(crate) fn of_shard(shard: Option<Shard>) -> Self {
        shard.map_or(Self::None, |_| Self::Corrected)
    }
}

/// Writes `detect.csv`: a row per image, with `score`, `flagged` and `corrected_label` by the `chosen` detector and a
/// column `score_<id>` for each of `gauges` and `part_<name>` for each part of their scores, then the `last` columns. A file that could not be read has a row of its own with set, source
/// and error alone.
pub(crate) fn write_detection<'a>(
    entries: impl IntoIterator<Item = Entry<'a>>,
    chosen: Gauge,
    gauges: &[Gauge],
    last: LastColumns,
    writer: impl Write,
) -> io::Result<()> {
    let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(writer);
    let mut header = header::<DetectionRow>()?;
    header.extend(gauges.iter().map(|gauge| format!("score_{}", gauge.id)));
    header.extend(part_names(gauges).map(|name| format!("part_{name}")));
    let measured = header.len();
    match last {
        LastColumns::None => {}
        LastColumns::Source => header.extend(["source", "error"]),
        LastColumns::Corrected => header.extend(gauges.iter().map(|gauge| format!("corrected_{}", gauge.id))),
    }
    csv.write_record(&header)?;
    for Entry { set, seen, source } in entries {
        let source = source.as_deref().map(cell);
        let seen = match seen {
            Ok(seen) => seen,
            Err(error) => {
                let (name, error) = (set.to_string(), cell(error));
                let mut row = vec![""; measured];
                row[0] = &name;
                csv.write_record(row.into_iter().chain(source.as_deref()).chain([&*error]))?;
                continue;
            }
        };
        let sighting = &seen.sighting;
        let Verdict { score, corrected_label, .. } = sighting.verdicts[chosen.position];
        let row = DetectionRow {
            set: Some(set),
            index: seen.index,
            label: seen.label,
            prediction: sighting.prediction,
            confidence: sighting.confidence,
            score,
            flagged: chosen.flags(seen),
            error_predicted: sighting.drawn.map(|drawn| drawn.error_predicted),
            error_alternative: sighting.drawn.map(|drawn| drawn.error_alternative),
            alternative_label: sighting.drawn.map(|drawn| drawn.alternative_label),
            status: seen.status,
            corrected_label,
            reason: seen.reason(chosen).map(Reason::word),
        };
        let scores = gauges.iter().map(|gauge| Some(seen.score(*gauge)));
        let scores: Vec<Option<f32>> = scores.chain(sighting.parts.iter().copied()).collect();
        let corrected = |gauge: &Gauge| sighting.verdicts[gauge.position].corrected_label;
        match (last, source) {
            (LastColumns::Source, source) => csv.serialize((row, scores, source, ""))?,
            (LastColumns::Corrected, _) => {
                csv.serialize((row, scores, gauges.iter().map(corrected).collect::<Vec<_>>()))?;
            }
            (LastColumns::None, _) => csv.serialize((row, scores))?,
        }
    }
    csv.flush()
}

/// One row of `roc.csv`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct RocRow<'a> {
    pub(crate) set: Option<&'a SetName>,
    pub(crate) detector: &'a str,
    /// Scores above it are flagged: `--threshold` with it gives the same rates.
    pub(crate) threshold: f32,
    /// Share of negatives flagged.
    pub(crate) fpr: f64,
    /// Share of positives flagged.
    pub(crate) tpr: f64,
}

/// The corners of a curve as rows; points on a straight line between others are left out, which changes no area.
pub(crate) fn roc_rows<'a>(metrics: &'a MetricsRow, roc: &'a Roc) -> impl Iterator<Item = RocRow<'a>> {
    corners(roc).map(|point| RocRow {
        set: Some(&metrics.set),
        detector: &metrics.detector,
        threshold: point.threshold,
        fpr: point.fpr,
        tpr: point.tpr,
    })
}

/// The points of a curve that do not lie straight between their neighbours.
pub(super) fn corners(roc: &Roc) -> impl DoubleEndedIterator<Item = &RocPoint> {
    let points = roc.points();
    let straight = |i: usize| {
        let [a, b, c] = [points[i - 1], points[i], points[i + 1]];
        (b.fpr - a.fpr) * (c.tpr - b.tpr) == (c.fpr - b.fpr) * (b.tpr - a.tpr)
    };
    (0..points.len()).filter(move |&i| i == 0 || i + 1 == points.len() || !straight(i)).map(|i| &points[i])
}
