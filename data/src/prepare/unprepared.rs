//! [`Unprepared`]: whether images lie in their 28x28 pixels as those of MNIST and EMNIST do, or look like scans that nobody has prepared.

use super::layout::MIDDLE;
use crate::{
    HEIGHT, ImageShape, Images, WIDTH,
    written::{bounds, mass},
};

/// Half of full ink: what is above counts as ink, and a border that is brighter on the whole is bright.
const HALF: f32 = 0.5;
/// The longer side of the ink's box: 20 pixels in MNIST, 18 to 24 in nine of ten letters of EMNIST, and these in 98 of 100.
const SIDES: std::ops::RangeInclusive<usize> = 14..=25;
/// How far from pixel 14 the centre of mass may be: half a pixel either way in MNIST, but 5 pixels in one of a hundred letters.
const FAR: f32 = 5.0;

/// How many of some images lie otherwise than MNIST's and EMNIST's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unprepared {
    /// Images looked at.
    pub images: usize,
    /// Of them those with a bright border.
    pub inverted: usize,
    /// Of the others those whose ink is far larger, far smaller, or far from the middle.
    pub misplaced: usize,
}

impl Unprepared {
    /// Counts them; none of images that are not grey ones of 28x28 pixels. An image without ink is neither.
    #[must_use]
    pub fn among(images: &Images) -> Option<Self> {
        if images.shape() != ImageShape::GREY {
            return None;
        }
        let mut found = Self { images: images.len(), ..Self::default() };
        for image in images.pixels().chunks_exact(HEIGHT * WIDTH) {
            let is_inverted = has_bright_border(image);
            found.inverted += usize::from(is_inverted);
            found.misplaced += usize::from(!is_inverted && is_misplaced(image));
        }
        Some(found)
    }
}

fn has_bright_border(image: &[f32]) -> bool {
    let is_border = |at: &usize| [0, HEIGHT - 1].contains(&(at / WIDTH)) || [0, WIDTH - 1].contains(&(at % WIDTH));
    let sum: f32 = (0..image.len()).filter(is_border).map(|at| image[at]).sum();
    sum > HALF * (2 * (HEIGHT + WIDTH) - 4) as f32
}

fn is_misplaced(image: &[f32]) -> bool {
    let Some([top, left, bottom, right]) = bounds(image, WIDTH, HALF) else { return false };
    let [down, across] = mass(image, WIDTH).map(|centre| centre - MIDDLE);
    !SIDES.contains(&((bottom - top).max(right - left) + 1)) || down.hypot(across) > FAR
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dataset, PIXELS, SplitName, pixel};

    fn unprepared(pixels: Vec<f32>) -> Unprepared {
        Unprepared::among(&Images::new(ImageShape::GREY, pixels)).unwrap()
    }

    /// A square on black, by its first row and column and its side.
    fn square(first: usize, side: usize) -> Vec<f32> {
        let is_inside = |place: usize| (first..first + side).contains(&place);
        (0..PIXELS).map(|at| f32::from(u8::from(is_inside(at / WIDTH) && is_inside(at % WIDTH)))).collect()
    }

    #[test]
    fn inverted_and_misplaced_images_are_counted() {
        let inverted = square(4, 20).iter().map(|level| 1.0 - level).collect();
        let images = [
            square(4, 20),
            square(0, 28),
            square(0, 10),
            square(8, 12),
            square(8, 16),
            inverted,
            vec![0.0; PIXELS],
            vec![1.0; PIXELS],
        ];
        assert_eq!(unprepared(images.concat()), Unprepared { images: 8, inverted: 3, misplaced: 2 });
        assert_eq!(Unprepared::among(&Images::new(ImageShape::CIFAR, Vec::new())), None);
    }

    #[test]
    fn digits_of_mnist_lie_as_they_should() {
        let split = Dataset::open("mnist", None).unwrap().split(SplitName::Test).unwrap();
        let levels = split.pixels()[..1000 * PIXELS].iter().map(|&byte| pixel(byte)).collect();
        assert_eq!(unprepared(levels), Unprepared { images: 1000, inverted: 0, misplaced: 0 });
    }
}
