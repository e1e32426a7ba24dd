//! [`Band`]: what a grid shows, rows of images with titles.

use super::Canvas;

/// Pixels between images, and around everything.
pub(super) const GAP: usize = 6;

/// An image in a grid.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// Values in [0, 1], channel by channel; none leaves the place empty.
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

    pub(super) fn height(&self, image: usize) -> usize {
        let captions = self.cells.iter().any(|cell| !cell.caption.is_empty());
        image + GAP + if captions { Canvas::LINE + GAP } else { 0 }
    }
}

impl Band {
    pub(super) fn height(&self, image: usize) -> usize {
        let lines = self.heading.len() + usize::from(!self.columns.is_empty());
        lines * (Canvas::LINE + GAP) + self.rows.iter().map(|row| row.height(image)).sum::<usize>()
    }

    /// The width of the widest text that belongs to a column.
    pub(super) fn text(&self) -> usize {
        let captions = self.rows.iter().flat_map(|row| &row.cells).map(|cell| &cell.caption);
        captions.chain(&self.columns).map(|text| Canvas::text_width(text)).max().unwrap_or(0)
    }

    pub(super) fn columns(&self) -> usize {
        self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0).max(self.columns.len())
    }
}
