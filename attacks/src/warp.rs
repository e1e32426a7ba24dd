//! Images turned about their centre and then shifted, by bilinear interpolation.
//!
//! The pixel of the result at `p` is what the original shows at `q = c + R (p - c - shift)`, where `c` is the centre and `R`
//! turns back by the angle. Between pixels the four around `q` are mixed by nearness; beyond the border everything has one
//! given value. A shift by whole pixels moves them as they are.

/// Where an image goes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Motion {
    /// How far it turns, counter-clockwise.
    pub degrees: f64,
    /// How many rows it moves down.
    pub down: f64,
    /// How many columns it moves right.
    pub right: f64,
}

/// A motion worked out for planes of one size, to be applied to many.
pub struct Warp {
    /// What each pixel of a plane is mixed of.
    mixtures: Vec<Mixture>,
}

/// Positions in the original plane with their weights; together with the weight of what lies outside they sum to 1.
#[derive(Default)]
struct Mixture {
    corners: [(usize, f64); 4],
    outside: f64,
}

impl Warp {
    /// For planes of this height and width.
    #[must_use]
    pub fn new((height, width): (usize, usize), motion: Motion) -> Self {
        let (sine, cosine) = motion.degrees.to_radians().sin_cos();
        let centre = |length: usize| (length as f64 - 1.0) / 2.0;
        let mixture = |pixel: usize| {
            let down = (pixel / width) as f64 - centre(height) - motion.down;
            let right = (pixel % width) as f64 - centre(width) - motion.right;
            let row = centre(height) + cosine * down + sine * right;
            let column = centre(width) + cosine * right - sine * down;
            Mixture::around(row, column, (height, width))
        };
        Self { mixtures: (0..height * width).map(mixture).collect() }
    }

    /// Draws every plane of the image `from` into the image `into`, with `outside` beyond the border.
    pub fn apply(&self, from: &[f32], into: &mut [f32], outside: f32) {
        let pixels = self.mixtures.len();
        for (from, into) in from.chunks_exact(pixels).zip(into.chunks_exact_mut(pixels)) {
            for (pixel, mixture) in into.iter_mut().zip(&self.mixtures) {
                let shares = mixture.corners.iter().map(|&(corner, weight)| weight * f64::from(from[corner]));
                *pixel = (shares.sum::<f64>() + mixture.outside * f64::from(outside)) as f32;
            }
        }
    }
}

impl Mixture {
    /// The four pixels around a point of a plane of this height and width.
    fn around(row: f64, column: f64, (height, width): (usize, usize)) -> Self {
        let (top, left) = (row.floor(), column.floor());
        let (below, beside) = (row - top, column - left);
        let corners = [
            (top, left, (1.0 - below) * (1.0 - beside)),
            (top, left + 1.0, (1.0 - below) * beside),
            (top + 1.0, left, below * (1.0 - beside)),
            (top + 1.0, left + 1.0, below * beside),
        ];
        let mut mixture = Self::default();
        for (corner, (row, column, weight)) in mixture.corners.iter_mut().zip(corners) {
            if (0.0..height as f64).contains(&row) && (0.0..width as f64).contains(&column) {
                *corner = (row as usize * width + column as usize, weight);
            } else {
                mixture.outside += weight;
            }
        }
        mixture
    }
}

#[cfg(test)]
mod tests {
    use super::{Motion, Warp};

    fn warp(x: &[f32], plane: (usize, usize), (degrees, down, right): (f64, f64, f64), outside: f32) -> Vec<f32> {
        let mut warped = vec![f32::NAN; x.len()];
        Warp::new(plane, Motion { degrees, down, right }).apply(x, &mut warped, outside);
        warped
    }

    #[test]
    fn quarter_turns_and_shifts_by_whole_pixels_move_pixels_as_they_are() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
        for (motion, expected) in [
            ((0.0, 0.0, 0.0), x),
            ((90.0, 0.0, 0.0), [3.0, 6.0, 9.0, 2.0, 5.0, 8.0, 1.0, 4.0, 7.0]),
            ((-90.0, 0.0, 0.0), [7.0, 4.0, 1.0, 8.0, 5.0, 2.0, 9.0, 6.0, 3.0]),
            ((180.0, 0.0, 0.0), [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0]),
            ((0.0, 1.0, 0.0), [-1.0, -1.0, -1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
            ((0.0, -2.0, 1.0), [-1.0, 7.0, 8.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0]),
            ((90.0, 0.0, 1.0), [-1.0, 3.0, 6.0, -1.0, 2.0, 5.0, -1.0, 1.0, 4.0]),
            ((0.0, 3.0, 0.0), [-1.0; 9]),
        ] {
            let found = warp(&x, (3, 3), motion, -1.0);
            assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6), "{motion:?}");
            if motion.0 == 0.0 {
                assert_eq!(found, expected, "{motion:?}: exactly");
            }
        }
    }

    #[test]
    fn channels_move_alike() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        assert_eq!(warp(&x, (2, 2), (0.0, 0.0, 1.0), 0.0), [0.0, 1.0, 0.0, 3.0, 0.0, 5.0, 0.0, 7.0]);
    }

    // import numpy as np; from scipy.ndimage import affine_transform
    // x, centre = (np.arange(20) * 7 % 20 / 20).reshape(4, 5), np.array([1.5, 2.0])
    // for degrees, shift in (90, (0, 0)), (-30, (0, 0)), (0, (0.5, -1.25)), (17, (-1.5, 0.75)):
    //     sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    //     back = np.array([[cosine, sine], [-sine, cosine]])
    //     print(affine_transform(x, back, centre - back @ (centre + shift), order=1, mode="grid-constant", cval=0.1))
    #[test]
    fn warps_agree_with_scipy() {
        let x: Vec<f32> = (0..20).map(|pixel| (pixel * 7 % 20) as f32 / 20.0).collect();
        for (motion, expected) in [
            (
                (90.0, 0.0, 0.0),
                [
                    0.162500, 0.350000, 0.600000, 0.600000, 0.287500, 0.237500, 0.500000, 0.500000, 0.500000, 0.362500,
                    0.312500, 0.400000, 0.400000, 0.650000, 0.437500, 0.137500, 0.300000, 0.550000, 0.550000, 0.262500,
                ],
            ),
            (
                (-30.0, 0.0, 0.0),
                [
                    0.410645, 0.390961, 0.387260, 0.467713, 0.092297, 0.489535, 0.534872, 0.362500, 0.507115, 0.236667,
                    0.448029, 0.658429, 0.304247, 0.666571, 0.177211, 0.201743, 0.667352, 0.462500, 0.690849, 0.436293,
                ],
            ),
            (
                (0.0, 0.5, -1.25),
                [
                    0.268750, 0.318750, 0.118750, 0.212500, 0.100000, 0.312500, 0.537500, 0.387500, 0.231250, 0.100000,
                    0.437500, 0.412500, 0.637500, 0.418750, 0.100000, 0.687500, 0.537500, 0.512500, 0.606250, 0.100000,
                ],
            ),
            (
                (17.0, -1.5, 0.75),
                [
                    0.256202, 0.532862, 0.330131, 0.390403, 0.625732, 0.137878, 0.523883, 0.787383, 0.603476, 0.390315,
                    0.100000, 0.229624, 0.418078, 0.474931, 0.200551, 0.100000, 0.109621, 0.100000, 0.100000, 0.100000,
                ],
            ),
        ] {
            let found = warp(&x, (4, 5), motion, 0.1);
            for (pixel, (found, expected)) in found.iter().zip(expected).enumerate() {
                assert!((found - expected).abs() < 1e-6, "{motion:?}: {found} instead of {expected} at {pixel}");
            }
        }
    }
}
