//! [`Page`]: the document with its style and scripts, all of it in the binary.

use anyhow::{Context, Result};
use askama::Template;
use robust_attacks::{Axis, MethodSpec, Setting};
use robust_data::datasets;
use robust_detectors::{DetectorInfo, Reason, detector};
use serde_json::{Map, Value, json};

use super::source::no_strokes;
use super::studio::Studio;
use crate::draw::detector_number;
use crate::evaluation::Gauge;
use crate::packed::embeddable;

/// The scripts in the order in which they build on each other; together they are one.
const SCRIPTS: [&str; 13] = [
    include_str!("../../templates/numbers.js"),
    include_str!("../../templates/pictures.js"),
    include_str!("../../templates/chart.js"),
    include_str!("../../templates/explore/ask.js"),
    include_str!("../../templates/explore/panel.js"),
    include_str!("../../templates/explore/verdict.js"),
    include_str!("../../templates/explore/pad.js"),
    include_str!("../../templates/explore/picker.js"),
    include_str!("../../templates/explore/own.js"),
    include_str!("../../templates/explore/film.js"),
    include_str!("../../templates/explore/attack.js"),
    include_str!("../../templates/explore/style.js"),
    include_str!("../../templates/explore/page.js"),
];

/// Bytes of a drawing of 4,000 points, and some more.
const DRAWING: usize = 160 << 10;
/// Bytes of a question without its image.
const QUESTION: usize = 8 << 10;

/// What a browser loads, and all of it.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// `/`.
    pub(crate) document: String,
    /// `/explore.css`.
    pub(crate) style: String,
    /// `/explore.js`.
    pub(crate) script: String,
    /// The most bytes that its questions have.
    pub(crate) most_bytes: usize,
}

#[derive(Template)]
#[template(path = "explore/page.html")]
struct Document<'a> {
    studio: &'a Studio<'a>,
    character: &'static str,
    groups: Vec<Group>,
    detectors: Vec<Flagger>,
    styles: usize,
    /// Rows and columns of an image.
    rows: usize,
    columns: usize,
    /// The thickness of strokes, where one can draw.
    pen: Option<f32>,
    /// Why one cannot.
    no_pad: String,
    /// Whether one's own picture can be shown: browsers know grey and colours.
    takes_pictures: bool,
    facts: String,
}

/// Methods of one kind.
struct Group {
    title: &'static str,
    methods: Vec<MethodSpec>,
}

/// A detector, and whether it is the one that flags.
struct Flagger {
    info: &'static DetectorInfo,
    flags: bool,
    /// The number of its colour.
    number: usize,
}

impl Page {
    /// The page over a studio.
    pub(crate) fn of(studio: &Studio) -> Result<Self> {
        let known = datasets().iter().find(|info| info.id == studio.run.dataset);
        let flagger = |gauge: &Gauge| {
            Ok(Flagger {
                info: detector(gauge.id)?,
                flags: gauge.id == studio.chosen.id,
                number: detector_number(gauge.id),
            })
        };
        let shape = studio.shape();
        let document = Document {
            studio,
            character: match known.map(|info| info.id) {
                Some("mnist") => "digit",
                Some("emnist-letters") => "letter",
                _ => "picture",
            },
            groups: groups(),
            detectors: studio.gauges.iter().map(flagger).collect::<Result<_>>()?,
            styles: studio.styles(),
            rows: shape.height,
            columns: shape.width,
            pen: studio.framing.as_ref().map(|framing| (10.0 * framing.pen).round() / 10.0),
            no_pad: no_strokes(shape),
            takes_pictures: [1, 3].contains(&shape.channels),
            facts: facts(studio),
        };
        Ok(Self {
            document: document.render().context("the page cannot be written")?,
            style: [include_str!("../../templates/base.css"), include_str!("../../templates/explore/page.css")]
                .join("\n"),
            most_bytes: DRAWING.max(2 * shape.pixels() + QUESTION),
            script: format!("(() => {{\n\"use strict\";\n{}\n}})();\n", SCRIPTS.join("\n")),
        })
    }
}

fn groups() -> Vec<Group> {
    let of =
        |title, wanted: fn(&MethodSpec) -> bool| Group { title, methods: MethodSpec::all().filter(wanted).collect() };
    vec![
        of("Within epsilon", |spec| spec.method().axis == Axis::Epsilon),
        of("The smallest change", |spec| matches!(spec.method().axis, Axis::Minimum | Axis::Confidence)),
        of("Shifts of a severity", |spec| spec.method().axis == Axis::Severity),
    ]
}

/// What the scripts must know.
fn facts(studio: &Studio) -> String {
    let shape = studio.shape();
    let method = |spec: MethodSpec| {
        let axis = match spec.method().axis {
            Axis::Epsilon => "epsilon",
            Axis::Minimum => "minimum",
            Axis::Confidence => "confidence",
            Axis::Severity => "severity",
        };
        json!({
            "name": spec.to_string(), "norm": spec.norm().to_string(), "axis": axis, "epsilon": spec.default_epsilon(shape),
            // Whether their number can be set.
            "steps": spec.method().settings.contains(&Setting::Steps),
        })
    };
    embeddable(&json!({
        "class_names": studio.class_names,
        "chosen": studio.chosen.id,
        // The numbers of the detectors' colours.
        "colours": studio.gauges.iter().map(|gauge| (gauge.id.to_owned(), json!(detector_number(gauge.id)))).collect::<Map<_, _>>(),
        // Why an image is flagged, in plain words.
        "reasons": Reason::ALL.into_iter().map(|reason| (reason.word().to_owned(), json!(reason.words()))).collect::<Map<_, _>>(),
        // Clean validation images behind every threshold.
        "validation": studio.scores[studio.chosen.id].len(),
        "methods": MethodSpec::all().map(method).collect::<Value>(),
        "styles": studio.styles(),
        // Channels, rows and columns of an image.
        "shape": [shape.channels, shape.height, shape.width],
        // Where the first image lies.
        "first": studio.split.indices()[0],
    }))
}
