//! The change of variables that keeps an image within its bounds whatever an optimiser does (Carlini and Wagner 2017,
//! arXiv:1608.04644, section V.B):
//!
//! `x = min + (max - min) (1 + tanh w) / 2`
//!
//! for one image of `n` pixels with `n` unbounded variables `w`.

use crate::Bounds;

/// By how much a pixel is drawn to the middle before it gets a variable: `w` of a pixel on its bound would be infinite.
const SHRINKAGE: f64 = 1e-6;

/// The variables of one image, and how fast each pixel follows its own, `dx / dw`.
pub(crate) struct TanhSpace {
    bounds: Bounds,
    pub(crate) variables: Vec<f32>,
    slopes: Vec<f32>,
}

impl TanhSpace {
    /// The variables that give this image, up to the shrinkage.
    pub(crate) fn new(x: &[f32], bounds: Bounds) -> Self {
        let (min, max) = (f64::from(bounds.min), f64::from(bounds.max));
        let variable = |&x: &f32| {
            let between = (2.0 * f64::from(x) - min - max) / (max - min);
            ((1.0 - SHRINKAGE) * between).atanh() as f32
        };
        Self { bounds, variables: x.iter().map(variable).collect(), slopes: vec![0.0; x.len()] }
    }

    /// The image that the variables give.
    pub(crate) fn image(&mut self, x: &mut [f32]) {
        let Bounds { min, max } = self.bounds;
        let range = max - min;
        for ((x, &w), slope) in x.iter_mut().zip(&self.variables).zip(&mut self.slopes) {
            // (1 + tanh w) / 2 = 1 / (1 + e), without cancellation near either bound.
            let e = exp(-2.0 * w);
            let share = 1.0 / (1.0 + e);
            *x = (min + range * share).min(max);
            *slope = 2.0 * range * share * share * e;
        }
    }

    /// Turns a gradient with respect to the pixels of the last [`image`](Self::image) into one to the variables.
    pub(crate) fn pull_back(&self, gradient: &mut [f32]) {
        gradient.iter_mut().zip(&self.slopes).for_each(|(gradient, slope)| *gradient *= slope);
    }
}

/// `e^y` within 2 units in the last place for `|y| <= 87`, beyond which it stays constant. The standard library's is a call for
/// each number; this one the compiler turns into vector instructions.
fn exp(y: f32) -> f32 {
    /// Adding 1.5 * 2^23 leaves no bits for a fraction: the sum is rounded, and its last bits are a whole number.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts: the first has few bits, so that its multiples are exact.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    let y = y.clamp(-87.0, 87.0);
    let rounded = y * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = y - n * LN_2[0] - n * LN_2[1];
    // |r| <= ln(2) / 2: so many terms of the series leave out less than 1e-8.
    let series = [1.0, 1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0];
    let tail = series.iter().rev().fold(0.0, |sum, coefficient| sum * r + coefficient);
    let power = f32::from_bits((rounded.to_bits() << 23).wrapping_add(1.0_f32.to_bits()));
    (1.0 + r * tail) * power
}

#[cfg(test)]
mod tests {
    use super::{TanhSpace, exp};
    use crate::Bounds;

    #[test]
    fn exp_is_exact_to_the_last_bits() {
        for step in -870_000..=870_000 {
            let y = step as f32 * 1e-4;
            let (found, expected) = (f64::from(exp(y)), f64::from(y).exp());
            assert!((found / expected - 1.0).abs() < 2.5e-7, "e^{y} is {expected}, not {found}");
        }
        for (y, end) in [(1e3, 87.0), (f32::INFINITY, 87.0), (-1e3, -87.0), (f32::NEG_INFINITY, -87.0)] {
            assert_eq!(exp(y), exp(end), "{y}");
        }
    }

    #[test]
    fn there_and_back_is_the_image_and_any_variables_stay_within_the_bounds() {
        for bounds in [Bounds::UNIT, Bounds { min: -3.0, max: 5.0 }, Bounds { min: 0.0, max: 255.0 }] {
            let range = bounds.max - bounds.min;
            let x = [0.0, 1e-6, 0.2, 0.5, 0.9, 1.0].map(|share| bounds.min + share * range);
            let (mut space, mut back) = (TanhSpace::new(&x, bounds), [0.0; 6]);
            space.image(&mut back);
            for (x, back) in x.into_iter().zip(back) {
                assert!((x - back).abs() <= 1e-6 * range, "{back} instead of {x}");
            }
            space.variables = vec![-1e30, -50.0, -9.0, 9.0, 50.0, 1e30];
            space.image(&mut back);
            assert!(back.iter().all(|pixel| (bounds.min..=bounds.max).contains(pixel)), "{back:?}");
        }
    }

    #[test]
    fn slopes_are_differences() {
        let (bounds, h) = (Bounds { min: -1.0, max: 3.0 }, 1e-2);
        for w in [-3.0, -1.0, 0.0, 0.7, 2.5] {
            let at = |w: f32| {
                let (mut space, mut x) = (TanhSpace::new(&[0.0], bounds), [0.0]);
                space.variables = vec![w];
                space.image(&mut x);
                let mut gradient = [1.0];
                space.pull_back(&mut gradient);
                (x[0], gradient[0])
            };
            let difference = (at(w + h).0 - at(w - h).0) / (2.0 * h);
            assert!((at(w).1 - difference).abs() < 2e-4, "{} instead of {difference}", at(w).1);
        }
    }
}
