//! Remark on a person's own images: inverted, or framed otherwise than the characters that a network knows.

use robust_data::Unprepared;

use super::{Kind, Remark};
use crate::words::percent;

/// From this share of the images on it is said.
const MANY: f64 = 0.5;

/// What is to be said of images that `detect --input` screens as they are.
#[must_use]
pub fn unprepared_images(found: Unprepared) -> Option<Remark> {
    let Unprepared { images, inverted, misplaced } = found;
    let share = |count: usize| count as f64 / images as f64;
    if images == 0 || share(inverted + misplaced) < MANY {
        return None;
    }
    let text = format!(
        "these images do not look like those that the network knows, bright ink on black in the middle of 28x28 pixels: in {} of them the border is bright, and in {} \
         the ink is far larger, smaller or elsewhere: give --prepare for scans of characters",
        percent(share(inverted)),
        percent(share(misplaced)),
    );
    Some(Remark { kind: Kind::UnpreparedImages, sets: Vec::new(), detectors: Vec::new(), text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_images_are_enough() {
        let found =
            |[images, inverted, misplaced]: [usize; 3]| unprepared_images(Unprepared { images, inverted, misplaced });
        assert_eq!(found([0, 0, 0]), None);
        assert_eq!(found([10, 2, 2]), None);
        let text = found([8, 3, 1]).unwrap().text;
        assert!(text.contains("in 37.50 % of them the border is bright, and in 12.50 % the ink"), "{text}");
    }
}
