//! How images are brought to a size: the flags `--resize` and `--crop`.

use std::{fmt, str::FromStr};

use crate::shape::MAX_SIDE;

/// Resizing first, then a crop of the centre; neither is nothing done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sizing {
    /// The size that images are resized to.
    pub resize: Option<Resize>,
    /// The square that is cut out of their centre.
    pub crop: Option<Crop>,
}

/// A size to resize to: `SHORT` or `WxH`.
///
/// ```
/// use robust_data::Resize;
///
/// assert_eq!("256".parse(), Ok(Resize::Short(256)));
/// assert_eq!("40x24".parse(), Ok(Resize::To { width: 40, height: 24 }));
/// assert!("40x".parse::<Resize>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resize {
    /// The shorter side becomes so many pixels, the longer one in proportion, rounded down.
    Short(usize),
    /// The image becomes so many pixels wide and high.
    To {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
    },
}

/// The side of a square in the centre, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crop(pub usize);

impl Sizing {
    /// What an image of `[height, width]` becomes.
    pub(crate) fn target(&self, size: [usize; 2]) -> [usize; 2] {
        let resized = self.resize.map_or(size, |resize| resize.target(size));
        self.crop.map_or(resized, |crop| resized.map(|side| side.min(crop.0)))
    }
}

impl Resize {
    /// What an image of `[height, width]` becomes.
    pub(crate) fn target(self, [height, width]: [usize; 2]) -> [usize; 2] {
        match self {
            Self::To { width, height } => [height, width],
            Self::Short(short) if height <= width => [short, (short * width / height).max(1)],
            Self::Short(short) => [(short * height / width).max(1), short],
        }
    }
}

impl Crop {
    /// Where the crop begins on a side of `length` pixels, as torchvision's `CenterCrop` rounds: half a pixel goes to the even one.
    pub(crate) fn start(self, length: usize) -> usize {
        let spare = length - self.0;
        let half = spare / 2;
        if spare.is_multiple_of(2) { half } else { half + half % 2 }
    }
}

impl fmt::Display for Resize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short(short) => short.fmt(f),
            Self::To { width, height } => write!(f, "{width}x{height}"),
        }
    }
}

impl fmt::Display for Crop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Resize {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        let wrong = || SizeError { found: text.to_owned(), expected: "SHORT or WxH" };
        match text.trim().split_once(['x', 'X']) {
            None => side(text).map(Self::Short),
            Some((width, height)) => side(width).zip(side(height)).map(|(width, height)| Self::To { width, height }),
        }
        .ok_or_else(wrong)
    }
}

impl FromStr for Crop {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        side(text).map(Self).ok_or_else(|| SizeError { found: text.to_owned(), expected: "the side of a square" })
    }
}

fn side(text: &str) -> Option<usize> {
    text.trim().parse().ok().filter(|side| (1..=MAX_SIDE).contains(side))
}

/// A text that is no size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no size {found:?}: expected {expected}, in pixels from 1 to {MAX_SIDE}")]
pub struct SizeError {
    found: String,
    expected: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_round_trip_and_other_texts_are_refused() {
        for text in ["1", "32", "40x24", "16384x1"] {
            assert_eq!(text.parse::<Resize>().unwrap().to_string(), text);
        }
        assert_eq!(" 24 ".parse::<Crop>().unwrap().to_string(), "24");
        for text in ["", "0", "-1", "x", "4x", "x4", "4x4x4", "0x4", "16385", "1.5", "99999999999999999999"] {
            let message = text.parse::<Resize>().unwrap_err().to_string();
            assert!(message.ends_with("expected SHORT or WxH, in pixels from 1 to 16384"), "{message}");
            assert!(text.parse::<Crop>().is_err(), "{text}");
        }
    }

    /// torchvision: `int(short * long / short_now)`, and `int(round((length - crop) / 2.0))` of Python, which rounds to even.
    #[test]
    fn sides_are_rounded_as_torchvision_rounds_them() {
        for (resize, from, to) in [
            (Resize::Short(32), [48, 64], [32, 42]),
            (Resize::Short(32), [64, 48], [42, 32]),
            (Resize::Short(5), [5, 5], [5, 5]),
            (Resize::Short(1), [3, 2], [1, 1]),
            (Resize::To { width: 7, height: 9 }, [3, 2], [9, 7]),
        ] {
            assert_eq!(resize.target(from), to, "{resize} of {from:?}");
        }
        for (length, crop, start) in [(10, 10, 0), (11, 10, 0), (12, 10, 1), (13, 10, 2), (15, 10, 2), (17, 10, 4)] {
            assert_eq!(Crop(crop).start(length), start, "{crop} of {length}");
        }
    }
}
