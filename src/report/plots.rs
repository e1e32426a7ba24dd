//! `roc.svg`: a panel per set, a curve per detector, the false positive rate on a logarithmic axis, since detectors are used at a rate of
//! a few percent, which a linear axis squeezes into the left edge. `risk.svg`: the same, selective risk against coverage. `security.svg`: a row of panels per norm; success, undetected rate
//! and robust accuracy against epsilon, a curve per attack, under one detector.

use anyhow::{Context, Result};
use plotters::prelude::*;
use robust_detectors::Roc;

use super::risk::{RiskRow, risk_curve, risk_rows, risky};
use crate::draw::{Sheet, attack_line, detector_line, detector_number, svg, worst_line};
use crate::evaluation::{Assessment, Curve, CurveRow, SetName};
use crate::remarks::few;
use crate::words::once_each;

const PANEL: (u32, u32) = (380, 320);
/// Height of one line of a legend.
const LINE: u32 = 24;
/// Panels of `roc.svg` beside each other.
const COLUMNS: usize = 3;
/// Width of a detector in the legend, and detectors over a panel.
const DETECTORS: (i32, usize) = (125, 3);
/// Left end of the axis; a curve enters here at the rate that it has there.
const LEAST_FPR: f64 = 1e-3;

/// Draws the curves of `assessments` as an SVG document.
pub(crate) fn draw_roc(assessments: &[Assessment]) -> Result<String> {
    let drawn =
        || assessments.iter().filter(|assessment| assessment.roc.is_some()).map(|assessment| &assessment.metrics);
    let sets = once_each(drawn().map(|metrics| &metrics.set));
    let detectors = once_each(drawn().map(|metrics| metrics.detector.as_str()));
    let draw = |panels: Vec<Sheet>| {
        for (set, panel) in sets.iter().zip(panels) {
            let metrics = assessments.iter().map(|assessment| &assessment.metrics).find(|metrics| metrics.set == **set);
            let counts = metrics.and_then(|metrics| Some(few(metrics.n_positive?, metrics.n_negative?)));
            let mut chart = chart(&panel, format!("{set}{}", counts.unwrap_or_default()), 44)
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
                let line = detector_line(detector_number(&assessment.metrics.detector));
                chart.draw_series(LineSeries::new(curve(roc), line))?;
            }
        }
        Ok(())
    };
    with_detectors(sets.len(), &detectors, draw).context("the ROC curves cannot be drawn")
}

/// Draws the risk-coverage curves of `assessments` as an SVG document. The risk of the first few images is nearly chance: the axis ends at one and
/// a half times the risk of accepting all.
pub(crate) fn draw_risk(assessments: &[Assessment]) -> Result<String> {
    let sets = once_each(risky(assessments).map(|(metrics, _)| &metrics.set));
    let detectors = once_each(risky(assessments).map(|(metrics, _)| metrics.detector.as_str()));
    let draw = |panels: Vec<Sheet>| {
        for (set, panel) in sets.iter().zip(panels) {
            let of_set = || risky(assessments).filter(|(metrics, _)| metrics.set == **set);
            let accepting_all = of_set().find_map(|(metrics, roc)| risk_rows(metrics, roc).last()?.risk);
            let highest = 1.5 * accepting_all.unwrap_or(1.0);
            let mut chart = chart(&panel, set.to_string(), 52).build_cartesian_2d(0.0..1.0, 0.0..highest)?;
            chart
                .configure_mesh()
                .light_line_style(WHITE)
                .x_labels(6)
                .y_labels(6)
                .x_desc("coverage")
                .y_desc("selective risk")
                .x_label_formatter(&|x| format!("{x:.1}"))
                .y_label_formatter(&|y| format!("{y:.3}"))
                .draw()?;
            for (metrics, roc) in of_set() {
                let rows: Vec<RiskRow> = risk_rows(metrics, roc).collect();
                let points = risk_curve(&rows).into_iter().map(|(coverage, risk)| (coverage, risk.min(highest)));
                chart.draw_series(LineSeries::new(points, detector_line(detector_number(&metrics.detector))))?;
            }
        }
        Ok(())
    };
    with_detectors(sets.len(), &detectors, draw).context("the risk-coverage curves cannot be drawn")
}

/// A panel's chart under a caption, with so many pixels for the labels of its vertical axis.
fn chart<'a, 'b>(panel: &'a Sheet<'b>, caption: String, labels: u32) -> ChartBuilder<'a, 'b, SVGBackend<'b>> {
    let mut chart = ChartBuilder::on(panel);
    chart
        .caption(caption, ("sans-serif", 16))
        .margin(8)
        .margin_right(16)
        .x_label_area_size(36)
        .y_label_area_size(labels);
    chart
}

/// A document of so many panels, under a legend of the detectors.
fn with_detectors(count: usize, detectors: &[&str], draw: impl Fn(Vec<Sheet>) -> Result<()>) -> Result<String> {
    let columns = count.clamp(1, COLUMNS);
    let rows = count.div_ceil(columns).max(1);
    let in_line = DETECTORS.1 * columns;
    let legend_height = LINE * detectors.len().div_ceil(in_line) as u32 + 12;
    let size = (PANEL.0 * columns as u32, PANEL.1 * rows as u32 + legend_height);
    svg(size, WHITE, |sheet: &Sheet| {
        let (legend, panels) = sheet.split_vertically(legend_height);
        let entries = detectors.iter().map(|id| (*id, detector_line(detector_number(id))));
        draw_legend(&legend, entries, DETECTORS.0, in_line)?;
        draw(panels.split_evenly((rows, columns)))
    })
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

/// Width of an attack in the legend, and attacks in a line of it.
const ATTACKS: (i32, usize) = (185, 6);

/// What a panel shows: its title, and the figure.
type Figure = (&'static str, fn(&CurveRow) -> Option<f64>);
const FIGURES: [Figure; 3] = [
    ("success rate", |row| row.success_rate),
    ("undetected rate", |row| row.undetected_rate),
    ("robust accuracy", |row| row.robust_accuracy),
];

/// Draws the curves of one detector as an SVG document; attacks among `blind` bear a mark.
pub(crate) fn draw_security(curves: &[Curve], detector: &str, blind: &[String]) -> Result<String> {
    let curves: Vec<&[CurveRow]> =
        curves.iter().map(|curve| &curve.0[..]).filter(|rows| rows[0].detector == detector).collect();
    let norms = once_each(curves.iter().map(|rows| rows[0].norm.as_str()));
    let legend_height = LINE * curves.len().div_ceil(ATTACKS.1).max(1) as u32 + 10;
    let size = (PANEL.0 * FIGURES.len() as u32, PANEL.1 * norms.len().max(1) as u32 + legend_height);
    let draw = |sheet: &Sheet| {
        let (legend, panels) = sheet.split_vertically(legend_height);
        let names = once_each(curves.iter().map(|rows| method(&rows[0])));
        let line = |row: &CurveRow| match SetName::worst(Some(&row.norm), Some(row.epsilon)) {
            Some(worst) if worst.attack() == row.attack => worst_line(),
            _ => attack_line(names.iter().position(|name| *name == method(row)).unwrap_or(0)),
        };
        let entries = curves.iter().map(|rows| (marked(&rows[0].attack, blind), line(&rows[0])));
        draw_legend(&legend, entries, ATTACKS.0, ATTACKS.1)?;
        let panels = panels.split_evenly((norms.len().max(1), FIGURES.len()));
        for (row, norm) in norms.iter().enumerate() {
            let of_norm = || curves.iter().filter(|rows| rows[0].norm == *norm);
            let largest = of_norm().flat_map(|rows| rows.iter()).map(|row| row.epsilon).fold(0.0, f64::max);
            for (column, (title, figure)) in FIGURES.iter().enumerate() {
                let mut chart = chart(&panels[row * FIGURES.len() + column], format!("{title}, {norm}"), 44)
                    .build_cartesian_2d(0.0..largest.max(f64::MIN_POSITIVE), 0.0..1.0)?;
                chart
                    .configure_mesh()
                    .light_line_style(WHITE)
                    .x_labels(6)
                    .y_labels(6)
                    .x_desc("epsilon")
                    .y_desc(*title)
                    .y_label_formatter(&|y| format!("{y:.1}"))
                    .draw()?;
                for rows in of_norm() {
                    let points = rows.iter().filter_map(|row| Some((row.epsilon, figure(row)?)));
                    chart.draw_series(LineSeries::new(points, line(&rows[0])))?;
                }
            }
        }
        Ok(())
    };
    svg(size, WHITE, draw).context("the security curves cannot be drawn")
}

/// The name of an attack, marked where it is among the `blind`.
pub(crate) fn marked(attack: &str, blind: &[String]) -> String {
    if blind.iter().any(|name| name == attack) { format!("{attack} (blind)") } else { attack.to_owned() }
}

/// The name of an attack without its norm: its line is the same under all.
fn method(row: &CurveRow) -> &str {
    row.attack.strip_suffix(&format!("-{}", row.norm)).unwrap_or(&row.attack)
}

/// Names each curve beside its line, so many in a line and so far apart.
fn draw_legend<N: Into<String>>(
    legend: &Sheet,
    entries: impl Iterator<Item = (N, ShapeStyle)>,
    width: i32,
    in_line: usize,
) -> Result<()> {
    for (position, (name, line)) in entries.enumerate() {
        let (x, y) = (16 + width * (position % in_line) as i32, 18 + (LINE as usize * (position / in_line)) as i32);
        legend.draw(&PathElement::new(vec![(x, y), (x + 22, y)], line))?;
        legend.draw(&Text::new(name.into(), (x + 28, y - 7), ("sans-serif", 14)))?;
    }
    Ok(())
}
