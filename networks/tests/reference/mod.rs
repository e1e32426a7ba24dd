//! What a network on the kernels is held against: candle's graph of it in double precision, and differences of that.

mod corners;

use std::cell::Cell;

use candle_core::{DType, Device, Error, Result, Tensor, Var};
use rand::Rng;
use robust_networks::kernels::{Isa, Memory, Network};
use robust_networks::{Graph, Layout, Slot, Spec};

use corners::clearance;

/// How far everything is kept from where slopes jump, as a share of the largest of it: rounding does not take it to the other side.
const CLEARANCE: f64 = 1e-5;

/// A network over variables in double precision, and how near to a jump of a slope its ops came.
struct Reference {
    vars: Vec<Var>,
    graph: Graph,
    clearance: Cell<f64>,
}

impl Reference {
    fn new(spec: &Spec, layout: &Layout, rng: &mut impl Rng) -> Result<Self> {
        let var = |slot: &Slot| {
            let bound = (3.0 / slot.fan_in as f64).sqrt() as f32;
            let values: Vec<f64> = (0..slot.len()).map(|_| f64::from(rng.random_range(-bound..bound))).collect();
            Var::from_vec(values, slot.shape.as_slice(), &Device::Cpu)
        };
        let vars = layout.tensors().iter().map(var).collect::<Result<Vec<_>>>()?;
        let tensors: Vec<Tensor> = vars.iter().map(|var| var.as_tensor().clone()).collect();
        Ok(Self { vars, graph: Graph::new(spec, &tensors)?, clearance: Cell::new(f64::INFINITY) })
    }

    fn run(&self, x: &Tensor) -> Result<Vec<Tensor>> {
        self.clearance.set(f64::INFINITY);
        self.graph.run_watched(&[x], &mut |op, operands| {
            self.clearance.set(self.clearance.get().min(clearance(op, operands)?));
            Ok(())
        })
    }
}

/// The largest difference of each image, relative to the reference's largest value of that image; of an image where all is small,
/// to a tenth of the largest of all.
fn assert_close(name: &str, ours: &[f32], reference: &Tensor, rows: usize, tolerance: f64) -> Result<()> {
    let reference = reference.flatten_all()?.to_vec1::<f64>()?;
    assert_eq!(ours.len(), reference.len(), "{name}");
    let width = ours.len() / rows;
    let floor = reference.iter().fold(0.0_f64, |a, b| a.max(b.abs())) / 10.0;
    for (row, (ours, reference)) in ours.chunks(width).zip(reference.chunks(width)).enumerate() {
        let largest = reference.iter().fold(floor, |a, b| a.max(b.abs()));
        // What is no number is the worst.
        let worse = |a: f64, b: f64| if b > a || b.is_nan() { b } else { a };
        let worst = ours.iter().zip(reference).fold(0.0, |a, (x, y)| worse(a, (f64::from(*x) - y).abs()));
        assert!(worst <= tolerance * largest, "{name}, {row}: off by {worst:e} where the largest is {largest:e}");
    }
    Ok(())
}

/// Compares a network's outputs, and its gradients to the inputs and to every weight, with the graph's, on every instruction set, for as
/// many as `batch` images of which no op sees anything near a jump of its slope: how many there were.
pub(crate) fn check(of: &str, spec: &Spec, batch: usize, with_differences: bool, rng: &mut impl Rng) -> Result<usize> {
    let layout = Layout::of(&[spec]);
    let reference = Reference::new(spec, &layout, rng)?;
    let image = &spec.inputs[0].shape;
    let (mut x, mut tries) = (Vec::new(), 0);
    let pixels: usize = image.iter().product();
    while x.len() < batch * pixels {
        let drawn: Vec<f32> = (0..pixels).map(|_| rng.random_range(0.0..1.0)).collect();
        let tensor = Tensor::from_slice(&drawn, [&[1], &image[..]].concat(), &Device::Cpu)?.to_dtype(DType::F64)?;
        reference.run(&tensor)?;
        tries += 1;
        if reference.clearance.get() > CLEARANCE {
            x.extend(drawn);
        } else if tries > 400 {
            break;
        }
    }
    // Of a large batch of values some are always near zero: as many images as are not.
    let batch = x.len() / pixels;
    if batch == 0 {
        return Ok(0);
    }
    let var = Var::from_tensor(
        &Tensor::from_slice(&x, [&[batch], &image[..]].concat(), &Device::Cpu)?.to_dtype(DType::F64)?,
    )?;
    let outputs = reference.run(&var)?;
    let mut loss = Tensor::zeros((), DType::F64, &Device::Cpu)?;
    let mut d_outputs = Vec::new();
    for output in &outputs {
        let d: Vec<f32> = (0..output.elem_count()).map(|_| rng.random_range(-1.0..1.0)).collect();
        let weights = Tensor::from_slice(&d, output.shape(), &Device::Cpu)?.to_dtype(DType::F64)?;
        loss = (loss + output.mul(&weights)?.sum_all()?)?;
        d_outputs.push(d);
    }
    let slopes = loss.backward()?;
    let slope_of = |var: &Var| slopes.get(var).ok_or_else(|| Error::Msg("a gradient that is not there".to_owned()));
    let flat: Vec<f32> = reference.vars.iter().try_fold(Vec::new(), |mut flat: Vec<f32>, var| -> Result<Vec<f32>> {
        flat.extend(var.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?);
        Ok(flat)
    })?;
    for isa in Isa::available() {
        let name = |what: &str| format!("{what} of {of}, {batch} images, {isa:?}: {spec:?}");
        let network = Network::new(isa, spec).map_err(Error::wrap)?.filled(&flat);
        let mut memory = Memory::new(&network, batch + 1);
        // A larger batch before, so that what it leaves behind would show.
        network.forward(&[&vec![0.5; (batch + 1) * pixels]], &mut memory);
        network.forward(&[&x], &mut memory);
        for (at, output) in outputs.iter().enumerate() {
            assert_close(&name(&format!("output {at}")), memory.output(at), output, batch, 4e-6)?;
        }
        let (mut d_x, mut gradients) = (vec![9.0; x.len()], vec![9.0; flat.len()]);
        let d_outputs: Vec<_> = d_outputs.iter().map(|d| Some(&d[..])).collect();
        network.backward(&d_outputs, &mut memory, &mut [Some(&mut d_x)], Some(&mut gradients));
        assert_close(&name("gradient to x"), &d_x, slope_of(&var)?, batch, 2e-5)?;
        // A layer's weight and bias in one, and the constants before, which lie one behind the other: a single bias may be the rest of a
        // large sum. Thousands of equal terms, of pixels that were repeated, are all rounded to the same side: hence the wider bound.
        let mut vars = reference.vars.iter();
        for slots in layout.tensors().chunk_by(|slot, _| slot.name.ends_with(".weight")) {
            let flat = vars.by_ref().take(slots.len()).map(|var| slope_of(var)?.flatten_all());
            let slope = Tensor::cat(&flat.collect::<Result<Vec<_>>>()?, 0)?;
            let ours = &gradients[slots[0].offset..slots[slots.len() - 1].range().end];
            assert_close(&name(&slots[0].name), ours, &slope, 1, 5e-5)?;
        }
        // Beside the gradients that candle records, differences of what its graph computes, along the gradient.
        if with_differences {
            let step = 1e-6 / d_x.iter().fold(1e-12_f32, |most, slope| most.max(slope.abs())) as f64;
            let along = Tensor::from_slice(&d_x, var.shape(), &Device::Cpu)?.to_dtype(DType::F64)?;
            let at = |by: f64| -> Result<f64> {
                let moved = (var.as_tensor() + (&along * by)?)?;
                let sums = reference.run(&moved)?.into_iter().zip(&d_outputs).map(|(output, d)| {
                    let d = Tensor::from_slice(d.unwrap_or_default(), output.shape(), &Device::Cpu)?
                        .to_dtype(DType::F64)?;
                    output.mul(&d)?.sum_all()?.to_scalar::<f64>()
                });
                sums.sum()
            };
            let difference = (at(step)? - at(-step)?) / (2.0 * step);
            let slope = along.sqr()?.sum_all()?.to_scalar::<f64>()?;
            assert!((difference - slope).abs() <= 1e-4 * slope, "{}: {difference}, {slope}", name("slope"));
        }
        let mut again = vec![9.0; x.len()];
        network.backward(&d_outputs, &mut memory, &mut [Some(&mut again)], None);
        assert!(again == d_x, "{}", name("gradient to x without the weights'"));
        // The last image alone has the same bits.
        let alone = |floats: &[f32]| floats[floats.len() / batch * (batch - 1)..].to_vec();
        let results: Vec<Vec<f32>> = (0..outputs.len()).map(|at| alone(memory.output(at))).collect();
        let d_alone: Vec<Vec<f32>> = d_outputs.iter().map(|d| alone(d.unwrap_or_default())).collect();
        network.forward(&[&alone(&x)], &mut memory);
        for (at, result) in results.iter().enumerate() {
            assert!(memory.output(at) == result, "{}", name(&format!("output {at} alone")));
        }
        let mut d_x_alone = vec![9.0; pixels];
        let d_alone: Vec<_> = d_alone.iter().map(|d| Some(&d[..])).collect();
        network.backward(&d_alone, &mut memory, &mut [Some(&mut d_x_alone)], None);
        assert!(d_x_alone == alone(&d_x), "{}", name("gradient to x alone"));
    }
    Ok(batch)
}
