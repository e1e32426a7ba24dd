//! Toy models and a batch for them. They multiply and sum instead of calling matmul, whose order of summation depends on
//! the size of the batch, so that results can be compared bit by bit.

use std::sync::atomic::{AtomicU64, Ordering};

use candle_core::{D, Device, Result, Shape, Tensor};
use robust_attacks::{
    Adversarials, Attack, AttackExt, Bounds, Budget, FnModel, Goal, ImageShape, Model, Norm, Question, Randomness,
    ScoreGradient, Signature, Suspicion, Task, Watched,
};

/// The weights of the linear model: three classes of six pixels.
pub(crate) const WEIGHTS: [[f32; 6]; 3] =
    [[1.0, -2.0, 0.5, 0.0, 1.5, -1.0], [-1.0, 1.0, 2.0, -0.5, 0.0, 0.5], [0.5, 0.5, -1.0, 1.0, -2.0, 0.0]];

/// Images of this many pixels in [0, 1], in one row.
pub(crate) fn signature(pixels: usize, classes: usize) -> Signature {
    Signature { shape: ImageShape::new(1, 1, pixels), classes, bounds: Bounds::UNIT }
}

/// A model of so many pixels and classes, made of a closure.
pub(crate) fn toy_of<F: Fn(&Tensor) -> Result<Tensor> + Sync>(pixels: usize, classes: usize, logits: F) -> FnModel<F> {
    FnModel::new(signature(pixels, classes), logits)
}

/// A model of six pixels and three classes, made of a closure.
pub(crate) fn toy<F: Fn(&Tensor) -> Result<Tensor> + Sync>(logits: F) -> FnModel<F> {
    toy_of(6, 3, logits)
}

/// The model, counting the images that it is asked about; it has no gradient.
pub(crate) fn questioned<'a>(model: &'a dyn Model, asked: &'a AtomicU64) -> impl Model + 'a {
    Watched::new(model, |question, x: &Tensor| {
        if question != Question::Logits {
            candle_core::bail!("a gradient-free attack asked for a gradient");
        }
        asked.fetch_add(x.dim(0)? as u64, Ordering::Relaxed);
        Ok(())
    })
}

/// A model that works out the logits of one image of so many pixels after the other.
pub(crate) fn by_row<const K: usize>(pixels: usize, logits: impl Fn(&[f32]) -> [f32; K] + Sync) -> impl Model {
    toy_of(pixels, K, move |x: &Tensor| {
        let rows: Vec<Vec<f32>> = x.flatten_from(1)?.to_vec2()?;
        Tensor::from_vec(rows.iter().flat_map(|row| logits(row)).collect(), (rows.len(), K), x.device())
    })
}

/// `(B, ...)` images to `(B, rows)`: the product with a matrix `(rows, n)`.
pub(crate) fn product(x: &Tensor, matrix: &Tensor) -> Result<Tensor> {
    x.flatten_from(1)?.unsqueeze(1)?.broadcast_mul(&matrix.unsqueeze(0)?)?.sum(D::Minus1)
}

pub(crate) fn linear() -> impl Model {
    let weights = Tensor::new(&WEIGHTS, &Device::Cpu).unwrap();
    toy(move |x: &Tensor| product(x, &weights))
}

/// A detector whose score is a function of the images `(B, ...)`.
pub(crate) struct Guard<F>(pub(crate) F);

impl<F: Fn(&Tensor) -> Result<Tensor> + Sync> Suspicion for Guard<F> {
    fn evaluate(&self, x: &Tensor) -> Result<ScoreGradient> {
        ScoreGradient::of(x, &self.0)
    }
}

/// A detector that flags above a threshold.
pub(crate) struct Flagging<S> {
    pub(crate) detector: S,
    pub(crate) threshold: f32,
}

impl<S: Suspicion> Suspicion for Flagging<S> {
    fn evaluate(&self, x: &Tensor) -> Result<ScoreGradient> {
        self.detector.evaluate(x)
    }

    fn supposing(&self, x: &Tensor, labels: &[u32], temperature: f64) -> Result<ScoreGradient> {
        self.detector.supposing(x, labels, temperature)
    }

    fn drawing(&self, x: &Tensor, labels: &[u32]) -> Result<Option<Tensor>> {
        self.detector.drawing(x, labels)
    }

    fn threshold(&self) -> Option<f32> {
        Some(self.threshold)
    }
}

/// A detector that finds these six pixels suspicious, though less than the models find them telling.
pub(crate) fn guard() -> impl Suspicion {
    let weights = Tensor::new(&[[0.05f32, 0.02, -0.04, 0.01, 0.03, -0.02]], &Device::Cpu).unwrap();
    Flagging { detector: Guard(move |x: &Tensor| product(x, &weights)?.squeeze(1)), threshold: 0.015 }
}

/// A matrix whose entries are multiples of `2 / (modulus - 1)` in [-1, 1].
fn grid(shape: (usize, usize), (a, b): (usize, usize), modulus: usize) -> Tensor {
    let entry =
        |i: usize| ((a * (i / shape.1) + b * (i % shape.1)) % modulus) as f32 * 2.0 / (modulus as f32 - 1.0) - 1.0;
    Tensor::from_vec((0..shape.0 * shape.1).map(entry).collect::<Vec<_>>(), shape, &Device::Cpu).unwrap()
}

/// Six pixels, eight tanh units, three classes; the network of the golden values.
pub(crate) fn network() -> impl Model {
    network_of(3)
}

/// The same with so many classes.
pub(crate) fn network_of(classes: usize) -> impl Model {
    network_with(signature(6, classes))
}

/// The same for any images, brought to [0, 1] before.
pub(crate) fn network_with(signature: Signature) -> impl Model {
    let Signature { shape, classes, bounds: Bounds { min, max } } = signature;
    let first = (grid((8, shape.pixels()), (23, 41), 23) * 3.0).unwrap();
    let bias = grid((1, 8), (0, 19), 11);
    let second = (grid((classes, 8), (3, 29), 17) * 2.0).unwrap();
    let scale = 1.0 / f64::from(max - min);
    FnModel::new(signature, move |x: &Tensor| {
        let x = x.affine(scale, -scale * f64::from(min))?;
        product(&product(&x, &first)?.broadcast_add(&bias)?.tanh()?, &second)
    })
}

/// Three images for a model, as many bright pixels as dark ones, some of them at the bounds.
pub(crate) fn images_for(Signature { shape, bounds: Bounds { min, max }, .. }: Signature) -> Tensor {
    let half = f64::from(max - min) / 2.0;
    grid((3, shape.pixels()), (13, 5), 31).affine(half, half + f64::from(min)).unwrap()
}

/// Four images `(4, 1, 2, 3)` in [0, 1], exact 0 and 1 among them.
pub(crate) fn images() -> Tensor {
    ((grid((4, 6), (13, 5), 31) + 1.0).unwrap() / 2.0).unwrap().reshape((4, 1, 2, 3)).unwrap()
}

/// What the model says of the images, so that every attack starts from a correct classification.
pub(crate) fn predictions(model: &dyn Model, x: &Tensor) -> Vec<u32> {
    model.logits(x).unwrap().argmax(1).unwrap().to_vec1().unwrap()
}

/// Leaving the predicted class, and reaching the next one.
pub(crate) fn goals(model: &dyn Model, x: &Tensor) -> [Goal; 2] {
    let labels = predictions(model, x);
    let classes = labels.iter().map(|label| (label + 1) % 3).collect();
    [Goal::Untargeted { labels }, Goal::Targeted { classes }]
}

pub(crate) fn randomness(seed: u64, images: usize) -> Randomness {
    Randomness { seed, indices: (0..images as u64).collect() }
}

pub(crate) fn budget(norm: Norm, epsilon: f64) -> Budget {
    Budget::new(norm, epsilon).unwrap()
}

/// What an attack is told.
pub(crate) fn task<'a>(model: &'a dyn Model, x0: &'a Tensor, goal: &'a Goal, randomness: &'a Randomness) -> Task<'a> {
    Task { model, x0, goal, randomness }
}

/// An attack with seed 1 on images 0, 1, 2, ...
pub(crate) fn run(attack: &dyn Attack, model: &dyn Model, x: &Tensor, goal: &Goal, budget: Budget) -> Adversarials {
    attack.run(&task(model, x, goal, &randomness(1, x.dim(0).unwrap())), &budget).unwrap()
}

pub(crate) fn pixels(images: &Tensor) -> Vec<f32> {
    images.flatten_all().unwrap().to_vec1().unwrap()
}

pub(crate) fn tensor(pixels: &[f32], shape: impl Into<Shape>) -> Tensor {
    Tensor::from_slice(pixels, shape.into(), &Device::Cpu).unwrap()
}

/// Fails unless the two agree within `tolerance` in every component.
pub(crate) fn assert_close(found: &[f32], expected: &[f32], tolerance: f32, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (position, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= tolerance, "{what}: {found} instead of {expected} at {position}");
    }
}

/// How often each image was asked about.
pub(crate) fn queries(found: &Adversarials) -> Vec<u64> {
    found.traces.iter().map(|trace| trace.queries).collect()
}

pub(crate) fn zero_gradients(found: &Adversarials) -> Vec<bool> {
    found.traces.iter().map(|trace| trace.zero_gradient).collect()
}

pub(crate) fn nan_gradients(found: &Adversarials) -> Vec<bool> {
    found.traces.iter().map(|trace| trace.nan_gradient).collect()
}

/// The distances of a result in the norm that counts, `(B)`.
pub(crate) fn distances(found: &Adversarials, norm: Norm) -> &[f64] {
    if norm == Norm::Linf { &found.linf } else { &found.l2 }
}
