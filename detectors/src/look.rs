//! [`Look`]: what the two autoencoders of [`Magnet`](crate::Magnet) make of a batch: four numbers of each image, of each the logarithm.
//!
//! In this order: the mean squared error of the first, the mean absolute error of the second, and the Jensen-Shannon divergences of the
//! classifier's softmax of the image from that of the first's drawing, at two temperatures (Meng and Chen 2017). All are at least 0 and spread
//! over orders of magnitude: only their logarithms have a tail that clean images tell something of.

use std::sync::Arc;

use candle_core::{DType, Device, Error as CandleError, Result, Tensor};
use robust_attacks::{Bounds, prediction};

use crate::autoencoder::{Autoencoder, Reconstruct};
use crate::tape::log_softmax;
use crate::tensors::rows;
use crate::{Error, Perception};

const TEMPERATURES: [f64; 2] = [10.0, 40.0];
/// What the logarithm is taken above: far below any error of an image.
const TINY: f64 = 1e-12;
/// How many numbers.
pub(crate) const PARTS: usize = 2 + TEMPERATURES.len();

/// What two autoencoders make of a batch.
pub(crate) struct Look {
    autoencoders: [Arc<Autoencoder>; 2],
    /// `B` rows of `PARTS` finite numbers.
    pub(crate) parts: Vec<Vec<f64>>,
    /// What the first's drawing of every image is classified as.
    pub(crate) labels: Vec<u32>,
}

/// What they make of a batch. The perception keeps that of the first autoencoders that ask, since `combined` and `magnet` mostly share theirs.
pub(crate) fn look(
    autoencoders: &[Arc<Autoencoder>; 2],
    perception: &Perception,
) -> std::result::Result<Arc<Look>, Error> {
    let made = || {
        let logits = perception.logits();
        let shape = (logits.len(), perception.classes());
        let logits = Tensor::from_vec(logits.concat(), shape, perception.x().device())?;
        let (parts, drawn) = parts(autoencoders, perception, perception.x(), &logits)?;
        let labels = drawn.iter().map(|row| prediction(row).0).collect();
        Ok(Look { autoencoders: autoencoders.clone(), parts: parts.to_vec2()?, labels })
    };
    let look = || made().map_err(Error::model("classify what an autoencoder makes of the images"));
    let kept = perception.memo().get_or_make(look)?;
    if kept.autoencoders == *autoencoders { Ok(kept) } else { look().map(Arc::new) }
}

/// The logarithms of the parts `(B, 4)` of images and their logits, in f64: divergences are small differences; and the logits of the first's drawings, `B`
/// rows of `K` finite numbers.
pub(crate) fn parts(
    [pooled, plain]: &[Arc<Autoencoder>; 2],
    perception: &Perception,
    x: &Tensor,
    logits: &Tensor,
) -> Result<(Tensor, Vec<Vec<f32>>)> {
    let subject = perception.subject();
    let Bounds { min, max } = subject.bounds();
    let x = unit(x, subject.bounds())?;
    let (drawn, drawn_plain) = (redraw(pooled, &x)?, redraw(plain, &x)?);
    let mean = |off: Tensor| off.flatten_from(1)?.mean(1)?.to_dtype(DType::F64);
    let drawn_logits = subject.logits(&drawn.affine(f64::from(max - min), f64::from(min))?)?;
    let shape = [perception.logits().len(), perception.classes()];
    let checked =
        rows("logits", "an autoencoder's drawing of image", &drawn_logits, shape).map_err(CandleError::wrap)?;
    let mut parts = vec![mean((&drawn - &x)?.sqr()?)?, mean((drawn_plain - &x)?.abs()?)?];
    for temperature in TEMPERATURES {
        parts.push(divergence(logits, &drawn_logits, temperature)?);
    }
    // A divergence of nothing may come out below 0 by rounding.
    Ok(((Tensor::stack(&parts, 1)?.relu()? + TINY)?.log()?, checked))
}

/// Pixels brought from the model's bounds into [0, 1].
pub(crate) fn unit(x: &Tensor, Bounds { min, max }: Bounds) -> Result<Tensor> {
    let scale = 1.0 / f64::from(max - min);
    x.affine(scale, -scale * f64::from(min))
}

/// What an autoencoder makes of images; it works on the host.
fn redraw(autoencoder: &Arc<Autoencoder>, x: &Tensor) -> Result<Tensor> {
    let drawn = x.to_device(&Device::Cpu)?.contiguous()?.apply_op1(Reconstruct(autoencoder.clone()))?;
    drawn.to_device(x.device())
}

/// The Jensen-Shannon divergence in nats of the softmaxes of logits `(B, K)` divided by `temperature`: `(B)`.
///
/// A label that both give a probability of 0 has a logarithm in each, and in their mean: the larger of the two is taken out of that
/// sum before it is formed, so that the divergence and its gradient are finite for all finite logits.
fn divergence(a: &Tensor, b: &Tensor, temperature: f64) -> Result<Tensor> {
    let log = |logits: &Tensor| log_softmax(&(logits.to_dtype(DType::F64)? / temperature)?);
    let (log_a, log_b) = (log(a)?, log(b)?);
    // A constant to the gradient: the mean is the same whatever is taken out.
    let larger = log_a.maximum(&log_b)?.detach();
    let parts = ((&log_a - &larger)?.exp()? + (&log_b - &larger)?.exp()?)?;
    let log_mean = ((parts / 2.0)?.log()? + larger)?;
    let twice = ((log_a.exp()? * (log_a - &log_mean)?)? + (log_b.exp()? * (log_b - log_mean)?)?)?;
    twice.sum(1)? / 2.0
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::divergence;

    // import numpy as np; from scipy.special import logsumexp
    // def jsd(a, b, t):
    //     a, b = [np.array(z) / t - logsumexp(np.array(z) / t) for z in (a, b)]; m = np.logaddexp(a, b) - np.log(2)
    //     return (np.exp(a) * (a - m) + np.exp(b) * (b - m)).sum() / 2
    // for s in (1, 1e2, 1e4, 1e6, 1e37): print(jsd([3 * s, -2 * s, s], [2 * s, -s, 2.5 * s], 10), jsd([3 * s, -2 * s, s], [3 * s, -9 * s, s], 10))
    #[test]
    fn golden_values_of_scipy_for_logits_of_all_sizes() {
        for (scale, expected) in [
            (1.0, [0.001596563647136947, 0.009349490217247207]),
            (1e2, [0.6730349600823953, 6.684537581830203e-23]),
            (1e4, [2_f64.ln(), 0.0]),
            (1e6, [2_f64.ln(), 0.0]),
            (1e37, [2_f64.ln(), 0.0]),
        ] {
            let row = |z: [f32; 3]| Var::new(&[z.map(|z| scale * z)], &Device::Cpu).unwrap();
            let a = row([3.0, -2.0, 1.0]);
            for (b, expected) in [[2.0, -1.0, 2.5], [3.0, -9.0, 1.0]].into_iter().zip(expected) {
                let b = row(b);
                let found = divergence(&a, &b, 10.0).unwrap();
                let gradients = found.backward().unwrap();
                let found = found.to_vec1::<f64>().unwrap()[0];
                assert!((found - expected).abs() <= 1e-12 * (1.0 + expected), "{scale}: {found} is not {expected}");
                for logits in [&a, &b] {
                    let gradient: Vec<f32> = gradients.get(logits).unwrap().flatten_all().unwrap().to_vec1().unwrap();
                    assert!(gradient.iter().all(|slope| slope.is_finite()), "{scale}: {gradient:?}");
                }
            }
        }
    }
}
