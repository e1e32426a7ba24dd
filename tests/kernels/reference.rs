//! The network of candle's operations in double precision, on random weights.

use std::cell::Cell;

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::ops::sigmoid;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use robust_networks::kernels::{Engine, Isa, Shapes};

pub(crate) const PIXELS: usize = 28 * 28;
/// How far from zero everything that a ReLU sees is kept, where it matters on which side rounding takes it.
const CLEARANCE: f64 = 1e-5;

/// Shape of the weight and fan-in of each layer. Of a transposed convolution of stride two a quarter of the taps meet.
fn layers(shapes: Shapes) -> [(Vec<usize>, usize); 11] {
    let linear = |out: usize, from: usize| (vec![out, from], from);
    [
        (vec![32, 1, 5, 5], 25),
        (vec![64, 32, 5, 5], 800),
        linear(256, 3136),
        linear(128, 256),
        linear(shapes.classes, 128),
        linear(shapes.styles, 128),
        linear(128, shapes.classes + shapes.styles),
        linear(256, 128),
        linear(3136, 256),
        (vec![64, 32, 5, 5], 400),
        (vec![32, 1, 5, 5], 200),
    ]
}

fn uniform(rng: &mut ChaCha8Rng, len: usize, from: f32, to: f32) -> Vec<f32> {
    (0..len).map(|_| rng.random_range(from..to)).collect()
}

/// Random weights, uniform within the root of three over the fan-in, which keeps activations alive through all layers.
pub(crate) fn random_weights(shapes: Shapes, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let layers = layers(shapes);
    let mut flat = Vec::new();
    for (index, length) in shapes.lengths().into_iter().enumerate() {
        let bound = (3.0 / layers[index / 2].1 as f32).sqrt();
        flat.extend(uniform(rng, length, -bound, bound));
    }
    flat
}

/// The network over a flat buffer of weights.
pub(crate) struct Reference {
    pub(crate) vars: Vec<Var>,
    /// The smallest magnitude of what ReLUs have seen.
    clearance: Cell<f64>,
}

impl Reference {
    fn new(shapes: Shapes, flat: &[f32]) -> Result<Self> {
        let layers = layers(shapes);
        let var = |(index, tensor): (usize, &[f32])| {
            let values: Vec<f64> = tensor.iter().map(|&w| w.into()).collect();
            let tensor = Tensor::new(values, &Device::Cpu)?;
            Var::from_tensor(&if index % 2 == 0 { tensor.reshape(&layers[index / 2].0[..])? } else { tensor })
        };
        let vars = shapes.split(flat).into_iter().enumerate().map(var).collect::<Result<_>>()?;
        Ok(Self { vars, clearance: Cell::new(f64::INFINITY) })
    }

    fn linear(&self, x: &Tensor, weight: usize) -> Result<Tensor> {
        x.matmul(&self.vars[weight].t()?)?.broadcast_add(&self.vars[weight + 1])
    }

    fn relu(&self, x: &Tensor) -> Result<Tensor> {
        let closest = x.abs()?.flatten_all()?.min(0)?.to_scalar()?;
        self.clearance.set(self.clearance.get().min(closest));
        x.relu()
    }

    fn bias(&self, weight: usize) -> Result<Tensor> {
        self.vars[weight + 1].reshape((1, (), 1, 1))
    }

    pub(crate) fn encode(&self, x: &Tensor) -> Result<(Tensor, Tensor)> {
        let h = self.relu(&x.conv2d(&self.vars[0], 2, 2, 1, 1)?.broadcast_add(&self.bias(0)?)?)?;
        let h = self.relu(&h.conv2d(&self.vars[2], 2, 2, 1, 1)?.broadcast_add(&self.bias(2)?)?)?;
        let h = self.relu(&self.linear(&h.flatten_from(1)?, 4)?)?;
        let h = self.relu(&self.linear(&h, 6)?)?;
        Ok((self.linear(&h, 8)?, sigmoid(&self.linear(&h, 10)?)?))
    }

    pub(crate) fn decode(&self, y: &Tensor, m: &Tensor) -> Result<Tensor> {
        let h = self.relu(&self.linear(&Tensor::cat(&[y, m], 1)?, 12)?)?;
        let h = self.relu(&self.linear(&h, 14)?)?;
        let h = self.relu(&self.linear(&h, 16)?)?.reshape(((), 64, 7, 7))?;
        let h = self.relu(&h.conv_transpose2d(&self.vars[18], 2, 1, 2, 1)?.broadcast_add(&self.bias(18)?)?)?;
        sigmoid(&h.conv_transpose2d(&self.vars[20], 2, 1, 2, 1)?.broadcast_add(&self.bias(20)?)?)?.flatten_from(1)
    }
}

/// Random weights, and both networks over them.
pub(crate) struct Case {
    pub(crate) shapes: Shapes,
    pub(crate) weights: Vec<f32>,
    pub(crate) reference: Reference,
    rng: ChaCha8Rng,
}

impl Case {
    pub(crate) fn new(classes: usize) -> Result<Self> {
        let shapes = Shapes { classes, styles: 16 };
        let mut rng = ChaCha8Rng::seed_from_u64(classes as u64);
        let weights = random_weights(shapes, &mut rng);
        let reference = Reference::new(shapes, &weights)?;
        Ok(Self { shapes, weights, reference, rng })
    }

    pub(crate) fn engine(&self, isa: Isa) -> Engine {
        Engine::with_isa(isa, self.shapes.classes, self.shapes.styles, &self.shapes.split(&self.weights))
    }

    /// Images, label distributions and style memories. What a ReLU sees is never so close to zero that rounding could take
    /// it to the other side, where gradients jump.
    pub(crate) fn inputs(&mut self, batch: usize) -> Result<[Vec<f32>; 3]> {
        let lengths = [PIXELS, self.shapes.classes, 16];
        let mut inputs = lengths.map(|_| Vec::new());
        while inputs[0].len() < batch * PIXELS {
            let drawn = lengths.map(|length| self.uniform(length, 0.0, 1.0));
            self.reference.clearance.set(f64::INFINITY);
            self.reference.encode(&tensor(&drawn[0], &[1, 1, 28, 28])?)?;
            self.reference.decode(&tensor(&drawn[1], &[1, lengths[1]])?, &tensor(&drawn[2], &[1, 16])?)?;
            if self.reference.clearance.get() > CLEARANCE {
                inputs.iter_mut().zip(drawn).for_each(|(inputs, drawn)| inputs.extend(drawn));
            }
        }
        Ok(inputs)
    }

    /// Images and style memories, the latter as far from the corners of the ReLUs under every label.
    pub(crate) fn drawn_under_all_labels(&mut self, batch: usize) -> Result<[Vec<f32>; 2]> {
        let classes = self.shapes.classes;
        let labels = Tensor::eye(classes, DType::F64, &Device::Cpu)?;
        let mut styles = Vec::new();
        while styles.len() < batch * 16 {
            let style = self.uniform(16, 0.0, 1.0);
            self.reference.clearance.set(f64::INFINITY);
            self.reference.decode(&labels, &tensor(&style.repeat(classes), &[classes, 16])?)?;
            if self.reference.clearance.get() > CLEARANCE {
                styles.extend(style);
            }
        }
        Ok([self.uniform(batch * PIXELS, 0.0, 1.0), styles])
    }

    pub(crate) fn uniform(&mut self, len: usize, from: f32, to: f32) -> Vec<f32> {
        uniform(&mut self.rng, len, from, to)
    }
}

pub(crate) fn tensor(values: &[f32], shape: &[usize]) -> Result<Tensor> {
    Tensor::from_slice(values, shape, &Device::Cpu)?.to_dtype(DType::F64)
}

/// `ours` within `tolerance` of the reference, relative to its largest value.
pub(crate) fn assert_close(name: &str, ours: &[f32], reference: &Tensor, tolerance: f64) -> Result<()> {
    let reference = reference.flatten_all()?.to_vec1::<f64>()?;
    assert_eq!(ours.len(), reference.len(), "{name}");
    let largest = reference.iter().fold(0.0f64, |a, b| a.max(b.abs()));
    assert!(largest > 0.0, "{name}: the reference is all zero, so the comparison says nothing");
    let worst = ours.iter().zip(&reference).fold(0.0f64, |a, (x, y)| a.max((f64::from(*x) - y).abs()));
    assert!(worst <= tolerance * largest, "{name}: off by {worst:e} where the largest value is {largest:e}");
    Ok(())
}
