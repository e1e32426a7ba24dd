//! What the detectors saw of the images of all shards, read back from their `detect.csv`.

use std::fs::File;
use std::io::{BufReader, Read, Take};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use csv::{Reader, StringRecord};
use robust_data::open_file;
use robust_detectors::{Reason, Status, detector};
use serde::Deserialize;

use super::shards::{Places, Shards};
use crate::cli::detection::Seen;
use crate::evaluation::{Drawn, Gauge, Seen as SeenImage, SeenSet, SetName, Shift, Sighting, Verdict, part_names};
use crate::files::DETECTION_ROWS;
use crate::report::{MAX_CSV_BYTES, Unattacked};

/// The columns of `detect.csv` that every run has, as far as figures are worked out from them.
#[derive(Deserialize)]
struct Row {
    index: u64,
    label: Option<u32>,
    prediction: u32,
    confidence: f32,
    error_predicted: Option<f32>,
    error_alternative: Option<f32>,
    alternative_label: Option<u32>,
    status: Option<Status>,
    reason: Option<String>,
}

/// What detectors with these gauges saw of every set.
pub(crate) fn seen(shards: &Shards, gauges: &[Gauge]) -> Result<Seen> {
    let attacked = shards.first.sets.iter().map(|set| set.made.set.clone());
    let Unattacked { shifts, ambiguous } = shards.first.unattacked;
    let shifted: Vec<SetName> = Shift::all().into_iter().map(|shift| shift.name).filter(|_| shifts).collect();
    let (first_shifted, count) = (1 + shards.first.sets.len(), shifted.len());
    let blends = ambiguous.then_some(SetName::Ambiguous);
    let names: Vec<SetName> = [SetName::Clean].into_iter().chain(attacked).chain(shifted).chain(blends).collect();
    let mut sets: Vec<Vec<Option<SeenImage>>> = names.iter().map(|_| vec![None; shards.images()]).collect();
    shards.each(|folder, places| {
        let path = folder.join(DETECTION_ROWS);
        let rows = Rows { names: &names, gauges, places };
        rows.read(&path, &mut sets).with_context(|| path.display().to_string())
    })?;
    let whole = |images: Vec<Option<SeenImage>>| images.into_iter().flatten().collect();
    let sets = names.into_iter().zip(sets).map(|(name, images)| SeenSet { name, images: whole(images) });
    let mut sets: Vec<SeenSet> = sets.collect();
    let blends = sets.split_off(first_shifted + count).pop();
    let shifted = sets.split_off(first_shifted);
    let attacked = sets.split_off(1);
    let clean = sets.pop().context("no clean images")?;
    Ok(Seen { clean, attacked, shifted, blends })
}

/// What the rows of one shard are of.
struct Rows<'a> {
    names: &'a [SetName],
    gauges: &'a [Gauge],
    /// Of its images among all.
    places: Places,
}

impl Rows<'_> {
    /// Puts what was seen of every image of every set in its place.
    fn read(self, path: &Path, sets: &mut [Vec<Option<SeenImage>>]) -> Result<()> {
        let mut csv = Reader::from_reader(BufReader::new(open_file(path, MAX_CSV_BYTES)?).take(MAX_CSV_BYTES));
        let headers = csv.headers()?.clone();
        let column = |name: String| {
            let at = headers.iter().position(|found| found == name);
            at.with_context(|| format!("there is no column {name}"))
        };
        let columns = self
            .gauges
            .iter()
            .map(|gauge| Ok([column(format!("score_{}", gauge.id))?, column(format!("corrected_{}", gauge.id))?]));
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let parts = part_names(self.gauges).map(|name| column(format!("part_{name}"))).collect::<Result<Vec<_>>>()?;
        let usual = self.gauges.iter().map(|gauge| Ok(detector(gauge.id)?.reason)).collect::<Result<Vec<_>>>()?;
        let columns = Columns { headers: &headers, verdicts: &columns, parts: &parts, usual: &usual };
        let mut record = StringRecord::new();
        for (name, set) in self.names.iter().zip(sets) {
            let name = name.to_string();
            for place in self.places.clone() {
                set[place] = Some(next_row(&mut csv, &mut record, &columns, &name)?);
            }
        }
        let (images, sets) = (self.places.len(), self.names.len());
        ensure!(!csv.read_record(&mut record)?, "more rows than {images} for each of {sets} sets");
        Ok(())
    }
}

/// Where what is in the header of a `detect.csv`.
struct Columns<'a> {
    headers: &'a StringRecord,
    /// Score and corrected label of each detector.
    verdicts: &'a [[usize; 2]],
    parts: &'a [usize],
    /// Why each detector flags an image, where the row does not say it.
    usual: &'a [Reason],
}

fn next_row(
    csv: &mut Reader<Take<BufReader<File>>>,
    record: &mut StringRecord,
    columns: &Columns,
    set: &str,
) -> Result<SeenImage> {
    let there_is = csv.read_record(record)?;
    ensure!(there_is && record.get(0) == Some(set), "expected another row of the set {set}");
    let row: Row = record.deserialize(Some(columns.headers))?;
    let field = |at: usize| record.get(at).unwrap_or_default();
    let said = row.reason.as_deref().and_then(Reason::of_word);
    let mut verdicts = Vec::with_capacity(columns.verdicts.len());
    for (&[score, corrected], &usual) in columns.verdicts.iter().zip(columns.usual) {
        let corrected = Some(field(corrected)).filter(|text| !text.is_empty()).map(str::parse).transpose()?;
        verdicts.push(Verdict {
            score: field(score).parse()?,
            corrected_label: corrected,
            reason: said.unwrap_or(usual),
        });
    }
    let part = |&at: &usize| Some(field(at)).filter(|text| !text.is_empty()).map(str::parse).transpose();
    let parts = columns.parts.iter().map(part).collect::<Result<Vec<Option<f32>>, _>>()?;
    let drawn = (row.error_predicted.zip(row.error_alternative)).zip(row.alternative_label);
    let drawn = drawn.map(|((error_predicted, error_alternative), alternative_label)| Drawn {
        error_predicted,
        error_alternative,
        alternative_label,
    });
    let sighting = Sighting { prediction: row.prediction, confidence: row.confidence, drawn, verdicts, parts };
    Ok(SeenImage { index: row.index, label: row.label, status: row.status, sighting })
}
