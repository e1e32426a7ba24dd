//! Random networks on the kernels, against candle's graph of them in double precision: forward, the gradients to the inputs and to
//! every weight, on every instruction set.

use std::cell::Cell;

use candle_core::{DType, Device, Error, Result, Tensor, Var};
use rand::Rng;
use robust_attacks::random::stream;
use robust_networks::kernels::{Isa, Memory, Network};
use robust_networks::{Graph, Layout, Op, Slot, Spec};

/// How far from zero everything that a ReLU sees is kept: rounding does not take it to the other side.
const CLEARANCE: f64 = 1e-5;

fn pick<T: Copy>(rng: &mut impl Rng, from: &[T]) -> T {
    from[rng.random_range(0..from.len())]
}

/// A convolution, at times a transposed one, that fits a map.
fn windows(rng: &mut impl Rng, [channels, rows, columns]: [usize; 3]) -> Op {
    let smallest = rows.min(columns);
    let out_channels = pick(rng, &[1, 2, 3, 5, 8, 9, 16, 20, 32]);
    // The windows that algorithms of their own know, and any others.
    let (kernel, stride, padding) = match rng.random_range(0..6) {
        0 | 1 => (3, 1, rng.random_range(0..3)),
        2 => (5, 2, 2),
        3 => (1, rng.random_range(1..3), 0),
        _ => (rng.random_range(1..6), rng.random_range(1..4), rng.random_range(0..3)),
    };
    if rng.random_bool(0.3) && rows * columns <= 100 {
        let output_padding = [0, 1].map(|_| rng.random_range(0..stride));
        let shrinks = |size: usize, more: usize| (size - 1) * stride + kernel + more <= 2 * padding;
        if !shrinks(rows, output_padding[0]) && !shrinks(columns, output_padding[1]) {
            return Op::TransposedConvolution {
                in_channels: channels,
                out_channels,
                kernel,
                stride,
                padding,
                output_padding,
            };
        }
    }
    let kernel = kernel.min(smallest + 2 * padding);
    Op::Convolution { in_channels: channels, out_channels, kernel, stride, padding }
}

/// The shape of a value.
fn shape(spec: &Spec, name: &str) -> Result<Vec<usize>> {
    let shapes = spec.shapes().map_err(Error::wrap)?;
    let found = spec.names().zip(shapes).find(|(other, _)| *other == name);
    found.map(|(_, shape)| shape).ok_or_else(|| Error::Msg(format!("no value {name}")))
}

/// Images of up to 9 channels and 17 rows and columns, some layers, and one or two results.
fn random_spec(rng: &mut impl Rng) -> Result<Spec> {
    let input = [rng.random_range(1..10), rng.random_range(3..18), rng.random_range(3..18)];
    let mut spec = Spec::new(&[("image", &input)]);
    let mut last = "image".to_owned();
    for layer in 0..rng.random_range(1..5) {
        let [channels, rows, columns] = shape(&spec, &last)?[..] else { break };
        let op = windows(rng, [channels, rows, columns]);
        let before = last.clone();
        last = spec.add(format!("windows{layer}"), op, &[&last]);
        // At times the layers before once more: a residual block, whose sum is a step of its own or part of the layer.
        if shape(&spec, &last)? == shape(&spec, &before)? && before != "image" && rng.random_bool(0.7) {
            let operands = if rng.random_bool(0.5) { [&last[..], &before] } else { [&before[..], &last] };
            last = spec.add(format!("sum{layer}"), Op::Add, &operands);
        }
        match rng.random_range(0..4) {
            0 => {}
            1 => last = spec.add(format!("sigmoid{layer}"), Op::Sigmoid, &[&last]),
            _ => last = spec.add(format!("relu{layer}"), Op::Relu, &[&last]),
        }
        if rng.random_bool(0.2) {
            let relu = spec.add(format!("both{layer}"), Op::Relu, &[&last]);
            last = match rng.random_bool(0.5) {
                true => spec.add(format!("joined{layer}"), Op::Concatenate, &[&last, &relu]),
                false => spec.add(format!("added{layer}"), Op::Add, &[&last, &relu]),
            };
        }
    }
    match rng.random_range(0..4) {
        0 => {
            spec.outputs = vec![last];
            return Ok(spec);
        }
        1 => last = spec.add("mean", Op::GlobalAverage, &[&last]),
        _ => last = spec.add("flat", Op::Flatten, &[&last]),
    }
    let in_features = shape(&spec, &last)?[0];
    for (head, out_features) in [("a", rng.random_range(8..40)), ("b", rng.random_range(8..40))] {
        let linear = spec.add(head, Op::Linear { in_features, out_features }, &[&last]);
        let op = if head == "a" { Op::Relu } else { Op::Sigmoid };
        let output = if rng.random_bool(0.5) { spec.add(format!("{head}.then"), op, &[&linear]) } else { linear };
        spec.outputs.push(output);
        if rng.random_bool(0.5) {
            break;
        }
    }
    if rng.random_bool(0.3) {
        let code: Vec<String> = spec.outputs.clone();
        let code: Vec<&str> = code.iter().map(String::as_str).collect();
        let joined = spec.add("code", Op::Concatenate, &code);
        let [channels, rows, columns] = [pick(rng, &[2, 16, 20]), rng.random_range(2..8), rng.random_range(2..8)];
        let linear = Op::Linear { in_features: shape(&spec, "code")?[0], out_features: channels * rows * columns };
        let drawn = spec.add("draw", linear, &[&joined]);
        let drawn = spec.add("draw.relu", Op::Relu, &[&drawn]);
        let map = spec.add("map", Op::Reshape { shape: vec![channels, rows, columns] }, &[&drawn]);
        let up = Op::TransposedConvolution {
            in_channels: channels,
            out_channels: pick(rng, &[1, 3, 17]),
            kernel: 5,
            stride: 2,
            padding: 2,
            output_padding: [1, 1],
        };
        let up = spec.add("up", up, &[&map]);
        let image = spec.add("up.sigmoid", Op::Sigmoid, &[&up]);
        spec.outputs.push(image);
    }
    Ok(spec)
}

/// A network over variables in double precision, and what its ReLUs have seen.
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
            if *op == Op::Relu {
                // An exact zero stays one: a ReLU of a ReLU.
                let seen = operands[0].abs()?.flatten_all()?.to_vec1::<f64>()?;
                let closest = seen.into_iter().filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
                self.clearance.set(self.clearance.get().min(closest));
            }
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
        let worst = ours.iter().zip(reference).fold(0.0_f64, |a, (x, y)| a.max((f64::from(*x) - y).abs()));
        assert!(worst <= tolerance * largest, "{name}, {row}: off by {worst:e} where the largest is {largest:e}");
    }
    Ok(())
}

#[test]
fn random_networks_agree_with_the_graph() -> Result<()> {
    let only: Option<u64> = std::env::var("NETWORK").ok().and_then(|number| number.parse().ok());
    for number in (0..200).filter(|number| only.is_none_or(|only| only == *number)) {
        let rng = &mut stream(number, "networks", &[]);
        let spec = random_spec(rng)?;
        let layout = Layout::of(&[&spec]);
        let reference = Reference::new(&spec, &layout, rng)?;
        let batch = [1, 7, 33][number as usize % 3];
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
        if x.len() < batch * pixels {
            continue;
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
        let flat: Vec<f32> =
            reference.vars.iter().try_fold(Vec::new(), |mut flat: Vec<f32>, var| -> Result<Vec<f32>> {
                flat.extend(var.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?);
                Ok(flat)
            })?;
        for isa in Isa::available() {
            let name = |what: &str| format!("{what} of network {number}, {batch} images, {isa:?}: {spec:?}");
            let network = match Network::new(isa, &spec) {
                Ok(network) => network.filled(&flat),
                Err(error) => panic!("{}: {error}", name("plan")),
            };
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
            assert_close(&name("gradient to x"), &d_x, slopes.get(&var).unwrap(), batch, 2e-5)?;
            // A layer's weight and bias in one, which lie one behind the other: a single bias may be the rest of a large sum.
            for (slots, vars) in layout.tensors().chunks(2).zip(reference.vars.chunks(2)) {
                let flat = |var| slopes.get(var).unwrap().flatten_all();
                let slope = Tensor::cat(&[flat(&vars[0])?, flat(&vars[1])?], 0)?;
                let ours = &gradients[slots[0].offset..slots[1].range().end];
                assert_close(&name(&slots[0].name), ours, &slope, 1, 2e-5)?;
            }
            // Beside the gradients that candle records, differences of what its graph computes, along the gradient.
            if number < 10 {
                let step = 1e-6 / d_x.iter().fold(1e-12_f32, |most, slope| most.max(slope.abs())) as f64;
                let along = Tensor::from_slice(&d_x, var.shape(), &Device::Cpu)?.to_dtype(DType::F64)?;
                let at = |by: f64| -> Result<f64> {
                    let moved = (var.as_tensor() + (&along * by)?)?;
                    let sums = reference.run(&moved)?.into_iter().zip(&d_outputs).map(|(output, d)| {
                        let d = Tensor::from_slice(d.unwrap(), output.shape(), &Device::Cpu)?.to_dtype(DType::F64)?;
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
        }
    }
    Ok(())
}
