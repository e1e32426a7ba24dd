//! Small rotations and shifts of the training images, and their mirror images.
//!
//! At amount `a` an image turns by up to `15 a` degrees to either side and moves by up to `2 a` pixels down or up and right
//! or left, each drawn uniformly; what comes in from outside is 0. An amount of 0 leaves the image as it is.

use rand::Rng;
use robust_attacks::{Motion, Warp};
use robust_data::ImageShape;

/// Degrees at amount 1.
const ROTATION: f64 = 15.0;
/// Pixels at amount 1.
const SHIFT: f64 = 2.0;

/// Moves one image, all of its channels alike, at random.
pub(super) fn augment(amount: f64, shape: ImageShape, image: &mut [f32], rng: &mut impl Rng) {
    if amount == 0.0 {
        return;
    }
    let mut up_to = |largest: f64| amount * largest * rng.random_range(-1.0..=1.0);
    let motion = Motion { degrees: up_to(ROTATION), down: up_to(SHIFT), right: up_to(SHIFT) };
    let original = image.to_vec();
    Warp::new((shape.height, shape.width), motion).apply(&original, image, 0.0);
}

/// Swaps left and right of one image of every two.
pub(super) fn mirror(shape: ImageShape, image: &mut [f32], rng: &mut impl Rng) {
    if rng.random_bool(0.5) {
        image.chunks_exact_mut(shape.width).for_each(<[f32]>::reverse);
    }
}

#[cfg(test)]
mod tests {
    use robust_attacks::random::stream;

    use super::*;
    use robust_networks::{PIXELS, SIDE};

    #[test]
    fn images_move_no_farther_than_the_amount_allows() {
        // A dot at the centre's lower right: no rotation moves it by more than a fraction of a pixel.
        let dot = 14 * SIDE + 14;
        let mut image = vec![0.0; PIXELS];
        image[dot] = 1.0;
        let mut farthest = 0.0_f64;
        for draw in 0..200 {
            let mut moved = image.clone();
            augment(0.5, ImageShape::GREY, &mut moved, &mut stream(3, "augment", &[draw]));
            assert!((moved.iter().sum::<f32>() - 1.0).abs() < 0.25, "the ink stays");
            let centre: f64 = moved.iter().enumerate().map(|(at, ink)| (at / SIDE) as f64 * f64::from(*ink)).sum();
            farthest = farthest.max((centre / f64::from(moved.iter().sum::<f32>()) - 14.0).abs());
        }
        assert!((0.8..1.3).contains(&farthest), "{farthest}");
        let mut still = image.clone();
        augment(0.0, ImageShape::GREY, &mut still, &mut stream(3, "augment", &[0]));
        assert_eq!(still, image);
    }

    #[test]
    fn channels_move_together_and_every_other_image_is_mirrored() {
        let shape = ImageShape { channels: 3, height: 4, width: 6 };
        let plane: Vec<f32> = (0..24).map(|i| (i % 7) as f32 / 7.0).collect();
        let image = [&plane[..], &plane, &plane].concat();
        let mut moved = image.clone();
        augment(1.0, shape, &mut moved, &mut stream(1, "augment", &[0]));
        assert_ne!(moved, image);
        assert!(moved.chunks(24).all(|other| other == &moved[..24]));

        let mut mirrored = 0;
        for draw in 0..100 {
            let mut once = image.clone();
            mirror(shape, &mut once, &mut stream(1, "mirror", &[draw]));
            if once != image {
                mirrored += 1;
                assert!(once.chunks(6).zip(image.chunks(6)).all(|(row, own)| row.iter().eq(own.iter().rev())));
            }
        }
        assert!((35..=65).contains(&mirrored), "{mirrored} of 100");
    }
}
