//! [`Signature`]: what goes into a model and what comes out. Not what is in between.

use std::fmt;

use crate::Bounds;

/// What a model takes and gives: images of one shape with pixels within bounds, a logit for each of its classes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signature {
    /// One image.
    pub shape: ImageShape,
    /// How many classes there are, `K`; at least two.
    pub classes: usize,
    /// Where pixels live.
    pub bounds: Bounds,
}

/// The shape of one image. Its pixels lie channel by channel, each row by row.
///
/// A network takes images as tensors `(B, channels, height, width)`. A model may take the same pixels in fewer dimensions, such as
/// `(B, n)` for the shape `1x1xn`: attacks hold images to the number of pixels, and return them in the dimensions that they came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageShape {
    /// 1 for grey, 3 for colours.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl ImageShape {
    /// So many channels of so many rows and columns.
    #[must_use]
    pub const fn new(channels: usize, height: usize, width: usize) -> Self {
        Self { channels, height, width }
    }

    /// Whether an image has one channel. The usual epsilons of grey images are larger than those of others.
    #[must_use]
    pub const fn is_grey(self) -> bool {
        self.channels == 1
    }

    /// Pixels of an image; each channel counts.
    #[must_use]
    pub const fn pixels(self) -> usize {
        self.channels * self.height * self.width
    }
}

impl fmt::Display for ImageShape {
    /// Such as `3x32x32`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}x{}x{}", self.channels, self.height, self.width)
    }
}
