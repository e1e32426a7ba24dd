//! The detectors on a model whose reconstruction errors are known in closed form, and on models that misbehave.
#![allow(clippy::unwrap_used, reason = "helpers outside of the tests themselves")]
//!
//! Images have four pixels: three that show the label and one that is the style. The decoder is right: label `k` with
//! style `m` is pixel `k` at 1 and the last pixel at `m`, so `e_k = 1 - 2 x_k + x_0² + x_1² + x_2²`. The classifier is
//! not: `z_k = 4 x_k`, but a bright last pixel adds 8 to the logit of label 2. That is how it can be fooled.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use candle_core::{D, DType, Device, Result, Tensor};
use robust_attacks::{Bounds, ClassConditional, Encoding, ImageShape, Model, Signature};
use robust_detectors::{Detector, Error, Fit, Perception, detector, detectors};

struct Toy {
    classes: usize,
    encode: fn(&Tensor) -> Result<Encoding>,
    decode: fn(&Tensor, &Tensor) -> Result<Tensor>,
    encodings: AtomicUsize,
    decodings: AtomicUsize,
}

impl Toy {
    fn new() -> Self {
        Self { classes: 3, encode, decode, encodings: 0.into(), decodings: 0.into() }
    }
}

fn encode(x: &Tensor) -> Result<Encoding> {
    let x = x.flatten_from(1)?;
    let weight = [[4f32, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 4.0], [0.0, 0.0, 8.0]];
    Ok(Encoding { logits: x.matmul(&Tensor::new(&weight, x.device())?)?, style: x.narrow(1, 3, 1)? })
}

fn decode(label: &Tensor, style: &Tensor) -> Result<Tensor> {
    Tensor::cat(&[label, style], 1)?.reshape(((), 1, 2, 2))
}

impl Model for Toy {
    fn signature(&self) -> Signature {
        Signature { shape: ImageShape::new(1, 2, 2), classes: self.classes, bounds: Bounds::UNIT }
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        Ok(ClassConditional::encode(self, x)?.logits)
    }
}

impl ClassConditional for Toy {
    fn encode(&self, x: &Tensor) -> Result<Encoding> {
        self.encodings.fetch_add(1, Relaxed);
        (self.encode)(x)
    }

    fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor> {
        self.decodings.fetch_add(1, Relaxed);
        (self.decode)(label, style)
    }
}

fn images(pixels: &[[f32; 4]]) -> Tensor {
    Tensor::from_slice(pixels.as_flattened(), (pixels.len(), 1, 2, 2), &Device::Cpu).unwrap()
}

/// A typical 0, a 0 taken for a 2, a tie between 0 and 1, a perfect 0.
const IMAGES: [[f32; 4]; 4] =
    [[0.75, 0.25, 0.0, 0.0], [0.75, 0.0, 0.0, 1.0], [0.5, 0.5, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]];

fn scores(model: &Toy, x: &Tensor, id: &str) -> std::result::Result<Vec<f32>, Error> {
    plain(id).scores(&Perception::new(model, x)?)
}

/// A detector that needs no fit.
fn plain(id: &str) -> Box<dyn Detector> {
    detector(id).unwrap().restore(&Fit::default(), 3).unwrap()
}

#[test]
fn perception_is_what_the_model_says() {
    let (model, x) = (Toy::new(), images(&IMAGES));
    let perception = Perception::new(&model, &x).unwrap();
    assert_eq!(perception.logits()[1], [3.0, 0.0, 8.0]);
    assert_eq!(perception.style().unwrap().to_vec2::<f32>().unwrap(), [[0.0], [1.0], [0.0], [0.0]]);
    assert_eq!(perception.x().dims(), [4, 1, 2, 2]);
    assert_eq!(perception.predictions(), [0, 2, 0, 0]);
    assert_eq!(perception.classes(), 3);

    let errors = perception.errors().unwrap();
    assert_eq!(errors.rows()[0], [0.125, 1.125, 1.625]);
    assert_eq!(errors.rows()[1], [0.0625, 1.5625, 1.5625]);
    assert_eq!(errors.predicted(), [0.125, 1.5625, 0.5, 0.0]);
    assert_eq!(errors.alternative(), [1.125, 0.0625, 0.5, 2.0]);
    assert_eq!(errors.alternative_label(), [1, 0, 1, 1]);
    assert_eq!(errors.best_label(), [0, 0, 0, 0]);
    assert_eq!(perception.cycle_logits().unwrap()[1], [0.0, 0.0, 12.0]);
}

#[test]
fn scores_have_closed_forms() {
    let (model, x) = (Toy::new(), images(&IMAGES));
    let e = f64::exp;
    // The logits of the images are (3, 1, 0), (3, 0, 8), (2, 2, 0), (4, 0, 0), those of the reconstructions (4, 0, 0)
    // but for the second image, which gives (0, 0, 12).
    let entropy = |z: [f64; 3]| {
        let total: f64 = z.iter().map(|z| e(*z)).sum();
        z.iter().map(|z| -e(*z) / total * (e(*z) / total).ln()).sum()
    };
    let logits = [[3.0, 1.0, 0.0], [3.0, 0.0, 8.0], [2.0, 2.0, 0.0], [4.0, 0.0, 0.0]];
    let far = 2.0 / (2.0 + e(4.0));
    for (id, expected) in [
        ("reconstruction", [0.125, 1.5625, 0.5, 0.0]),
        ("alternative", [1.0 / 9.0, 25.0, 1.0, 0.5e-12]),
        ("cycle", [far, 2.0 / (2.0 + e(12.0)), far, far]),
        (
            "msp",
            [
                (e(1.0) + 1.0).ln() - (e(3.0) + e(1.0) + 1.0).ln(),
                (e(3.0) + 1.0).ln() - (e(8.0) + e(3.0) + 1.0).ln(),
                (e(2.0) + 1.0).ln() - (2.0 * e(2.0) + 1.0).ln(),
                2f64.ln() - (2.0 + e(4.0)).ln(),
            ],
        ),
        ("entropy", logits.map(entropy)),
    ] {
        for (found, expected) in scores(&model, &x, id).unwrap().into_iter().zip(expected) {
            assert!((f64::from(found) - expected).abs() <= 2e-7 * expected.abs(), "{id}: {found} is not {expected}");
        }
    }
}

#[test]
fn squeezing_has_a_closed_form() {
    // The logits of the images, with one bit of depth, and through the median filter: [.75, .75, .75, .25], [.75; 4], [.5; 4], [1, 1, 1, 0].
    let logits: [[[f64; 3]; 3]; 4] = [
        [[3.0, 1.0, 0.0], [4.0, 0.0, 0.0], [3.0, 3.0, 5.0]],
        [[3.0, 0.0, 8.0], [4.0, 0.0, 8.0], [3.0, 3.0, 9.0]],
        [[2.0, 2.0, 0.0], [0.0, 0.0, 0.0], [2.0, 2.0, 6.0]],
        [[4.0, 0.0, 0.0], [4.0, 0.0, 0.0], [4.0, 4.0, 4.0]],
    ];
    let softmax = |z: [f64; 3]| z.map(|one| one.exp() / z.iter().map(|z| z.exp()).sum::<f64>());
    let distance = |a, b| softmax(a).iter().zip(softmax(b)).map(|(a, b)| (a - b).abs()).sum::<f64>();
    let found = scores(&Toy::new(), &images(&IMAGES), "squeeze").unwrap();
    for (found, [seen, one_bit, smooth]) in found.into_iter().zip(logits) {
        let expected = distance(seen, one_bit).max(distance(seen, smooth));
        assert!((f64::from(found) - expected).abs() < 1e-5, "{found} is not {expected}");
    }
}

#[test]
fn confidence_and_msp_tell_the_same() {
    let (model, x) = (Toy::new(), images(&IMAGES));
    let perception = Perception::new(&model, &x).unwrap();
    for (confidence, msp) in perception.confidences().iter().zip(scores(&model, &x, "msp").unwrap()) {
        assert!((1.0 - confidence - msp.exp()).abs() < 1e-6);
    }
}

#[test]
fn confident_models_keep_the_order_of_scores() {
    // Both probabilities round to 1 in float32, 200 and 240 being the gaps between logits.
    let mut model = Toy::new();
    model.encode = |x| {
        let Encoding { logits, style } = encode(x)?;
        Ok(Encoding { logits: (logits * 50.0)?, style })
    };
    let x = images(&[[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.05]]);
    assert_eq!(Perception::new(&model, &x).unwrap().confidences(), [1.0, 1.0]);
    let msp = scores(&model, &x, "msp").unwrap();
    assert!((msp[0] - (2f32.ln() - 200.0)).abs() < 1e-4 && msp[1] < msp[0], "{msp:?}");
}

#[test]
fn a_decoder_that_ignores_the_label_makes_no_alternative_suspicious() {
    let mut model = Toy::new();
    model.decode = |label, style| decode(&Tensor::zeros_like(label)?, style);
    // The first image is reconstructed perfectly under every label.
    let x = images(&[[0.0, 0.0, 0.0, 0.25], [0.5, 0.25, 0.0, 0.0]]);
    assert_eq!(scores(&model, &x, "reconstruction").unwrap(), [0.0, 0.3125]);
    assert_eq!(scores(&model, &x, "alternative").unwrap(), [1.0, 1.0]);
}

#[test]
fn scores_of_an_image_do_not_depend_on_its_batch() {
    let model = Toy::new();
    for info in detectors().iter().filter(|info| !info.is_fitted()) {
        let together = scores(&model, &images(&IMAGES), info.id).unwrap();
        let alone = IMAGES.map(|image| scores(&model, &images(&[image]), info.id).unwrap()[0]);
        assert_eq!(together, alone, "{}", info.id);
    }
}

#[test]
fn the_expensive_parts_are_computed_once_and_only_when_needed() {
    let (model, x) = (Toy::new(), images(&IMAGES));
    let counts = || (model.encodings.load(Relaxed), model.decodings.load(Relaxed));
    let perception = Perception::new(&model, &x).unwrap();
    for (id, expected) in [
        ("msp", (1, 0)),
        ("entropy", (1, 0)),
        ("reconstruction", (1, 3)),
        ("alternative", (1, 3)),
        ("cycle", (2, 4)),
        ("cycle", (2, 4)),
    ] {
        plain(id).scores(&perception).unwrap();
        assert_eq!(counts(), expected, "{id}");
    }
}

#[test]
fn bad_images_are_refused_with_their_reason() {
    let good = images(&IMAGES);
    for (x, expected) in [
        (images(&[[0.0; 4], [0.0, f32::NAN, 0.0, 0.0]]), "image 1 has a pixel of NaN, expected pixels in [0, 1]"),
        (
            images(&[[0.0, 255.0, 0.0, 0.0]]),
            "image 0 has a pixel of 255, expected pixels in [0, 1]: rescale the images",
        ),
        (images(&[[-0.25; 4]]), "image 0 has a pixel of -0.25, expected pixels in [0, 1]"),
        (good.narrow(0, 0, 0).unwrap(), "found images of shape [0, 1, 2, 2], expected at least one image"),
        (Tensor::new(0.5f32, &Device::Cpu).unwrap(), "found images of shape [], expected at least one image"),
        (good.to_dtype(DType::U8).unwrap(), "found images of type u8, expected f32 in [0, 1]"),
        (good.narrow(3, 0, 1).unwrap(), "the model could not encode the images: "),
    ] {
        let message = Perception::new(&Toy::new(), &x).err().unwrap().to_string();
        assert!(message.starts_with(expected), "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
}

type Spoil = fn(&mut Toy);

#[test]
fn a_broken_model_gives_an_error_and_never_a_score() {
    let x = images(&IMAGES);
    for (id, spoil, expected) in [
        (
            "msp",
            (|toy| toy.encode = |x| poison(encode(x)?, f64::NAN)) as Spoil,
            "the model gave logits of NaN for image 0, expected finite numbers: check its weights",
        ),
        (
            "entropy",
            |toy| toy.encode = |x| poison(encode(x)?, f64::INFINITY),
            "the model gave logits of inf for image 0, expected finite numbers: check its weights",
        ),
        ("msp", |toy| toy.classes = 1, "the model has 1 label(s), expected at least 2"),
        ("msp", |toy| toy.classes = 10, "the model gave logits of shape [4, 3], expected [4, 10]"),
        (
            "msp",
            |toy| {
                toy.encode = |x| {
                    let Encoding { logits, style } = encode(x)?;
                    Ok(Encoding { logits, style: (style.exp()? / 0.0)? })
                }
            },
            "the model gave style of inf for image 0, expected finite numbers: check its weights",
        ),
        (
            "msp",
            |toy| {
                toy.encode = |x| {
                    let Encoding { logits, style } = encode(x)?;
                    Ok(Encoding { logits, style: style.squeeze(D::Minus1)? })
                }
            },
            "the model gave style of shape [4], expected [4, 4]",
        ),
        (
            "reconstruction",
            |toy| toy.decode = |label, style| decode(&(label / 0.0)?, style),
            "the model gave reconstruction errors of NaN for image 0, expected finite numbers: check its weights",
        ),
        (
            "alternative",
            |toy| toy.decode = |label, style| decode(label, style)?.narrow(3, 0, 1),
            "the model could not reconstruct the images: shape mismatch",
        ),
        (
            "cycle",
            |toy| toy.decode = |label, style| decode(label, style)?.narrow(3, 0, 1),
            "the model could not re-encode its reconstructions: ",
        ),
        (
            "cycle",
            |toy| toy.decode = |label, style| decode(&(label / 0.0)?, style),
            "the model gave logits of NaN for the reconstruction of image 0, expected finite numbers: check its weights",
        ),
    ] {
        let mut toy = Toy::new();
        spoil(&mut toy);
        let message = scores(&toy, &x, id).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
}

fn poison(Encoding { logits, style }: Encoding, with: f64) -> Result<Encoding> {
    Ok(Encoding { logits: (logits * with)?, style })
}
