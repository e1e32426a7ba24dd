//! `security.svg`: a row of panels per norm; success, undetected rate and robust accuracy against epsilon, a curve per attack,
//! under one detector.

use anyhow::{Context, Result};
use plotters::prelude::*;

use super::roc_plot::line;
use crate::draw::{Sheet, svg};
use crate::evaluation::{Curve, CurveRow};
use crate::words::once_each;

const PANEL: (u32, u32) = (380, 320);
/// Height of one line of the legend, and attacks in it.
const LEGEND: (u32, usize) = (24, 6);

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
    let legend_height = LEGEND.0 * curves.len().div_ceil(LEGEND.1).max(1) as u32 + 10;
    let size = (PANEL.0 * FIGURES.len() as u32, PANEL.1 * norms.len().max(1) as u32 + legend_height);
    let draw = |sheet: &Sheet| {
        let (legend, panels) = sheet.split_vertically(legend_height);
        for (position, rows) in curves.iter().enumerate() {
            let (below, column) = (position / LEGEND.1, position % LEGEND.1);
            let (x, y) = (16 + 185 * column as i32, 18 + (LEGEND.0 as usize * below) as i32);
            legend.draw(&PathElement::new(vec![(x, y), (x + 22, y)], line(position)))?;
            legend.draw(&Text::new(marked(&rows[0].attack, blind), (x + 28, y - 7), ("sans-serif", 14)))?;
        }
        let panels = panels.split_evenly((norms.len().max(1), FIGURES.len()));
        for (row, norm) in norms.iter().enumerate() {
            let of_norm = || curves.iter().enumerate().filter(|(_, rows)| rows[0].norm == *norm);
            let largest = of_norm().flat_map(|(_, rows)| rows.iter()).map(|row| row.epsilon).fold(0.0, f64::max);
            for (column, (title, figure)) in FIGURES.iter().enumerate() {
                let mut chart = ChartBuilder::on(&panels[row * FIGURES.len() + column])
                    .caption(format!("{title}, {norm}"), ("sans-serif", 16))
                    .margin(8)
                    .margin_right(16)
                    .x_label_area_size(36)
                    .y_label_area_size(44)
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
                for (position, rows) in of_norm() {
                    let points = rows.iter().filter_map(|row| Some((row.epsilon, figure(row)?)));
                    chart.draw_series(LineSeries::new(points, line(position)))?;
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
