//! Plots as SVG, in the colours of the picture grids: light ink on dark.

use anyhow::{Context, Result};
use plotters::coord::Shift;
use plotters::prelude::*;

/// What the text stands on; the grids' sheet.
const SHEET: RGBColor = RGBColor(40, 40, 40);
/// Text and axes.
const INK: RGBColor = RGBColor(215, 215, 215);
/// Lines of the mesh.
const MESH: RGBColor = RGBColor(70, 70, 70);
/// Colours that stay apart for colour-blind eyes (Okabe and Ito 2008), those of them that shine on dark.
const COLOURS: [RGBColor; 3] = [RGBColor(86, 180, 233), RGBColor(230, 159, 0), RGBColor(0, 190, 140)];
/// Width and height of a plot of lines.
const SIZE: (u32, u32) = (640, 400);
/// Top of the axis over the highest point, to leave room for the legend.
const HEADROOM: f64 = 1.3;
/// Width and height of a cell of a heat map, and of the titles to its left and above it.
const HEAT: (i32, i32) = (78, 22);
const TITLES: (i32, i32) = (44, 60);

/// A named line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// In the legend.
    pub name: String,
    /// From left to right.
    pub points: Vec<(f64, f64)>,
    /// A shaded range around it, `(x, low, high)` from left to right, or nothing.
    pub range: Vec<(f64, f64, f64)>,
}

/// Lines in one frame; both axes start at 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Lines<'a> {
    /// Above the frame.
    pub title: &'a str,
    /// Below it.
    pub x: &'a str,
    /// To the left of it.
    pub y: &'a str,
    /// At most as many as there are colours, 3.
    pub lines: Vec<Line>,
}

/// A table of numbers in colours: one for -1, the dark of the sheet for 0, another for 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat<'a> {
    /// Above it.
    pub title: &'a str,
    /// Titles of the columns.
    pub columns: Vec<&'a str>,
    /// Rows with titles.
    pub rows: Vec<(String, Vec<Option<f64>>)>,
}

/// What is drawn on.
pub(crate) type Sheet<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// An SVG document of this width and height in one colour, and on it what `draw` draws.
pub(crate) fn svg(size: (u32, u32), colour: RGBColor, draw: impl FnOnce(&Sheet) -> Result<()>) -> Result<String> {
    let mut svg = String::new();
    let sheet = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    sheet.fill(&colour)?;
    draw(&sheet)?;
    sheet.present()?;
    drop(sheet);
    Ok(svg)
}

/// Draws lines as an SVG document.
///
/// # Errors
/// Whatever the drawing library reports.
pub fn plot_lines(plot: &Lines) -> Result<String> {
    let all = || plot.lines.iter();
    let right = all().flat_map(|line| &line.points).fold(0.0, |most: f64, point| most.max(point.0));
    let highs = all().flat_map(|line| line.range.iter().map(|range| range.2));
    let top = all().flat_map(|line| line.points.iter().map(|point| point.1)).chain(highs).fold(0.0, f64::max);
    let draw = |sheet: &Sheet| {
        let mut chart = ChartBuilder::on(sheet)
            .caption(plot.title, text(16))
            .margin(10)
            .margin_right(20)
            .x_label_area_size(40)
            .y_label_area_size(56)
            .build_cartesian_2d(0.0..right.max(f64::MIN_POSITIVE), 0.0..HEADROOM * top.max(f64::MIN_POSITIVE))?;
        chart
            .configure_mesh()
            .light_line_style(SHEET)
            .bold_line_style(MESH)
            .axis_style(INK)
            .label_style(text(13))
            .axis_desc_style(text(13))
            .x_desc(plot.x)
            .y_desc(plot.y)
            .x_label_formatter(&|x| plain(*x))
            .y_label_formatter(&|y| plain(*y))
            .draw()?;
        for (line, colour) in plot.lines.iter().zip(COLOURS) {
            let (low, high) = (line.range.iter().map(|r| (r.0, r.1)), line.range.iter().rev().map(|r| (r.0, r.2)));
            let range: Vec<(f64, f64)> = low.chain(high).collect();
            if !range.is_empty() {
                chart.plotting_area().draw(&Polygon::new(range, colour.mix(0.25)))?;
            }
            let drawn = LineSeries::new(line.points.iter().copied(), colour.stroke_width(2));
            chart
                .draw_series(drawn)?
                .label(&line.name)
                .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 20, y)], colour.stroke_width(3)));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .background_style(SHEET)
            .label_font(text(13))
            .draw()?;
        Ok(())
    };
    svg(SIZE, SHEET, draw).context("the plot cannot be drawn")
}

/// Draws tables side by side as an SVG document.
///
/// # Errors
/// Whatever the drawing library reports.
pub fn heat_map(tables: &[Heat]) -> Result<String> {
    let widths: Vec<i32> = tables.iter().map(|table| TITLES.0 + HEAT.0 * table.columns.len() as i32 + 16).collect();
    let rows = tables.iter().map(|table| table.rows.len()).max().unwrap_or(0);
    let size = (widths.iter().sum::<i32>().max(1) as u32, (TITLES.1 + HEAT.1 * rows as i32 + 12) as u32);
    let draw = |sheet: &Sheet| {
        let mut left = 0;
        for (table, width) in tables.iter().zip(widths) {
            draw_table(sheet, table, left)?;
            left += width;
        }
        Ok(())
    };
    svg(size, SHEET, draw).context("the plot cannot be drawn")
}

fn draw_table(sheet: &Sheet, table: &Heat, left: i32) -> Result<()> {
    sheet.draw(&Text::new(table.title, (left + TITLES.0, 10), text(15)))?;
    for (column, title) in table.columns.iter().enumerate() {
        sheet.draw(&Text::new(*title, (left + TITLES.0 + HEAT.0 * column as i32 + 6, 38), text(13)))?;
    }
    for (row, (title, values)) in table.rows.iter().enumerate() {
        let top = TITLES.1 + HEAT.1 * row as i32;
        sheet.draw(&Text::new(title.as_str(), (left + 10, top + 3), text(13)))?;
        for (column, value) in values.iter().enumerate() {
            let corner = (left + TITLES.0 + HEAT.0 * column as i32, top);
            let opposite = (corner.0 + HEAT.0 - 2, corner.1 + HEAT.1 - 2);
            let value = value.unwrap_or(0.0);
            sheet.draw(&Rectangle::new([corner, opposite], shade(value).filled()))?;
            sheet.draw(&Text::new(format!("{value:+.2}"), (corner.0 + 22, corner.1 + 3), text(13)))?;
        }
    }
    Ok(())
}

/// The colour of a number: from the sheet's dark to half of a colour's light, so that the text on it stays legible.
fn shade(value: f64) -> RGBColor {
    let colour = COLOURS[usize::from(value < 0.0)];
    let share = 0.55 * value.abs().min(1.0);
    let mix = |dark: u8, light: u8| (f64::from(dark) + share * (f64::from(light) - f64::from(dark))).round() as u8;
    RGBColor(mix(SHEET.0, colour.0), mix(SHEET.1, colour.1), mix(SHEET.2, colour.2))
}

fn text(size: u32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&INK)
}

/// A number of an axis without needless digits.
fn plain(value: f64) -> String {
    format!("{}", (value * 1e6).round() / 1e6)
}
