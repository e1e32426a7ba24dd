//! The network on candle's graph in double precision, on random weights.

use std::cell::Cell;

use candle_core::{DType, Device, Result, Tensor, Var};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use robust_networks::kernels::{Engine, Isa};
use robust_networks::{Graph, Layout, Op, Parameters, StyleMemorySpec};

pub(crate) const PIXELS: usize = 28 * 28;
/// How far from zero everything that a ReLU sees is kept, where it matters on which side rounding takes it.
const CLEARANCE: f64 = 1e-5;

fn uniform(rng: &mut ChaCha8Rng, len: usize, from: f32, to: f32) -> Vec<f32> {
    (0..len).map(|_| rng.random_range(from..to)).collect()
}

/// Random weights, uniform within the root of three over the fan-in, which keeps activations alive through all layers.
pub(crate) fn random_weights(spec: StyleMemorySpec, rng: &mut ChaCha8Rng) -> Parameters {
    let mut parameters = Parameters::zeros(spec.clone());
    let layout = parameters.layout().clone();
    for node in [spec.encoder(), spec.decoder()].into_iter().flat_map(|spec| spec.nodes) {
        let Some(slots) = layout.layer(&node.name) else { continue };
        let fan_in = match node.op {
            // Of the taps that meet at an element.
            Op::TransposedConvolution { in_channels, kernel, stride, .. } => {
                in_channels * kernel * kernel / (stride * stride)
            }
            _ => slots[0].fan_in,
        };
        let bound = (3.0 / fan_in as f32).sqrt();
        for slot in slots {
            parameters.values_mut()[slot.range()].copy_from_slice(&uniform(rng, slot.len(), -bound, bound));
        }
    }
    parameters
}

/// The network over variables.
pub(crate) struct Reference {
    pub(crate) vars: Vec<Var>,
    encoder: Graph,
    decoder: Graph,
    /// The smallest magnitude of what ReLUs have seen.
    clearance: Cell<f64>,
}

impl Reference {
    fn new(parameters: &Parameters) -> Result<Self> {
        let tensors = parameters.tensors(&Device::Cpu)?;
        let var = |tensor: &Tensor| Var::from_tensor(&tensor.to_dtype(DType::F64)?);
        let vars = tensors.iter().map(var).collect::<Result<Vec<_>>>()?;
        let (encoder, decoder) = (parameters.spec().encoder(), parameters.spec().decoder());
        let tensors: Vec<Tensor> = vars.iter().map(|var| var.as_tensor().clone()).collect();
        let (own, others) = tensors.split_at(Layout::of(&[&encoder]).tensors().len());
        let (encoder, decoder) = (Graph::new(&encoder, own)?, Graph::new(&decoder, others)?);
        Ok(Self { vars, encoder, decoder, clearance: Cell::new(f64::INFINITY) })
    }

    fn run(&self, graph: &Graph, inputs: &[&Tensor]) -> Result<Vec<Tensor>> {
        graph.run_watched(inputs, &mut |op, operands| {
            if *op == Op::Relu {
                let closest = operands[0].abs()?.flatten_all()?.min(0)?.to_scalar()?;
                self.clearance.set(self.clearance.get().min(closest));
            }
            Ok(())
        })
    }

    pub(crate) fn encode(&self, x: &Tensor) -> Result<(Tensor, Tensor)> {
        let outputs = self.run(&self.encoder, &[x])?;
        Ok((outputs[0].clone(), outputs[1].clone()))
    }

    pub(crate) fn decode(&self, y: &Tensor, m: &Tensor) -> Result<Tensor> {
        self.run(&self.decoder, &[y, m])?[0].flatten_from(1)
    }
}

/// Random weights, and both networks over them.
pub(crate) struct Case {
    pub(crate) parameters: Parameters,
    pub(crate) reference: Reference,
    rng: ChaCha8Rng,
}

impl Case {
    pub(crate) fn new(classes: usize) -> Result<Self> {
        let mut rng = ChaCha8Rng::seed_from_u64(classes as u64);
        let parameters = random_weights(StyleMemorySpec::paper(classes), &mut rng);
        let reference = Reference::new(&parameters)?;
        Ok(Self { parameters, reference, rng })
    }

    pub(crate) fn engine(&self, isa: Isa) -> Engine {
        Engine::with_isa(isa, &self.parameters).unwrap()
    }

    /// Images, label distributions and style memories. What a ReLU sees is never so close to zero that rounding could take
    /// it to the other side, where gradients jump.
    pub(crate) fn inputs(&mut self, batch: usize) -> Result<[Vec<f32>; 3]> {
        let lengths = [PIXELS, self.parameters.spec().classes, 16];
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
        let classes = self.parameters.spec().classes;
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
