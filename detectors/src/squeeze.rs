//! [`Squeeze`]: does the classifier change its mind when the image is simplified?
//!
//! Xu, Evans and Qi, "Feature Squeezing: Detecting Adversarial Examples in Deep Neural Networks", NDSS 2018 (arXiv 1704.01155),
//! with the two squeezers that were best there on MNIST: one bit of depth, and a median filter of 2x2 pixels. A baseline, not a
//! drawing: it never asks the decoder.

use candle_core::{Error as CandleError, Result, Tensor};
use robust_attacks::Bounds;

use crate::perception::rows;
use crate::tape::log_softmax;
use crate::{Detector, Error, Perception, Tape};

/// `max over squeezers of ||softmax(x) - softmax(squeeze(x))||_1`, in [0, 2].
#[derive(Debug, Clone, Copy)]
pub struct Squeeze;

impl Detector for Squeeze {
    fn id(&self) -> &'static str {
        "squeeze"
    }

    fn scores(&self, perception: &Perception) -> std::result::Result<Vec<f32>, Error> {
        let distances = || {
            let model = perception.model();
            let logits = perception.logits();
            let shape = [logits.len(), model.signature().classes];
            let seen = Tensor::from_vec(logits.concat(), &shape, perception.x().device())?;
            let squeezed = squeezed(perception.x(), model.signature().bounds)?;
            let checked = |x: &Tensor| {
                let found = model.logits(x)?;
                rows("logits", "the squeezed image", &found, shape).map_err(CandleError::wrap)?;
                Ok(found)
            };
            farthest(&softmax(&seen)?, &squeezed, checked)?.to_vec1::<f32>()
        };
        distances().map_err(Error::model("classify the squeezed images"))
    }

    /// The score with each squeezer's gradient replaced by that of the identity (BPDA, Athalye, Carlini and Wagner 2018,
    /// section 4.1): its own is 0 or undefined.
    fn surrogate(&self, tape: &Tape) -> Result<Option<Tensor>> {
        let (x, model) = (tape.x(), tape.perception().model());
        let change = |squeezed: &Tensor| x + (squeezed - x)?.detach();
        let squeezed = squeezed(&x.detach(), model.signature().bounds)?;
        let squeezed = [change(&squeezed[0])?, change(&squeezed[1])?];
        farthest(&softmax(tape.logits())?, &squeezed, |x| Ok(model.encode(x)?.logits)).map(Some)
    }
}

/// The largest L1 distance of probabilities `(B, K)` from those of the squeezed images, `(B)`.
fn farthest(seen: &Tensor, squeezed: &[Tensor; 2], logits: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    let distance = |x: &Tensor| (softmax(&logits(x)?)? - seen)?.abs()?.sum(1);
    distance(&squeezed[0])?.maximum(&distance(&squeezed[1])?)
}

fn softmax(logits: &Tensor) -> Result<Tensor> {
    log_softmax(logits)?.exp()
}

/// Images with one bit of depth, and images through the median filter.
fn squeezed(x: &Tensor, Bounds { min, max }: Bounds) -> Result<[Tensor; 2]> {
    let pixels: Vec<f32> = x.flatten_all()?.to_vec1()?;
    let middle = f32::midpoint(min, max);
    let one_bit = pixels.iter().map(|&pixel| if pixel > middle { max } else { min }).collect();
    let width = x.dim(x.rank() - 1)?;
    let height = if x.rank() > 2 { x.dim(x.rank() - 2)? } else { 1 };
    let smooth = pixels.chunks(width * height).flat_map(|plane| median(plane, width)).collect::<Vec<_>>();
    Ok([Tensor::from_vec::<_, f32>(one_bit, x.dims(), x.device())?, Tensor::from_vec(smooth, x.dims(), x.device())?])
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
    use super::median;

    // import numpy as np; from scipy.ndimage import median_filter
    // print(median_filter(np.array([[.1, .9, .4], [.8, .2, .7], [.3, .6, .5]]), size=2).tolist())
    #[test]
    fn golden_values_of_scipy() {
        let found: Vec<f32> = median(&[0.1, 0.9, 0.4, 0.8, 0.2, 0.7, 0.3, 0.6, 0.5], 3).collect();
        assert_eq!(found, [0.1, 0.9, 0.9, 0.8, 0.8, 0.7, 0.8, 0.6, 0.6]);
    }
}
