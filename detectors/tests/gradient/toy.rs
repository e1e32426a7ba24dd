//! A small smooth model of images of four pixels, and fits of the detectors in front of it.

use candle_core::{Device, Result, Tensor};
use robust_attacks::{Bounds, ClassConditional, Encoding, ImageShape, Model, Signature};
use robust_detectors::{Detector, Fit, detector};

/// Four pixels, three labels, two style neurons: `z = A tanh(B x)`, `m = sigmoid(C x)`, `decode = sigmoid(D y + E m)`.
pub(crate) const A: [[f64; 3]; 3] = [[2.0, -1.0, 0.5], [-1.0, 1.5, 1.0], [0.5, 0.5, -2.0]];
pub(crate) const B: [[f64; 4]; 3] = [[1.0, -1.5, 0.5, 0.25], [-0.5, 1.0, 1.0, -1.0], [0.75, 0.5, -1.0, 1.0]];
pub(crate) const C: [[f64; 4]; 2] = [[1.0, 0.5, -1.0, 0.0], [-0.5, 1.0, 0.25, -1.0]];
pub(crate) const D: [[f64; 3]; 4] = [[1.0, -1.0, 0.5], [-2.0, 1.0, 0.0], [0.5, 1.5, -1.0], [-0.5, 0.0, 2.0]];
pub(crate) const E: [[f64; 2]; 4] = [[0.5, -0.5], [1.0, 0.0], [-1.0, 0.5], [0.25, 1.0]];

pub(crate) const IMAGES: [[f64; 4]; 5] =
    [[0.9, 0.1, 0.3, 0.6], [0.1, 0.8, 0.7, 0.2], [0.4, 0.6, 0.1, 0.9], [0.55, 0.45, 0.5, 0.35], [0.0, 1.0, 1.0, 0.0]];

/// The images without their noise at each strength, in bytes:
// [cv2.fastNlMeansDenoising(numpy.rint(x.reshape(2, 2) * 255).astype(numpy.uint8), None, h, 3, 11) for x in IMAGES] for h in (4, 20)
pub(crate) const DENOISED: [[[u8; 4]; 5]; 2] = [
    [[230, 26, 76, 153], [26, 204, 178, 51], [102, 153, 26, 230], [140, 115, 128, 89], [0, 255, 255, 0]],
    [[230, 26, 76, 153], [32, 198, 184, 45], [102, 153, 26, 230], [135, 108, 127, 101], [0, 255, 255, 0]],
];

/// Fits made up: what they are does not matter to their gradients. Of the posterior, of `wrong`, of `rel-u`, and of the shares of `combined`.
pub(crate) const WEIGHT: [[f64; 3]; 3] = [[-2.0, 0.5, 0.25], [1.0, -3.0, 0.5], [0.25, 0.75, -1.5]];
pub(crate) const BIAS: [f64; 3] = [0.5, -0.25, 0.0];
pub(crate) const WRONG: [f64; 3] = [0.75, 0.125, 1.5];
pub(crate) const MATRIX: [[f64; 3]; 3] = [[0.0, 1.0, 0.25], [1.0, 0.0, 0.5], [0.25, 0.5, 0.0]];
pub(crate) const SHARE: f64 = 0.75;

/// Mean and deviation of the style's logits.
pub(crate) const STYLE: ([f64; 2], [f64; 2]) = ([0.25, -0.5], [0.5, 0.75]);
/// Of the autoencoders only the middle tap from the first filter to the first, and the bias after it: of one pixel a chain of logistic
/// functions, and in `pooled` of the mean.
pub(crate) const POOLED: [(f64, f64); 5] = [(3.0, -1.0), (-2.0, 1.5), (4.0, -2.0), (2.0, -1.0), (-3.0, 1.0)];
pub(crate) const PLAIN: [(f64, f64); 3] = [(2.0, -0.5), (-3.0, 2.0), (4.0, -1.5)];
/// Tails: the least value, how far the quantiles lie apart, and how many times as far the excess counts a bit.
pub(crate) const PARTS: [[f64; 3]; 4] = [[-9.0, 1.5, 2.0], [-4.0, 0.5, 0.75], [-12.0, 1.25, 1.5], [-14.0, 1.0, 0.5]];
pub(crate) const RATIO: [f64; 3] = [-2.0, 0.5, 1.5];
/// How far second opinions are trusted: the drawings', the autoencoder's, and that at each strength of denoising.
pub(crate) const TRUST: [f64; 2] = [0.75, 0.875];
pub(crate) const ODDS_TRUST: [f64; 2] = [0.5, 0.625];
pub(crate) const ODDS_LOST: [[f64; 3]; 2] = [[-4.0, 0.75, 1.25], [-6.0, 1.5, 0.75]];
/// Of the second network each layer's tap and bias, and each label's weight and bias.
pub(crate) const SECOND: [(f64, f64); 3] = [(2.0, 0.25), (1.5, 0.5), (0.5, 1.0)];
pub(crate) const SECOND_LOGITS: [(f64, f64); 3] = [(1.5, -2.0), (-1.0, 2.5), (0.5, -1.0)];
pub(crate) const SCORES: [[f64; 3]; 2] = [[-3.0, 0.75, 0.5], [2.0, 4.0, 1.25]];

fn tail(fit: Fit, name: &str, tails: &[[f64; 3]]) -> Fit {
    let numbers = |&[least, apart, beyond]: &[f64; 3]| {
        let quantiles = (0..6).map(move |level| least + f64::from(level) * apart);
        quantiles.chain([apart * beyond / std::f64::consts::LN_2]).map(|number| number as f32)
    };
    fit.with(name, vec![tails.len(), 7], tails.iter().flat_map(numbers).collect())
}

pub(crate) fn autoencoder(mut fit: Fit, name: &str, taps: &[(f64, f64)]) -> Fit {
    for (layer, &(tap, bias)) in taps.iter().enumerate() {
        let inputs = if layer == 0 { 1 } else { 3 };
        let outputs = if layer + 1 == taps.len() { 1 } else { 3 };
        let (mut weights, mut biases) = (vec![0.0; outputs * inputs * 9], vec![0.0; outputs]);
        (weights[4], biases[0]) = (tap as f32, bias as f32);
        let layer = format!("{name}.conv{}", layer + 1);
        fit = fit.with(format!("{layer}.weight"), vec![outputs, inputs, 3, 3], weights);
        fit = fit.with(format!("{layer}.bias"), vec![outputs], biases);
    }
    fit
}

/// A second network of which only the middle tap from the first channel to the first counts, and the bias after it: of one pixel lines where all
/// are above 0, then the mean of them.
fn second(mut fit: Fit) -> Fit {
    let (mut inputs, last) = (1, 96);
    for (layer, (outputs, (tap, bias))) in (1..).zip([24, 48, last].into_iter().zip(SECOND)) {
        let (mut weights, mut biases) = (vec![0.0; outputs * inputs * 9], vec![0.0; outputs]);
        (weights[4], biases[0]) = (tap as f32, bias as f32);
        fit = fit.with(format!("conv{layer}.weight"), vec![outputs, inputs, 3, 3], weights);
        fit = fit.with(format!("conv{layer}.bias"), vec![outputs], biases);
        inputs = outputs;
    }
    let mut weights = vec![0.0; 3 * last];
    SECOND_LOGITS.iter().enumerate().for_each(|(label, (weight, _))| weights[label * last] = *weight as f32);
    let biases = SECOND_LOGITS.iter().map(|(_, bias)| *bias as f32).collect();
    fit.with("linear.weight", vec![3, last], weights).with("linear.bias", vec![3], biases)
}

/// The fit of a detector; a part's arrays are called `whose` before.
fn fit(id: &str, whose: &str, fit: Fit) -> Fit {
    let array = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
    let name = |own: &str| format!("{whose}{own}");
    match id {
        "magnet" => {
            let fit = autoencoder(fit, &name("pooled"), &POOLED);
            tail(autoencoder(fit, &name("plain"), &PLAIN), &name("tails"), &PARTS)
        }
        "tampered" => {
            let fit = tail(tail(fit, &name("ratio"), &[RATIO]), &name("odds-lost"), &ODDS_LOST);
            let fit = fit.with(name("trust"), vec![2], array(&TRUST));
            self::fit("magnet", &name("magnet."), fit.with(name("odds-lost-trust"), vec![2], array(&ODDS_TRUST)))
        }
        "wrong" => fit
            .with(name("posterior.weight"), vec![3, 3], array(WEIGHT.as_flattened()))
            .with(name("posterior.bias"), vec![3], array(&BIAS))
            .with(name("weights"), vec![3], array(&WRONG)),
        "combined" => {
            let fit = fit.with(name("look"), vec![4, 2], vec![1.0; 8]);
            let fit = tail(fit.with(name("share"), vec![1], vec![SHARE as f32]), &name("tails"), &SCORES);
            self::fit("tampered", &name("tampered."), self::fit("wrong", &name("wrong."), fit))
        }
        "second-opinion" => second(fit),
        "rel-u" => fit.with(name("matrix"), vec![3, 3], array(MATRIX.as_flattened())),
        _ => fit.with(name("style.mean"), vec![2], array(&STYLE.0)).with(
            name("style.deviation"),
            vec![2],
            array(&STYLE.1),
        ),
    }
}

pub(crate) struct Toy;

pub(crate) fn sigmoid(x: &Tensor) -> Result<Tensor> {
    (x.neg()?.exp()? + 1.0)?.recip()
}

pub(crate) fn times<const N: usize, const M: usize>(x: &Tensor, matrix: &[[f64; N]; M]) -> Result<Tensor> {
    let matrix = Tensor::new(matrix, &Device::Cpu)?.to_dtype(x.dtype())?;
    x.matmul(&matrix.t()?)
}

impl Model for Toy {
    fn signature(&self) -> Signature {
        Signature { shape: ImageShape::new(1, 2, 2), classes: 3, bounds: Bounds::UNIT }
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.encode(x)?.logits)
    }
}

impl ClassConditional for Toy {
    fn encode(&self, x: &Tensor) -> Result<Encoding> {
        let x = x.flatten_from(1)?;
        Ok(Encoding { logits: times(&times(&x, &B)?.tanh()?, &A)?, style: sigmoid(&times(&x, &C)?)? })
    }

    fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor> {
        sigmoid(&(times(label, &D)? + times(style, &E)?)?)?.reshape(((), 1, 2, 2))
    }
}

pub(crate) fn images() -> Tensor {
    let pixels: Vec<f32> = IMAGES.as_flattened().iter().map(|&pixel| pixel as f32).collect();
    Tensor::from_vec(pixels, (IMAGES.len(), 1, 2, 2), &Device::Cpu).unwrap()
}

pub(crate) fn made(id: &str) -> Box<dyn Detector> {
    detector(id).unwrap().restore(&fit(id, "", Fit::default()), 3).unwrap()
}
