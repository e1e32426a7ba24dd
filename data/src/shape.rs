//! The shape of an image, and how many images a file may hold.

use std::fmt;

/// Rows of an MNIST image.
pub const HEIGHT: usize = 28;
/// Columns of an MNIST image.
pub const WIDTH: usize = 28;
/// Pixels of an MNIST image.
pub const PIXELS: usize = HEIGHT * WIDTH;
/// The most images that any file or folder may hold: far above every set of this kind, far below what fills a memory.
pub const MAX_IMAGES: usize = 1_000_000;
/// The most classes that a dataset may have.
pub const MAX_CLASSES: usize = 1 << 16;
/// The most rows or columns of an image.
pub(crate) const MAX_SIDE: usize = 1 << 14;
/// The most channels of an image.
const MAX_CHANNELS: usize = 64;

/// How many values an image has, and how they lie: channel by channel, each row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImageShape {
    /// Planes of one colour each; 1 of a grey image, 3 (red, green, blue) of one in colour.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl ImageShape {
    /// Grey, 28x28: MNIST's.
    pub const GREY: Self = Self { channels: 1, height: HEIGHT, width: WIDTH };
    /// In colour, 32x32: CIFAR's.
    pub const CIFAR: Self = Self { channels: 3, height: 32, width: 32 };

    /// Values of an image: channels times height times width.
    #[must_use]
    pub fn values(self) -> usize {
        self.channels * self.height * self.width
    }

    /// Whether there is such an image, and it is not absurdly large: sizes from 1 to 16,384, at most 64 channels. So products of
    /// sizes with a number of images never overflow.
    pub(crate) fn is_sane(self) -> bool {
        let Self { channels, height, width } = self;
        (1..=MAX_CHANNELS).contains(&channels) && [height, width].iter().all(|side| (1..=MAX_SIDE).contains(side))
    }

    /// Its size in words, and its channels where `other` has more or fewer: `32x24 pixels in 3 channels`.
    pub(crate) fn beside(self, other: Self) -> String {
        let Self { channels, height, width } = self;
        match channels {
            _ if channels == other.channels => format!("{width}x{height} pixels"),
            1 => format!("{width}x{height} pixels in 1 channel"),
            _ => format!("{width}x{height} pixels in {channels} channels"),
        }
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
        assert_eq!(colour.beside(ImageShape::CIFAR), "20x32 pixels");
        assert_eq!(colour.beside(ImageShape::GREY), "20x32 pixels in 3 channels");
        assert_eq!(ImageShape::GREY.beside(colour), "28x28 pixels in 1 channel");
    }

    #[test]
    fn absurd_shapes_are_told_apart() {
        for ([channels, height, width], sane) in [
            ([1, 1, 1], true),
            ([64, 16_384, 16_384], true),
            ([0, 28, 28], false),
            ([65, 28, 28], false),
            ([1, 0, 28], false),
            ([1, 28, 16_385], false),
            ([1, usize::MAX, usize::MAX], false),
        ] {
            assert_eq!(ImageShape { channels, height, width }.is_sane(), sane, "{channels} {height} {width}");
        }
    }
}
