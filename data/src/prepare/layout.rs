//! [`Layout`]: how a dataset lays characters out in its 28x28 pixels.

use std::{fmt, str::FromStr};

use crate::{HEIGHT, PIXELS, WIDTH, written::mass};

/// Where the centre of mass of MNIST's digits lies, to half a pixel; pixel `i` has its centre at `i`.
pub(super) const MIDDLE: f32 = 14.0;

/// The layout that a network knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// The longer side of the box around the ink is 20 pixels, the centre of mass lies in the middle (LeCun et al. 1998, section III).
    Mnist,
    /// The longer side is 24 pixels, the box lies in the middle (Cohen et al. 2017, arXiv:1702.05373).
    Emnist,
}

impl Layout {
    /// That of the images which a network was trained on: MNIST's but for letters of EMNIST.
    #[must_use]
    pub fn of_dataset(name: &str) -> Self {
        if name == "emnist-letters" { Self::Emnist } else { Self::Mnist }
    }

    /// The longer side of the box.
    pub(super) fn side(self) -> usize {
        match self {
            Self::Mnist => 20,
            Self::Emnist => 24,
        }
    }

    /// A character of `[height, width]`, cut to its box, in its place.
    pub(super) fn placed(self, character: &[f32], [height, width]: [usize; 2]) -> [f32; PIXELS] {
        let [top, left] = match self {
            Self::Mnist => {
                let [down, across] = mass(character, width);
                [start(down, height, HEIGHT), start(across, width, WIDTH)]
            }
            Self::Emnist => [(HEIGHT - height) / 2, (WIDTH - width) / 2],
        };
        let mut image = [0.0; PIXELS];
        for (row, levels) in character.chunks_exact(width).enumerate() {
            image[(top + row) * WIDTH + left..][..width].copy_from_slice(levels);
        }
        image
    }
}

/// Where a side begins so that its centre of mass comes to lie in the middle of the whole, as far as there is room. Halves, up to a rounding of
/// sums, are rounded up.
fn start(centre: f32, side: usize, whole: usize) -> usize {
    (MIDDLE - centre + 1e-3).round().clamp(0.0, (whole - side) as f32) as usize
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mnist => "mnist",
            Self::Emnist => "emnist",
        })
    }
}

/// A name that no layout has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no layout {0:?}: expected mnist or emnist")]
pub struct UnknownLayout(String);

impl FromStr for Layout {
    type Err = UnknownLayout;

    fn from_str(name: &str) -> Result<Self, UnknownLayout> {
        [Self::Mnist, Self::Emnist]
            .into_iter()
            .find(|layout| layout.to_string() == name)
            .ok_or_else(|| UnknownLayout(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for layout in ["mnist", "fashion-mnist", "emnist-letters"].map(Layout::of_dataset) {
            assert_eq!(layout.to_string().parse(), Ok(layout));
        }
        assert_eq!(Layout::of_dataset("emnist-letters"), Layout::Emnist);
        assert_eq!(
            "letters".parse::<Layout>().unwrap_err().to_string(),
            "no layout \"letters\": expected mnist or emnist"
        );
    }
}
