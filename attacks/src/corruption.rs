//! Common corruptions: what happens to images without an attacker. A model that they fool is fragile, and a detector that takes
//! them for attacks has learnt to know what is unusual, not what is hostile.
//!
//! The kinds are those of Hendrycks and Dietterich 2019 (arXiv:1903.12261) and, for digits of 28 x 28 pixels in [0, 1], of MNIST-C
//! (Mu and Gilmer 2019, arXiv:1906.02337). The strengths from 1 to 5 of noise, contrast, brightness and JPEG are theirs; those of the blur, which
//! there leaves no digit to read, and of the others are ours. Severity 0 is ours throughout: what a scanner, a camera or a mail program does and
//! nobody calls damage, a *benign shift*.
//!
//! | severity | 0 | 1 | 2 | 3 | 4 | 5 |
//! |---|---|---|---|---|---|---|
//! | noise: standard deviation | 0.05 | 0.08 | 0.12 | 0.18 | 0.26 | 0.38 |
//! | blur: standard deviation, in pixels | 0.4 | 0.5 | 0.75 | 1 | 1.5 | 2 |
//! | contrast: factor | 0.7 | 0.4 | 0.3 | 0.2 | 0.1 | 0.05 |
//! | brightness: added | 8/255 | 0.1 | 0.2 | 0.3 | 0.4 | 0.5 |
//! | binarization: threshold | 0.5 | 0.6 | 0.7 | 0.8 | 0.85 | 0.9 |
//! | JPEG: quality | 50 | 25 | 18 | 15 | 10 | 7 |
//! | rescaling: share of the sides | 1/2 | 0.4 | 1/3 | 0.28 | 1/4 | 0.2 |
//! | translation: pixels | 0.5 | 1 | 2 | 3 | 4 | 5 |

mod blur;
mod jpeg;
mod rescale;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::warp::{Motion, Warp};
use crate::{Attack, Bounds, Budget, Configuration, Error, Images, Proposal, Task};

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
    /// Adds the same to every pixel: a digit's black background turns grey.
    Brightness {
        /// What is added, in units of pixel values.
        added: f64,
    },
    /// Makes every pixel the smallest value or the largest one.
    Binarize {
        /// The share of the range of pixel values from which on a pixel is the largest value.
        threshold: f64,
    },
    /// Writes and reads the image as JPEG with 8 bits a pixel: three channels as RGB with halved chroma, any others as grey pictures.
    Jpeg {
        /// From 1 to 100, on libjpeg's scale.
        quality: u8,
    },
    /// Makes the image smaller by the mean over areas, and as large as before by bilinear interpolation.
    Rescale {
        /// The small image's sides in shares of the image's, above 0 and at most 1.
        share: f64,
    },
    /// Shifts the image in one of eight directions, drawn at random; what comes in is the smallest pixel value.
    Translate {
        /// How far, in pixels along each axis.
        pixels: f64,
    },
}

impl Corruption {
    /// Normal noise of a severity from 0 to 5.
    #[must_use]
    pub fn gaussian_noise(severity: usize) -> Self {
        Self::GaussianNoise { sigma: at(severity, [0.05, 0.08, 0.12, 0.18, 0.26, 0.38]) }
    }

    /// Gaussian blur of a severity from 0 to 5.
    #[must_use]
    pub fn blur(severity: usize) -> Self {
        Self::Blur { sigma: at(severity, [0.4, 0.5, 0.75, 1.0, 1.5, 2.0]) }
    }

    /// Loss of contrast of a severity from 0 to 5.
    #[must_use]
    pub fn contrast(severity: usize) -> Self {
        Self::Contrast { factor: at(severity, [0.7, 0.4, 0.3, 0.2, 0.1, 0.05]) }
    }

    /// More light, of a severity from 0 to 5.
    #[must_use]
    pub fn brightness(severity: usize) -> Self {
        Self::Brightness { added: at(severity, [8.0 / 255.0, 0.1, 0.2, 0.3, 0.4, 0.5]) }
    }

    /// Two values a pixel, at the threshold of a severity from 0 to 5.
    #[must_use]
    pub fn binarize(severity: usize) -> Self {
        Self::Binarize { threshold: at(severity, [0.5, 0.6, 0.7, 0.8, 0.85, 0.9]) }
    }

    /// JPEG of a severity from 0 to 5.
    #[must_use]
    pub fn jpeg(severity: usize) -> Self {
        Self::Jpeg { quality: at(severity, [50, 25, 18, 15, 10, 7]) }
    }

    /// Smaller and back, of a severity from 0 to 5.
    #[must_use]
    pub fn rescale(severity: usize) -> Self {
        Self::Rescale { share: at(severity, [0.5, 0.4, 1.0 / 3.0, 0.28, 0.25, 0.2]) }
    }

    /// A shift of a severity from 0 to 5.
    #[must_use]
    pub fn translate(severity: usize) -> Self {
        Self::Translate { pixels: at(severity, [0.5, 1.0, 2.0, 3.0, 4.0, 5.0]) }
    }

    /// Corrupts one image, whose channels are planes of this height and width.
    fn corrupt(self, x: &mut [f32], plane: (usize, usize), bounds: Bounds, rng: &mut ChaCha8Rng) -> Result<(), Error> {
        let planes = || x.len() / (plane.0 * plane.1);
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
            Self::Brightness { added } => x.iter_mut().for_each(|pixel| *pixel += added as f32),
            Self::Binarize { threshold } => {
                let Bounds { min, max } = bounds;
                let least = min + threshold as f32 * (max - min);
                x.iter_mut().for_each(|pixel| *pixel = if *pixel < least { min } else { max });
            }
            Self::Jpeg { quality } => jpeg::recode(x, (planes(), plane), bounds, quality)?,
            Self::Rescale { share } => {
                x.chunks_exact_mut(plane.0 * plane.1).for_each(|x| rescale::rescale(x, plane, share));
            }
            Self::Translate { pixels } => {
                const DIRECTIONS: [(f64, f64); 8] =
                    [(-1., -1.), (-1., 0.), (-1., 1.), (0., -1.), (0., 1.), (1., -1.), (1., 0.), (1., 1.)];
                let (down, right) = DIRECTIONS[rng.random_range(0..DIRECTIONS.len())];
                let (down, right) = (pixels * down, pixels * right);
                let original = x.to_vec();
                Warp::new(plane, Motion { degrees: 0.0, down, right }).apply(&original, x, bounds.min);
            }
        }
        Ok(())
    }
}

/// The strength of a severity; of one that does not exist the nearest.
fn at<T: Copy>(severity: usize, strengths: [T; 6]) -> T {
    strengths[severity.min(5)]
}

impl Attack for Corruption {
    fn name(&self) -> &str {
        match self {
            Self::GaussianNoise { .. } => "gaussian-noise",
            Self::Blur { .. } => "blur",
            Self::Contrast { .. } => "contrast",
            Self::Brightness { .. } => "brightness",
            Self::Binarize { .. } => "binarize",
            Self::Jpeg { .. } => "jpeg",
            Self::Rescale { .. } => "rescale",
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
            self.corrupt(x, plane, model.signature().bounds, &mut rng)?;
        }
        Ok(Proposal::without_queries(images))
    }

    fn configuration(&self, _: &Budget) -> Configuration {
        let all = Configuration::default();
        match *self {
            Self::GaussianNoise { sigma } | Self::Blur { sigma } => all.with("sigma", sigma),
            Self::Contrast { factor } => all.with("factor", factor),
            Self::Brightness { added } => all.with("added", added),
            Self::Binarize { threshold } => all.with("threshold", threshold),
            Self::Jpeg { quality } => all.with("quality", usize::from(quality)),
            Self::Rescale { share } => all.with("share", share),
            Self::Translate { pixels } => all.with("pixels", pixels),
        }
    }
}
