//! [`Grid`]: bands of images with titles, one below the other, as a picture.

use robust_attacks::ImageShape;

use super::Canvas;
use super::band::{Band, GAP};

/// Pixels between texts at least.
const APART: usize = 4;
/// The longer side of the images that a scale is given for.
const SIDE: usize = 28;

/// Bands of images of one shape and scale, aligned with one another.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// The shape of every image.
    pub shape: ImageShape,
    /// Pixels of the picture per pixel of an image whose longer side has 28. Other images take about as much room, in whole pixels
    /// per pixel; they are never made smaller.
    pub scale: usize,
    /// From top to bottom.
    pub bands: Vec<Band>,
}

/// Where the images of a grid lie.
struct Layout {
    /// Pixels of the picture per pixel of an image.
    scale: usize,
    width: usize,
    /// At least that of a line of text.
    height: usize,
    /// From the left border to the first column, and from column to column.
    left: usize,
    pitch: usize,
}

impl Layout {
    /// The left border of the image in a column.
    fn column(&self, number: usize) -> usize {
        self.left + number * self.pitch + (self.pitch - GAP - self.width) / 2
    }

    /// Where a text in the middle of a column starts.
    fn centred(&self, number: usize, text: &str) -> usize {
        (self.column(number) + self.width / 2).saturating_sub(Canvas::text_width(text) / 2)
    }
}

impl Grid {
    fn layout(&self) -> Layout {
        let ImageShape { height, width, .. } = self.shape;
        let longer = height.max(width).max(1);
        let scale = ((self.scale * SIDE + longer / 2) / longer).max(1);
        let (width, height) = (width * scale, (height * scale).max(Canvas::LINE));
        let titles = self.bands.iter().flat_map(|band| &band.rows).map(|row| Canvas::text_width(&row.title)).max();
        let left = GAP + titles.filter(|&titles| titles > 0).map_or(0, |titles| titles + GAP);
        let text = self.bands.iter().map(Band::text).max().unwrap_or(0);
        Layout { scale, width, height, left, pitch: (width + GAP).max(text + APART) }
    }

    /// Draws everything.
    #[must_use]
    pub fn canvas(&self) -> Canvas {
        let layout = self.layout();
        let columns = self.bands.iter().map(Band::columns).max().unwrap_or(0);
        let headings = self.bands.iter().flat_map(|band| &band.heading).map(|line| Canvas::text_width(line)).max();
        let width = (layout.left + columns * layout.pitch).max(2 * GAP + headings.unwrap_or(0));
        let bands: usize = self.bands.iter().map(|band| band.height(layout.height) + GAP).sum();
        let mut canvas = Canvas::new(width, bands.max(GAP), self.shape.channels);
        let mut top = GAP;
        for band in &self.bands {
            self.draw(band, &mut canvas, &layout, top);
            top += band.height(layout.height) + GAP;
        }
        canvas
    }

    fn draw(&self, band: &Band, canvas: &mut Canvas, layout: &Layout, mut top: usize) {
        for line in &band.heading {
            canvas.text(GAP, top, line);
            top += Canvas::LINE + GAP;
        }
        if !band.columns.is_empty() {
            for (number, title) in band.columns.iter().enumerate() {
                canvas.text(layout.centred(number, title), top, title);
            }
            top += Canvas::LINE + GAP;
        }
        for row in &band.rows {
            let title = layout.left.saturating_sub(GAP + Canvas::text_width(&row.title));
            canvas.text(title, top + (layout.height - Canvas::LINE) / 2, &row.title);
            for (number, cell) in row.cells.iter().enumerate() {
                if !cell.image.is_empty() {
                    canvas.image(layout.column(number), top, &cell.image, self.shape, layout.scale);
                    let height = self.shape.height * layout.scale;
                    canvas.frame(layout.column(number), top, layout.width, height, cell.frame);
                }
                canvas.text(layout.centred(number, &cell.caption), top + layout.height + GAP / 2, &cell.caption);
            }
            top += row.height(layout.height);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Cell, Row};

    const GREY: ImageShape = ImageShape::new(1, SIDE, SIDE);

    #[test]
    fn images_lie_where_rows_and_columns_cross() {
        let (black, white) = (vec![0.0; SIDE * SIDE], vec![1.0; SIDE * SIDE]);
        let row = |first: &[f32], second: &[f32]| Row::new("", [Cell::of(first), Cell::of(second)]);
        let band = Band { rows: vec![row(&white, &black), row(&black, &white)], ..Band::default() };
        let canvas = Grid { shape: GREY, scale: 2, bands: vec![band] }.canvas();
        assert_eq!(canvas.width(), GAP + 2 * (56 + GAP));
        let level = |x: usize, y: usize| canvas.levels()[y * canvas.width() + x];
        let at = |number: usize| GAP + number * (56 + GAP);
        for (row, column, expected) in [(0, 0, 255), (0, 1, 0), (1, 0, 0), (1, 1, 255)] {
            for corner in [0, 55] {
                assert_eq!(level(at(column) + corner, at(row) + corner), expected, "{row}, {column}");
            }
        }
        assert!(![0, 255].contains(&level(at(1) - 1, at(0))), "the sheet is seen between the images");
    }

    #[test]
    fn small_images_are_enlarged_and_large_ones_are_not() {
        for (shape, scale, [width, height]) in [
            ([1, 28, 28], 3, [84, 84]),
            ([1, 28, 28], 1, [28, 28]),
            ([3, 32, 32], 3, [96, 96]),
            ([3, 32, 32], 2, [64, 64]),
            ([3, 24, 40], 2, [40, 24]),
            ([3, 24, 40], 3, [80, 48]),
            ([1, 64, 64], 3, [64, 64]),
            ([3, 224, 224], 3, [224, 224]),
            ([1, 8, 8], 2, [56, 56]),
            ([3, 1, 40], 1, [40, Canvas::LINE]),
        ] {
            let shape = ImageShape::new(shape[0], shape[1], shape[2]);
            let band = Band { rows: vec![Row::new("", [Cell::of(&vec![1.0; shape.pixels()])])], ..Band::default() };
            let canvas = Grid { shape, scale, bands: vec![band] }.canvas();
            let depth = if shape.channels == 3 { 3 } else { 1 };
            assert_eq!(canvas.width(), GAP + width + GAP, "{shape} at {scale}");
            assert_eq!(canvas.levels().len() / canvas.width() / depth, height + 2 * GAP, "{shape} at {scale}");
        }
    }

    #[test]
    fn columns_are_as_wide_as_their_texts() {
        let columns = vec!["aeroplane".to_owned(), "b".to_owned()];
        let cells = || [Cell::of(&vec![1.0; SIDE * SIDE]), Cell::of(&vec![1.0; SIDE * SIDE])];
        let band = Band { columns, rows: vec![Row::new("", cells())], ..Band::default() };
        let canvas = Grid { shape: GREY, scale: 1, bands: vec![band] }.canvas();
        assert_eq!(canvas.width(), GAP + 2 * (Canvas::text_width("aeroplane") + APART));
    }

    #[test]
    fn nothing_to_show_is_an_empty_sheet() {
        let canvas = Grid { shape: GREY, scale: 2, bands: Vec::new() }.canvas();
        assert_eq!(canvas.levels().len(), canvas.width() * GAP);
    }

    #[test]
    fn titles_make_room_for_themselves() {
        let cell = || Cell::of(&vec![1.0; SIDE * SIDE]);
        let grid = |title: &str, heading: &str, caption: &str| {
            let rows = vec![Row::new(title, [cell().caption(caption)])];
            let band = Band { heading: vec![heading.into()], columns: vec!["x".into()], rows };
            Grid { shape: GREY, scale: 1, bands: vec![band] }.canvas()
        };
        let (bare, titled, headed) = (grid("", "", ""), grid("title", "", ""), grid("", "a long heading", ""));
        assert_eq!(titled.width(), bare.width() + Canvas::text_width("title") + GAP);
        assert_eq!(headed.width(), 2 * GAP + Canvas::text_width("a long heading"));
        let height = |canvas: &Canvas| canvas.levels().len() / canvas.width();
        assert_eq!(height(&grid("", "", "5 98%")), height(&bare) + Canvas::LINE + GAP);
    }
}
