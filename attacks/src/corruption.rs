//! Common corruptions: what happens to images without an attacker. A model that they fool is fragile, and a detector that takes
//! them for attacks has learnt to know what is unusual, not what is hostile.
//!
//! The kinds are those of Hendrycks and Dietterich 2019 (arXiv:1903.12261) and, for digits of 28 x 28 pixels in [0, 1], of MNIST-C
//! (Mu and Gilmer 2019, arXiv:1906.02337). Its strengths are ours too, but for the blur, which there leaves no digit to read:
//!
//! | severity | 1 | 2 | 3 | 4 | 5 |
//! |---|---|---|---|---|---|
//! | noise: standard deviation | 0.08 | 0.12 | 0.18 | 0.26 | 0.38 |
//! | blur: standard deviation, in pixels | 0.5 | 0.75 | 1 | 1.5 | 2 |
//! | contrast: factor | 0.4 | 0.3 | 0.2 | 0.1 | 0.05 |
//! | translation: pixels | 1 | 2 | 3 | 4 | 5 |

mod blur;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::warp::{Motion, Warp};
use crate::{Attack, Budget, Configuration, Error, Images, Proposal, Task};

/// A corruption and its strength. It asks the model nothing, for images `(B, C, H, W)` or `(B, H, W)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Corruption {
    /// Adds an independent normal draw to every pixel.
    GaussianNoise {
        /// The standard deviation, in units of pixel values.
        sigma: f64,
    },
    /// Mixes every pixel with those around it, with normal weights; beyond the border the nearest pixel goes on.
    Blur {
        /// The standard deviation, in pixels; above 0.
        sigma: f64,
    },
    /// Draws every pixel towards the mean of its channel: `mean + factor * (pixel - mean)`.
    Contrast {
        /// The share of the contrast that is left.
        factor: f64,
    },
    /// Shifts the image in one of eight directions, drawn at random; what comes in is the smallest pixel value.
    Translate {
        /// How far, in whole pixels along each axis.
        pixels: u32,
    },
}

impl Corruption {
    /// Normal noise of a severity from 1 to 5.
    #[must_use]
    pub fn gaussian_noise(severity: usize) -> Self {
        Self::GaussianNoise { sigma: at(severity, [0.08, 0.12, 0.18, 0.26, 0.38]) }
    }

    /// Gaussian blur of a severity from 1 to 5.
    #[must_use]
    pub fn blur(severity: usize) -> Self {
        Self::Blur { sigma: at(severity, [0.5, 0.75, 1.0, 1.5, 2.0]) }
    }

    /// Loss of contrast of a severity from 1 to 5.
    #[must_use]
    pub fn contrast(severity: usize) -> Self {
        Self::Contrast { factor: at(severity, [0.4, 0.3, 0.2, 0.1, 0.05]) }
    }

    /// A shift of a severity from 1 to 5.
    #[must_use]
    pub fn translate(severity: usize) -> Self {
        Self::Translate { pixels: at(severity, [1, 2, 3, 4, 5]) }
    }

    /// Corrupts one image, whose channels are planes of this height and width.
    fn corrupt(self, x: &mut [f32], plane: (usize, usize), lowest: f32, rng: &mut ChaCha8Rng) {
        match self {
            Self::GaussianNoise { sigma } => {
                x.iter_mut().for_each(|pixel| *pixel += (sigma * rng.sample::<f64, _>(StandardNormal)) as f32);
            }
            Self::Blur { sigma } => x.chunks_exact_mut(plane.0 * plane.1).for_each(|x| blur::blur(x, plane, sigma)),
            Self::Contrast { factor } => {
                for x in x.chunks_exact_mut(plane.0 * plane.1) {
                    let mean = x.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / x.len() as f64;
                    x.iter_mut().for_each(|pixel| *pixel = (mean + factor * (f64::from(*pixel) - mean)) as f32);
                }
            }
            Self::Translate { pixels } => {
                const DIRECTIONS: [(f64, f64); 8] =
                    [(-1., -1.), (-1., 0.), (-1., 1.), (0., -1.), (0., 1.), (1., -1.), (1., 0.), (1., 1.)];
                let (down, right) = DIRECTIONS[rng.random_range(0..DIRECTIONS.len())];
                let (down, right) = (f64::from(pixels) * down, f64::from(pixels) * right);
                let original = x.to_vec();
                Warp::new(plane, Motion { degrees: 0.0, down, right }).apply(&original, x, lowest);
            }
        }
    }
}

/// The strength of a severity; of one that does not exist the nearest.
fn at<T: Copy>(severity: usize, strengths: [T; 5]) -> T {
    strengths[severity.clamp(1, 5) - 1]
}

impl Attack for Corruption {
    fn name(&self) -> &str {
        match self {
            Self::GaussianNoise { .. } => "gaussian-noise",
            Self::Blur { .. } => "blur",
            Self::Contrast { .. } => "contrast",
            Self::Translate { .. } => "translate",
        }
    }

    fn is_control(&self) -> bool {
        true
    }

    fn perturb(&self, task: &Task, _budget: &Budget) -> Result<Proposal, Error> {
        let Task { model, x0, randomness, .. } = *task;
        let mut images = Images::from_tensor(x0)?;
        let plane = images.plane()?;
        for (x, mut rng) in images.rows_mut().zip(randomness.streams()) {
            self.corrupt(x, plane, model.signature().bounds.min, &mut rng);
        }
        Ok(Proposal::without_queries(images))
    }

    fn configuration(&self, _: &Budget) -> Configuration {
        let all = Configuration::default();
        match *self {
            Self::GaussianNoise { sigma } | Self::Blur { sigma } => all.with("sigma", sigma),
            Self::Contrast { factor } => all.with("factor", factor),
            Self::Translate { pixels } => all.with("pixels", pixels as usize),
        }
    }
}
