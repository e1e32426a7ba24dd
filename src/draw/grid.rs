//! [`Grid`]: rows and columns of images with titles, in bands one below the other.

use super::Canvas;
use robust_networks::SIDE;

/// Pixels between images, and around everything.
const GAP: usize = 6;

/// An image in a grid.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// 784 pixels; none leaves the place empty.
    pub image: Vec<f32>,
    /// A few characters below it.
    pub caption: String,
    /// Pixels of a light frame around it, at most 3.
    pub frame: usize,
}

/// A row of images.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// To the left of it.
    pub title: String,
    /// The images.
    pub cells: Vec<Cell>,
}

/// Rows under a heading.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Band {
    /// Lines above the columns.
    pub heading: Vec<String>,
    /// A title for each column, or none.
    pub columns: Vec<String>,
    /// From top to bottom.
    pub rows: Vec<Row>,
}

/// Bands of one scale, aligned with one another.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Pixels of the picture per pixel of an image.
    pub scale: usize,
    /// From top to bottom.
    pub bands: Vec<Band>,
}

impl Cell {
    /// An image alone.
    #[must_use]
    pub fn of(image: &[f32]) -> Self {
        Self { image: image.to_vec(), ..Self::default() }
    }

    /// With a caption.
    #[must_use]
    pub fn caption(self, caption: impl Into<String>) -> Self {
        Self { caption: caption.into(), ..self }
    }
}

impl Row {
    /// Images with a title.
    pub fn new(title: impl Into<String>, cells: impl IntoIterator<Item = Cell>) -> Self {
        Self { title: title.into(), cells: cells.into_iter().collect() }
    }

    fn height(&self, side: usize) -> usize {
        let captions = self.cells.iter().any(|cell| !cell.caption.is_empty());
        side + GAP + if captions { Canvas::LINE + GAP } else { 0 }
    }
}

impl Band {
    fn height(&self, side: usize) -> usize {
        let lines = self.heading.len() + usize::from(!self.columns.is_empty());
        lines * (Canvas::LINE + GAP) + self.rows.iter().map(|row| row.height(side)).sum::<usize>()
    }

    fn columns(&self) -> usize {
        self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0).max(self.columns.len())
    }
}

impl Grid {
    /// Draws everything.
    #[must_use]
    pub fn canvas(&self) -> Canvas {
        let side = SIDE * self.scale;
        let rows = || self.bands.iter().flat_map(|band| &band.rows);
        let titles = rows().map(|row| Canvas::text_width(&row.title)).max().unwrap_or(0);
        let left = GAP + if titles > 0 { titles + GAP } else { 0 };
        let columns = self.bands.iter().map(Band::columns).max().unwrap_or(0);
        let headings = self.bands.iter().flat_map(|band| &band.heading).map(|line| Canvas::text_width(line)).max();
        let width = (left + columns * (side + GAP)).max(2 * GAP + headings.unwrap_or(0));
        let bands: usize = self.bands.iter().map(|band| band.height(side) + GAP).sum();
        let mut canvas = Canvas::new(width, bands.max(GAP));
        let mut top = GAP;
        for band in &self.bands {
            self.draw(band, &mut canvas, left, top);
            top += band.height(side) + GAP;
        }
        canvas
    }

    fn draw(&self, band: &Band, canvas: &mut Canvas, left: usize, mut top: usize) {
        let side = SIDE * self.scale;
        let column = |number: usize| left + number * (side + GAP);
        let centred =
            |number: usize, text: &str| (column(number) + side / 2).saturating_sub(Canvas::text_width(text) / 2);
        for line in &band.heading {
            canvas.text(GAP, top, line);
            top += Canvas::LINE + GAP;
        }
        if !band.columns.is_empty() {
            for (number, title) in band.columns.iter().enumerate() {
                canvas.text(centred(number, title), top, title);
            }
            top += Canvas::LINE + GAP;
        }
        for row in &band.rows {
            let title = left.saturating_sub(GAP + Canvas::text_width(&row.title));
            canvas.text(title, top + (side - Canvas::LINE) / 2, &row.title);
            for (number, cell) in row.cells.iter().enumerate() {
                if !cell.image.is_empty() {
                    canvas.image(column(number), top, &cell.image, self.scale);
                    canvas.frame(column(number), top, side, side, cell.frame);
                }
                canvas.text(centred(number, &cell.caption), top + side + GAP / 2, &cell.caption);
            }
            top += row.height(side);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_lie_where_rows_and_columns_cross() {
        let (black, white) = (vec![0.0; SIDE * SIDE], vec![1.0; SIDE * SIDE]);
        let row = |first: &[f32], second: &[f32]| Row::new("", [Cell::of(first), Cell::of(second)]);
        let band = Band { rows: vec![row(&white, &black), row(&black, &white)], ..Band::default() };
        let canvas = Grid { scale: 2, bands: vec![band] }.canvas();
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
    fn nothing_to_show_is_an_empty_sheet() {
        let canvas = Grid { scale: 2, bands: Vec::new() }.canvas();
        assert_eq!(canvas.levels().len(), canvas.width() * GAP);
    }

    #[test]
    fn titles_make_room_for_themselves() {
        let cell = || Cell::of(&vec![1.0; SIDE * SIDE]);
        let grid = |title: &str, heading: &str, caption: &str| {
            let rows = vec![Row::new(title, [cell().caption(caption)])];
            let band = Band { heading: vec![heading.into()], columns: vec!["x".into()], rows };
            Grid { scale: 1, bands: vec![band] }.canvas()
        };
        let (bare, titled, headed) = (grid("", "", ""), grid("title", "", ""), grid("", "a long heading", ""));
        assert_eq!(titled.width(), bare.width() + Canvas::text_width("title") + GAP);
        assert_eq!(headed.width(), 2 * GAP + Canvas::text_width("a long heading"));
        let height = |canvas: &Canvas| canvas.levels().len() / canvas.width();
        assert_eq!(height(&grid("", "", "5 98%")), height(&bare) + Canvas::LINE + GAP);
    }
}
