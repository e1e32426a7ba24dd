//! [`Shape`]: slant, width, height, stroke thickness and ink of a written character, from the moments of its image.
//!
//! With pixel values as masses, `x` to the right and `y` downwards, `mu_pq` is the mean of `(x - x̄)^p (y - ȳ)^q`.
//!
//! - ink: the sum of all pixels;
//! - slant: `-mu_11 / mu_02`, the shear that makes the character upright; positive leans to the right, as italics do;
//! - width, height: `sqrt(12 mu_20)`, `sqrt(12 mu_02)`, the sides of the uniform rectangle that spreads as far;
//! - thickness: `2 ink / perimeter`, which is `t` for a long stroke of thickness `t`; the perimeter is the total variation.

use robust_attacks::ImageShape;
use robust_networks::{PIXELS, SIDE};

/// How a character is written; all 0 for a blank image.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Shape {
    /// Shear; 1 is 45 degrees to the right.
    pub(crate) slant: f64,
    /// In pixels.
    pub(crate) width: f64,
    /// In pixels.
    pub(crate) height: f64,
    /// In pixels.
    pub(crate) thickness: f64,
    /// In pixels of full ink.
    pub(crate) ink: f64,
}

impl Shape {
    /// What [`Shape::values`] holds.
    pub(crate) const NAMES: [&str; 5] = ["slant", "width", "height", "thickness", "ink"];

    /// Whether images of that shape are those of written characters, grey and 28x28: in others there are no strokes to measure.
    pub(crate) fn is_of(shape: ImageShape) -> bool {
        shape == ImageShape::new(1, SIDE, SIDE)
    }

    /// Measures an image of 784 pixels in [0, 1].
    pub(crate) fn of(image: &[f32]) -> Self {
        let pixel = |y: usize, x: usize| f64::from(image[y * SIDE + x]);
        let mean = |value: &dyn Fn(f64, f64) -> f64, ink: f64| {
            let place = |i: usize| value((i % SIDE) as f64, (i / SIDE) as f64);
            (0..PIXELS).map(|i| f64::from(image[i]) * place(i)).sum::<f64>() / ink
        };
        let ink = mean(&|_, _| 1.0, 1.0);
        if ink <= 0.0 {
            return Self::default();
        }
        let (cx, cy) = (mean(&|x, _| x, ink), mean(&|_, y| y, ink));
        let mu_20 = mean(&|x, _| (x - cx).powi(2), ink);
        let mu_02 = mean(&|_, y| (y - cy).powi(2), ink);
        let mu_11 = mean(&|x, y| (x - cx) * (y - cy), ink);
        // Beyond the image there is paper: the differences start and end outside of it.
        let at = |y: usize, x: usize| {
            if (1..=SIDE).contains(&y) && (1..=SIDE).contains(&x) { pixel(y - 1, x - 1) } else { 0.0 }
        };
        let mut perimeter = 0.0;
        for y in 0..=SIDE {
            for x in 0..=SIDE {
                perimeter += (at(y, x + 1) - at(y, x)).hypot(at(y + 1, x) - at(y, x));
            }
        }
        Self {
            slant: if mu_02 > 0.0 { -mu_11 / mu_02 } else { 0.0 },
            width: (12.0 * mu_20).sqrt(),
            height: (12.0 * mu_02).sqrt(),
            thickness: 2.0 * ink / perimeter,
            ink,
        }
    }

    /// The five numbers, in the order of [`Shape::NAMES`].
    pub(crate) fn values(&self) -> [f64; 5] {
        [self.slant, self.width, self.height, self.thickness, self.ink]
    }

    /// Each of the five numbers of all images `(N, 784)`.
    pub(crate) fn columns(images: &[f32]) -> [Vec<f64>; 5] {
        let shapes: Vec<[f64; 5]> = images.chunks(PIXELS).map(|image| Self::of(image).values()).collect();
        std::array::from_fn(|column| shapes.iter().map(|values| values[column]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(ink: impl Fn(usize, usize) -> bool) -> Vec<f32> {
        (0..PIXELS).map(|i| if ink(i % SIDE, i / SIDE) { 1.0 } else { 0.0 }).collect()
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    #[test]
    fn a_rectangle_measures_its_sides() {
        // n pixels in a row have variance (n² - 1) / 12, so that a side of n pixels measures sqrt(n² - 1).
        let shape = Shape::of(&image(|x, y| (4..9).contains(&x) && (3..23).contains(&y)));
        close(shape.ink, 100.0);
        close(shape.slant, 0.0);
        close(shape.width, 24_f64.sqrt());
        close(shape.height, 399_f64.sqrt());
        // One corner pixel sees both differences at once: sqrt(2) instead of 2.
        close(shape.thickness, 200.0 / (50.0 - 2.0 + 2_f64.sqrt()));
    }

    #[test]
    fn half_the_ink_changes_the_ink_alone() {
        let full = image(|x, y| (4..9).contains(&x) && (3..23).contains(&y));
        let half: Vec<f32> = full.iter().map(|pixel| pixel / 2.0).collect();
        let (full, half) = (Shape::of(&full), Shape::of(&half));
        close(half.ink, full.ink / 2.0);
        for (a, b) in full.values().iter().zip(half.values()).take(4) {
            close(*a, b);
        }
    }

    #[test]
    fn a_shear_is_the_slant() {
        // Every row moves `k` pixels to the right of the row below it.
        for k in [-1_i32, 0, 1] {
            let leaning = image(|x, y| (8..20).contains(&y) && (x as i32 - 12 - k * (14 - y as i32)).abs() <= 1);
            close(Shape::of(&leaning).slant, f64::from(k));
        }
    }

    #[test]
    fn blank_images_and_single_lines_have_finite_shapes() {
        assert_eq!(Shape::of(&vec![0.0; PIXELS]), Shape::default());
        let line = Shape::of(&image(|_, y| y == 5));
        assert_eq!((line.slant, line.height), (0.0, 0.0));
        assert!(line.values().iter().all(|value| value.is_finite()));
    }
}
