//! [`Look`]: what the two autoencoders of [`Magnet`](crate::Magnet) make of a batch: four numbers of each image.
//!
//! In this order: the mean squared error of the first, the mean absolute error of the second, and the Jensen-Shannon divergences of the
//! classifier's softmax of the image from that of the first's drawing, at two temperatures (Meng and Chen 2017).

use std::sync::Arc;

use candle_core::{DType, Device, Result, Tensor};
use robust_attacks::Bounds;

use crate::autoencoder::{Autoencoder, Reconstruct};
use crate::tape::log_softmax;
use crate::{Error, Perception};

const TEMPERATURES: [f64; 2] = [10.0, 40.0];
/// How many numbers.
pub(crate) const PARTS: usize = 2 + TEMPERATURES.len();

/// The parts of every image of a batch, and whose they are: a [`Perception`] keeps them, since `combined` and `magnet` mostly share their
/// autoencoders, and a gradient and a score their images.
pub(crate) struct Look {
    autoencoders: [Arc<Autoencoder>; 2],
    parts: Vec<Vec<f64>>,
}

/// Those of this batch.
pub(crate) fn look(
    autoencoders: &[Arc<Autoencoder>; 2],
    perception: &Perception,
) -> std::result::Result<Vec<Vec<f64>>, Error> {
    if let Some(look) = perception.look().get()
        && look.autoencoders == *autoencoders
    {
        return Ok(look.parts.clone());
    }
    let logits = perception.logits();
    let look = || {
        let shape = (logits.len(), perception.model().classes());
        let logits = Tensor::from_vec(logits.concat(), shape, perception.x().device())?;
        parts(autoencoders, perception, perception.x(), &logits)?.to_vec2()
    };
    keep(autoencoders, perception, look().map_err(Error::model("classify what an autoencoder makes of the images"))?)
}

/// Lets the perception keep the parts, once they are known to be numbers.
pub(crate) fn keep(
    autoencoders: &[Arc<Autoencoder>; 2],
    perception: &Perception,
    parts: Vec<Vec<f64>>,
) -> std::result::Result<Vec<Vec<f64>>, Error> {
    for (image, row) in parts.iter().enumerate() {
        if let Some(value) = row.iter().find(|value: &&f64| !value.is_finite()) {
            let (what, value) = ("logits of an autoencoder's images", *value as f32);
            return Err(Error::Value { what, image, value, expected: "finite numbers" });
        }
    }
    perception.look().get_or_init(|| Look { autoencoders: autoencoders.clone(), parts: parts.clone() });
    Ok(parts)
}

/// The parts `(B, 4)` of images and their logits, in f64: divergences are small differences.
pub(crate) fn parts(
    [pooled, plain]: &[Arc<Autoencoder>; 2],
    perception: &Perception,
    x: &Tensor,
    logits: &Tensor,
) -> Result<Tensor> {
    let model = perception.model();
    let Bounds { min, max } = model.bounds();
    let x = unit(x, model.bounds())?;
    let (drawn, drawn_plain) = (redraw(pooled, &x)?, redraw(plain, &x)?);
    let mean = |off: Tensor| off.flatten_from(1)?.mean(1)?.to_dtype(DType::F64);
    let drawn_logits = model.encode(&drawn.affine(f64::from(max - min), f64::from(min))?)?.logits;
    let mut parts = vec![mean((&drawn - &x)?.sqr()?)?, mean((drawn_plain - &x)?.abs()?)?];
    for temperature in TEMPERATURES {
        parts.push(divergence(logits, &drawn_logits, temperature)?);
    }
    Tensor::stack(&parts, 1)
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
fn divergence(a: &Tensor, b: &Tensor, temperature: f64) -> Result<Tensor> {
    let log = |logits: &Tensor| log_softmax(&(logits.to_dtype(DType::F64)? / temperature)?);
    let (log_a, log_b) = (log(a)?, log(b)?);
    let (a, b) = (log_a.exp()?, log_b.exp()?);
    let log_mean = ((&a + &b)? / 2.0)?.log()?;
    let twice = ((a * (log_a - &log_mean)?)? + (b * (log_b - log_mean)?)?)?;
    twice.sum(1)? / 2.0
}
