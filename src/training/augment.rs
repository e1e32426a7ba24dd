//! Small rotations and shifts of the training images.
//!
//! At amount `a` an image turns by up to `15 a` degrees to either side and moves by up to `2 a` pixels down or up and right
//! or left, each drawn uniformly; what comes in from outside is paper. An amount of 0 leaves the image as it is.

use rand::Rng;
use robust_attacks::{Motion, Warp};

use robust_networks::SIDE;

/// Degrees at amount 1.
const ROTATION: f64 = 15.0;
/// Pixels at amount 1.
const SHIFT: f64 = 2.0;

/// Moves one image of 784 pixels at random.
pub(super) fn augment(amount: f64, image: &mut [f32], rng: &mut impl Rng) {
    if amount == 0.0 {
        return;
    }
    let mut up_to = |largest: f64| amount * largest * rng.random_range(-1.0..=1.0);
    let motion = Motion { degrees: up_to(ROTATION), down: up_to(SHIFT), right: up_to(SHIFT) };
    let original = image.to_vec();
    Warp::new((SIDE, SIDE), motion).apply(&original, image, 0.0);
}

#[cfg(test)]
mod tests {
    use robust_attacks::random::stream;

    use super::*;
    use robust_networks::PIXELS;

    #[test]
    fn images_move_no_farther_than_the_amount_allows() {
        // A dot at the centre's lower right: no rotation moves it by more than a fraction of a pixel.
        let dot = 14 * SIDE + 14;
        let mut image = vec![0.0; PIXELS];
        image[dot] = 1.0;
        let mut farthest = 0.0_f64;
        for draw in 0..200 {
            let mut moved = image.clone();
            augment(0.5, &mut moved, &mut stream(3, "augment", &[draw]));
            assert!((moved.iter().sum::<f32>() - 1.0).abs() < 0.25, "the ink stays");
            let centre: f64 = moved.iter().enumerate().map(|(at, ink)| (at / SIDE) as f64 * f64::from(*ink)).sum();
            farthest = farthest.max((centre / f64::from(moved.iter().sum::<f32>()) - 14.0).abs());
        }
        assert!((0.8..1.3).contains(&farthest), "{farthest}");
        let mut still = image.clone();
        augment(0.0, &mut still, &mut stream(3, "augment", &[0]));
        assert_eq!(still, image);
    }
}
