//! The shape of an image, and how many images a file may hold.

use std::fmt;

/// Rows of an image.
pub const HEIGHT: usize = 28;
/// Columns of an image.
pub const WIDTH: usize = 28;
/// Pixels of an image.
pub const PIXELS: usize = HEIGHT * WIDTH;
/// The most images that any file may hold: far above every set of this kind, far below what fills a memory.
pub const MAX_IMAGES: usize = 1_000_000;

/// How many values an image has, and how they lie: channel by channel, each row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImageShape {
    /// Planes of one colour each; 1 of a grey image.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl ImageShape {
    /// Grey, 28x28: the only shape that is read so far.
    pub const GREY: Self = Self { channels: 1, height: HEIGHT, width: WIDTH };

    /// Values of an image: channels times height times width.
    #[must_use]
    pub fn values(self) -> usize {
        self.channels * self.height * self.width
    }
}

impl fmt::Display for ImageShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}x{}", self.channels, self.height, self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::{ImageShape, PIXELS};

    #[test]
    fn a_shape_knows_its_values_and_its_name() {
        let colour = ImageShape { channels: 3, height: 32, width: 20 };
        assert_eq!((colour.values(), colour.to_string()), (1920, "3x32x20".to_owned()));
        assert_eq!((ImageShape::GREY.values(), ImageShape::GREY.to_string()), (PIXELS, "1x28x28".to_owned()));
    }
}
