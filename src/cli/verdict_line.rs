//! What `detect --input --jsonl` prints: a JSON object for each image, for a program to read. `docs/files.md` has its keys.

use robust_data::input::Row;
use robust_detectors::Reason;
use serde_json::{Map, Value, json};

use super::bench::Bench;
use crate::evaluation::{Seen, part_names};

/// The line of an image, or of a file that could not be read.
pub(crate) fn of(row: &Row, seen: &[Seen], class_names: &[String], bench: &Bench) -> Value {
    let at = match row.image {
        Ok(at) => at,
        Err(error) => return json!({ "source": row.source, "verdict": "unread", "error": error }),
    };
    let (seen, chosen) = (&seen[at], bench.flagging.chosen);
    let corrected = seen.sighting.verdicts[chosen.position].corrected_label;
    let scores = bench.flagging.gauges.iter().map(|gauge| {
        let said =
            json!({ "score": seen.score(*gauge), "threshold": gauge.threshold.score(), "flagged": gauge.flags(seen) });
        (gauge.id.to_owned(), said)
    });
    let parts = part_names(&bench.flagging.gauges).zip(&seen.sighting.parts);
    let parts = parts.map(|(name, part)| (name.to_owned(), json!(part)));
    json!({
        "source": row.source, "verdict": if chosen.flags(seen) { "flagged" } else { "accepted" },
        "prediction": seen.sighting.prediction, "class": class_names[seen.sighting.prediction as usize],
        "confidence": seen.sighting.confidence, "detector": chosen.id, "score": seen.score(chosen),
        "threshold": chosen.threshold.score(), "reason": seen.reason(chosen).map(Reason::word), "corrected": corrected.map(|label| &class_names[label as usize]),
        "scores": scores.collect::<Map<_, _>>(), "parts": parts.collect::<Map<_, _>>(),
    })
}
