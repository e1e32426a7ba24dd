//! [`Canvas`]: a picture, grey or in colours, to put images, text and frames on.

use std::path::Path;

use robust_attacks::ImageShape;
use robust_data::{Error, png};

use super::glyphs::{COLUMNS, ROWS, glyph, is_ink};

/// Red, green and blue.
const COLOURS: usize = 3;

/// A picture of 8-bit levels, row by row: one of each pixel, or red, green and blue.
#[derive(Debug, Clone, PartialEq)]
pub struct Canvas {
    width: usize,
    /// Levels of a pixel, 1 or 3.
    depth: usize,
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

    /// An empty sheet for images of `channels` channels: in colours if these are three, else grey.
    #[must_use]
    pub fn new(width: usize, height: usize, channels: usize) -> Self {
        let depth = if channels == COLOURS { COLOURS } else { 1 };
        Self { width, depth, levels: vec![Self::SHEET; width * height * depth] }
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// All levels.
    #[must_use]
    pub fn levels(&self) -> &[u8] {
        &self.levels
    }

    /// The picture as a PNG; `path` is its name in errors.
    ///
    /// # Errors
    /// The picture is empty or too large for a PNG.
    pub fn png(&self, path: &Path) -> Result<Vec<u8>, Error> {
        let encode = if self.depth == COLOURS { png::encode_colours } else { png::encode };
        encode(path, &self.levels, self.width)
    }

    /// Width of a text in pixels.
    #[must_use]
    pub fn text_width(text: &str) -> usize {
        (text.chars().count() * Self::ADVANCE).saturating_sub(Self::DOT)
    }

    /// Puts an image with its upper left corner at `(left, top)`, every pixel `scale` wide and high. `image` is values in [0, 1],
    /// channel by channel: three are red, green and blue where the sheet has colours; of any others the first is seen, as grey.
    pub fn image(&mut self, left: usize, top: usize, image: &[f32], shape: ImageShape, scale: usize) {
        let plane = shape.height * shape.width;
        let depth = self.depth.min(shape.channels);
        for y in 0..shape.height {
            for x in 0..shape.width {
                let level = |channel: usize| {
                    let value = image[channel.min(depth - 1) * plane + y * shape.width + x];
                    (value.clamp(0.0, 1.0) * 255.0).round() as u8
                };
                self.fill(left + x * scale, top + y * scale, scale, scale, [level(0), level(1), level(2)]);
            }
        }
    }

    /// Writes a line of text with its upper left corner at `(left, top)`.
    pub fn text(&mut self, left: usize, top: usize, text: &str) {
        for (place, character) in text.chars().enumerate() {
            for (y, row) in glyph(character).into_iter().enumerate() {
                for x in (0..COLUMNS).filter(|&x| is_ink(row, x)) {
                    let (x, y) = (left + place * Self::ADVANCE + x * Self::DOT, top + y * Self::DOT);
                    self.fill(x, y, Self::DOT, Self::DOT, [Self::INK; COLOURS]);
                }
            }
        }
    }

    /// Draws a frame of `thickness` around the rectangle at `(left, top)`.
    pub fn frame(&mut self, left: usize, top: usize, width: usize, height: usize, thickness: usize) {
        let (left, top) = (left.saturating_sub(thickness), top.saturating_sub(thickness));
        let (width, height) = (width + 2 * thickness, height + 2 * thickness);
        let mut fill = |left, top, width, height| self.fill(left, top, width, height, [Self::INK; COLOURS]);
        fill(left, top, width, thickness);
        fill(left, top + height - thickness, width, thickness);
        fill(left, top, thickness, height);
        fill(left + width - thickness, top, thickness, height);
    }

    /// Fills a rectangle, as far as it lies on the sheet.
    fn fill(&mut self, left: usize, top: usize, width: usize, height: usize, colour: [u8; COLOURS]) {
        let (from, to) = (left.min(self.width) * self.depth, (left + width).min(self.width) * self.depth);
        for row in self.levels.chunks_mut(self.width * self.depth).skip(top).take(height) {
            row[from..to].chunks_mut(self.depth).for_each(|pixel| pixel.copy_from_slice(&colour[..pixel.len()]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_channels_are_colours_and_of_others_the_first_is_seen() {
        for (channels, shown) in [(1, [0, 0, 0]), (2, [0, 0, 0]), (3, [0, 51, 102]), (4, [0, 0, 0])] {
            let shape = ImageShape::new(channels, 2, 3);
            let image: Vec<f32> = (0..shape.pixels()).map(|i| (i / 6) as f32 / 5.0).collect();
            let mut canvas = Canvas::new(5, 4, channels);
            canvas.image(1, 1, &image, shape, 1);
            let depth = if channels == 3 { 3 } else { 1 };
            assert_eq!(canvas.levels().len(), 5 * 4 * depth);
            let pixel = |x: usize, y: usize| &canvas.levels()[(y * 5 + x) * depth..][..depth];
            assert_eq!(pixel(1, 1), &shown[..depth], "{channels} channels");
            assert_eq!(pixel(3, 2), &shown[..depth], "{channels} channels");
            assert_eq!((pixel(0, 0), pixel(4, 3)), (&[Canvas::SHEET; 3][..depth], &[Canvas::SHEET; 3][..depth]));
            assert!(canvas.png(Path::new("a.png")).unwrap().starts_with(b"\x89PNG"));
        }
    }
}
