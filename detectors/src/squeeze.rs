//! [`Squeeze`]: does the classifier change its mind when the image is simplified?
//!
//! Xu, Evans and Qi, "Feature Squeezing: Detecting Adversarial Examples in Deep Neural Networks", NDSS 2018 (arXiv 1704.01155),
//! with the squeezers that were best there: a median filter of 2x2 pixels; one bit of depth for grey images (MNIST), four and five for images in
//! colours (CIFAR-10, ImageNet); and for red, green and blue non-local means. A baseline, not a drawing: it never asks the decoder.

use candle_core::{Error as CandleError, Result, Tensor};
use robust_attacks::Bounds;

use crate::non_local_means::Denoise;
use crate::tape::log_softmax;
use crate::tensors::{as_identity, rows};
use crate::{Detector, Error, Perception, Recorded, Tape};

/// Of non-local means.
const STRENGTH: f32 = 4.0;

/// `max over squeezers of ||softmax(x) - softmax(squeeze(x))||_1`, in [0, 2].
#[derive(Debug, Clone, Copy)]
pub struct Squeeze;

impl Squeeze {
    /// The name by which it is chosen.
    pub const ID: &'static str = "squeeze";
}

impl Detector for Squeeze {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn scores(&self, perception: &Perception) -> std::result::Result<Vec<f32>, Error> {
        let distances = || {
            let subject = perception.subject();
            let logits = perception.logits();
            let shape = [logits.len(), perception.classes()];
            let seen = Tensor::from_vec(logits.concat(), &shape, perception.x().device())?;
            let squeezed = squeezed(perception.x(), subject.bounds())?;
            let checked = |x: &Tensor| {
                let found = subject.logits(x)?;
                rows("logits", "the squeezed image", &found, shape).map_err(CandleError::wrap)?;
                Ok(found)
            };
            farthest(&softmax(&seen)?, &squeezed, checked)?.to_vec1::<f32>()
        };
        distances().map_err(Error::model("classify the squeezed images"))
    }

    /// The surrogate is the score with the gradient of depths and median replaced by that of the identity (BPDA, Athalye, Carlini and Wagner 2018,
    /// section 4.1): their own is 0 or undefined. Non-local means hand theirs on (`Denoise`).
    fn record(&self, tape: &Tape) -> Result<Option<Recorded>> {
        let (x, subject) = (tape.x(), tape.perception().subject());
        Recorded::apart(self, tape, || {
            let squeezed = squeezed(x, subject.bounds())?;
            farthest(&softmax(tape.logits())?, &squeezed, |x| subject.logits(x))
        })
    }
}

/// The largest L1 distance of probabilities `(B, K)` from those of the squeezed images, `(B)`.
fn farthest(seen: &Tensor, squeezed: &[Tensor], logits: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    let distance = |x: &Tensor| (softmax(&logits(x)?)? - seen)?.abs()?.sum(1);
    let (first, others) = squeezed.split_first().ok_or_else(|| CandleError::Msg("no squeezer".to_owned()))?;
    others.iter().try_fold(distance(first)?, |farthest, x| farthest.maximum(&distance(x)?))
}

fn softmax(logits: &Tensor) -> Result<Tensor> {
    log_softmax(logits)?.exp()
}

/// Images with each depth that suits them, through the median filter, and those in red, green and blue by non-local means, as functions of the images.
fn squeezed(x: &Tensor, bounds: Bounds) -> Result<Vec<Tensor>> {
    let pixels: Vec<f32> = x.detach().flatten_all()?.to_vec1()?;
    let channels = if x.rank() < 4 { 1 } else { x.dim(x.rank() - 3)? };
    let depths: &[i32] = if channels == 1 { &[1] } else { &[4, 5] };
    let width = x.dim(x.rank() - 1)?;
    let height = if x.rank() > 2 { x.dim(x.rank() - 2)? } else { 1 };
    let smooth = pixels.chunks(width * height).flat_map(|plane| median(plane, width)).collect::<Vec<_>>();
    let shallow = depths.iter().map(|&bits| pixels.iter().map(|&pixel| shallow(pixel, bits, bounds)).collect());
    let denoised = (channels == 3).then(|| Denoise { size: [height, width], bounds, strengths: [STRENGTH] }.of(x));
    let simple = |pixels: Vec<f32>| as_identity(x, &Tensor::from_vec(pixels, x.dims(), x.device())?);
    shallow.chain([smooth]).map(simple).chain(denoised).collect()
}

/// The nearest of `2^bits` evenly spaced levels, of two equally near the even one.
fn shallow(pixel: f32, bits: i32, Bounds { min, max }: Bounds) -> f32 {
    let steps = 2_f32.powi(bits) - 1.0;
    ((pixel - min) / (max - min) * steps).round_ties_even() / steps * (max - min) + min
}

/// The upper median of each pixel and its neighbours to the left, above and between, the edge repeated: what
/// `scipy.ndimage.median_filter(size=2)` gives, which the paper's authors used.
fn median(plane: &[f32], width: usize) -> impl Iterator<Item = f32> {
    (0..plane.len()).map(move |at| {
        let left = if at % width == 0 { at } else { at - 1 };
        let up = |at: usize| if at < width { at } else { at - width };
        let mut window = [plane[at], plane[left], plane[up(at)], plane[up(left)]];
        window.sort_by(f32::total_cmp);
        window[2]
    })
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};
    use robust_attacks::Bounds;

    use super::{median, shallow, squeezed};

    #[test]
    fn squeezers_are_chosen_by_channels() {
        for (channels, squeezers) in [(1, 2), (2, 3), (3, 4), (4, 3)] {
            let x = Tensor::full(0.2_f32, (2, channels, 5, 6), &Device::Cpu).unwrap();
            let found = squeezed(&x, Bounds::UNIT).unwrap();
            assert_eq!(found.len(), squeezers, "{channels} channels");
            assert!(found.iter().all(|squeezed| squeezed.dims() == x.dims()));
        }
    }

    // import numpy as np; from scipy.ndimage import median_filter
    // print(median_filter(np.array([[.1, .9, .4], [.8, .2, .7], [.3, .6, .5]]), size=2).tolist())
    #[test]
    fn golden_values_of_scipy() {
        let found: Vec<f32> = median(&[0.1, 0.9, 0.4, 0.8, 0.2, 0.7, 0.3, 0.6, 0.5], 3).collect();
        assert_eq!(found, [0.1, 0.9, 0.9, 0.8, 0.8, 0.7, 0.8, 0.6, 0.6]);
    }

    // numpy.rint(x * (2 ** bits - 1)) / (2 ** bits - 1), as the paper's authors have it
    #[test]
    fn depths_have_evenly_spaced_levels() {
        for (bits, pixel, expected) in [
            (1, 0.5, 0.0),
            (1, 0.500_001, 1.0),
            (1, 1.0, 1.0),
            (4, 0.5, 8.0 / 15.0),
            (4, 0.49, 7.0 / 15.0),
            (5, 0.5, 16.0 / 31.0),
            (5, 0.01, 0.0),
        ] {
            assert_eq!(shallow(pixel, bits, Bounds::UNIT), expected, "{bits} bits of {pixel}");
        }
        let wide = Bounds { min: -1.0, max: 3.0 };
        assert_eq!([0.99, 1.01].map(|pixel| shallow(pixel, 1, wide)), [-1.0, 3.0]);
    }
}
