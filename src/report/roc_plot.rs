//! `roc.svg`: a panel per set, a curve per detector, the false positive rate on a logarithmic axis.
//!
//! Detectors are used at a false positive rate of a few percent, which a linear axis squeezes into the left edge.

use anyhow::{Context, Result};
use plotters::prelude::*;

use robust_detectors::Roc;

use crate::draw::{Sheet, svg};
use crate::evaluation::Assessment;
use crate::remarks::few;
use crate::words::once_each;

const PANEL: (u32, u32) = (380, 320);
const COLUMNS: usize = 3;
/// Height of one line of the legend, width of a detector in it, and detectors over a panel.
const LEGEND: (u32, i32, usize) = (24, 125, 3);
/// Left end of the axis; a curve enters here at the rate that it has there.
const LEAST_FPR: f64 = 1e-3;

/// Colours that stay apart for colour-blind eyes (Okabe and Ito 2008).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(0, 0, 0),
];

/// Draws the curves of `assessments` as an SVG document.
pub(crate) fn draw_roc(assessments: &[Assessment]) -> Result<String> {
    let drawn =
        || assessments.iter().filter(|assessment| assessment.roc.is_some()).map(|assessment| &assessment.metrics);
    let sets = once_each(drawn().map(|metrics| &metrics.set));
    let detectors = once_each(drawn().map(|metrics| metrics.detector.as_str()));
    let columns = sets.len().clamp(1, COLUMNS);
    let rows = sets.len().div_ceil(columns).max(1);
    let in_line = LEGEND.2 * columns;
    let legend_height = LEGEND.0 * detectors.len().div_ceil(in_line) as u32 + 12;
    let size = (PANEL.0 * columns as u32, PANEL.1 * rows as u32 + legend_height);
    let draw = |sheet: &Sheet| {
        let (legend, panels) = sheet.split_vertically(legend_height);
        for (position, name) in detectors.iter().enumerate() {
            let x = 16 + LEGEND.1 * (position % in_line) as i32;
            let y = 18 + (LEGEND.0 as usize * (position / in_line)) as i32;
            legend.draw(&PathElement::new(vec![(x, y), (x + 22, y)], line(position)))?;
            legend.draw(&Text::new(*name, (x + 28, y - 7), ("sans-serif", 14)))?;
        }
        for (set, panel) in sets.iter().zip(panels.split_evenly((rows, columns))) {
            let metrics = assessments.iter().map(|assessment| &assessment.metrics).find(|metrics| metrics.set == **set);
            let counts = metrics.and_then(|metrics| Some(few(metrics.n_positive?, metrics.n_negative?)));
            let mut chart = ChartBuilder::on(&panel)
                .caption(format!("{set}{}", counts.unwrap_or_default()), ("sans-serif", 16))
                .margin(8)
                .margin_right(16)
                .x_label_area_size(36)
                .y_label_area_size(44)
                .build_cartesian_2d((LEAST_FPR..1.0).log_scale(), 0.0..1.0)?;
            chart
                .configure_mesh()
                .light_line_style(WHITE)
                .x_labels(4)
                .y_labels(6)
                .x_desc("false positive rate")
                .y_desc("true positive rate")
                .x_label_formatter(&|x| format!("{x}"))
                .y_label_formatter(&|y| format!("{y:.1}"))
                .draw()?;
            for assessment in assessments.iter().filter(|assessment| assessment.metrics.set == **set) {
                let Some(roc) = &assessment.roc else { continue };
                let position = detectors.iter().position(|name| *name == assessment.metrics.detector);
                let line = line(position.unwrap_or(0));
                chart.draw_series(LineSeries::new(curve(roc), line))?;
            }
        }
        Ok(())
    };
    svg(size, WHITE, draw).context("the ROC curves cannot be drawn")
}

/// The curve from the left end of the axis on, without points closer to their predecessor than the eye can tell.
fn curve(roc: &Roc) -> Vec<(f64, f64)> {
    let decades = -LEAST_FPR.log10();
    let near = |a: (f64, f64), b: (f64, f64)| {
        let across = (b.0 / a.0).log10() / decades * f64::from(PANEL.0);
        across < 0.5 && (b.1 - a.1) * f64::from(PANEL.1) < 0.5
    };
    let mut curve = vec![(LEAST_FPR, roc.tpr_at_fpr(LEAST_FPR))];
    for point in roc.points().iter().filter(|point| point.fpr > LEAST_FPR) {
        let point = (point.fpr, point.tpr);
        if point == (1.0, 1.0) || curve.last().is_none_or(|&last| !near(last, point)) {
            curve.push(point);
        }
    }
    curve
}

/// The line of the curve at a position; a thinner one where the colours begin anew.
pub(super) fn line(position: usize) -> ShapeStyle {
    COLOURS[position % COLOURS.len()].stroke_width(if position < COLOURS.len() { 3 } else { 1 })
}
