//! [`Canvas`]: a grey picture to put images, text and frames on.

use super::glyphs::{COLUMNS, ROWS, glyph, is_ink};
use robust_networks::SIDE;

/// A picture of 8-bit grey levels, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Canvas {
    width: usize,
    levels: Vec<u8>,
}

impl Canvas {
    /// Pixels of the picture per dot of a glyph.
    const DOT: usize = 2;
    /// Level of the sheet: dark, yet lighter than an image's background.
    const SHEET: u8 = 40;
    /// Level of text and frames.
    const INK: u8 = 215;
    /// Height of a line of text.
    pub(super) const LINE: usize = ROWS * Self::DOT;
    /// Width of a character with the space after it.
    pub(super) const ADVANCE: usize = (COLUMNS + 1) * Self::DOT;

    /// An empty sheet.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        Self { width, levels: vec![Self::SHEET; width * height] }
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// All pixels.
    #[must_use]
    pub fn levels(&self) -> &[u8] {
        &self.levels
    }

    /// Width of a text in pixels.
    #[must_use]
    pub fn text_width(text: &str) -> usize {
        (text.chars().count() * Self::ADVANCE).saturating_sub(Self::DOT)
    }

    /// Puts an image of 28x28 values in [0, 1] with its upper left corner at `(left, top)`, every pixel `scale` wide and high.
    pub fn image(&mut self, left: usize, top: usize, image: &[f32], scale: usize) {
        for (y, row) in image.chunks(SIDE).enumerate() {
            for (x, &value) in row.iter().enumerate() {
                let level = (value.clamp(0.0, 1.0) * 255.0).round() as u8;
                self.fill(left + x * scale, top + y * scale, scale, scale, level);
            }
        }
    }

    /// Writes a line of text with its upper left corner at `(left, top)`.
    pub fn text(&mut self, left: usize, top: usize, text: &str) {
        for (place, character) in text.chars().enumerate() {
            for (y, row) in glyph(character).into_iter().enumerate() {
                for x in (0..COLUMNS).filter(|&x| is_ink(row, x)) {
                    let (x, y) = (left + place * Self::ADVANCE + x * Self::DOT, top + y * Self::DOT);
                    self.fill(x, y, Self::DOT, Self::DOT, Self::INK);
                }
            }
        }
    }

    /// Draws a frame of `thickness` around the rectangle at `(left, top)`.
    pub fn frame(&mut self, left: usize, top: usize, width: usize, height: usize, thickness: usize) {
        let (left, top) = (left.saturating_sub(thickness), top.saturating_sub(thickness));
        let (width, height) = (width + 2 * thickness, height + 2 * thickness);
        self.fill(left, top, width, thickness, Self::INK);
        self.fill(left, top + height - thickness, width, thickness, Self::INK);
        self.fill(left, top, thickness, height, Self::INK);
        self.fill(left + width - thickness, top, thickness, height, Self::INK);
    }

    /// Fills a rectangle, as far as it lies on the sheet.
    fn fill(&mut self, left: usize, top: usize, width: usize, height: usize, level: u8) {
        let (from, to) = (left.min(self.width), (left + width).min(self.width));
        for row in self.levels.chunks_mut(self.width).skip(top).take(height) {
            row[from..to].fill(level);
        }
    }
}
