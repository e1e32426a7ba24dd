//! Random networks on the kernels, against candle's graph of them in double precision: forward, the gradients to the inputs and to
//! every weight, on every instruction set.

mod reference;

use candle_core::{Error, Result};
use rand::Rng;
use robust_attacks::random::stream;
use robust_networks::{Op, Pairwise, Spec, Window};

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
    let fits = |dilation: usize| (kernel - 1) * dilation < smallest + 2 * padding;
    let dilation = Some(rng.random_range(1..4)).filter(|&dilation| fits(dilation)).unwrap_or(1);
    let window = Window { dilation: [dilation; 2], ..Window::square(kernel, stride, padding) };
    Op::Convolution { in_channels: channels, out_channels, groups: 1, window }
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
            last = spec.add(format!("sum{layer}"), Op::Pairwise(Pairwise::Add), &operands);
        }
        match rng.random_range(0..4) {
            0 => {}
            1 => last = spec.add(format!("sigmoid{layer}"), Op::Sigmoid, &[&last]),
            _ => last = spec.add(format!("relu{layer}"), Op::Relu, &[&last]),
        }
        if rng.random_bool(0.15) {
            let size = rng.random_range(1..4);
            last = match shape(&spec, &last)?[..] {
                [_, rows, columns] if rng.random_bool(0.5) && rows * columns < 100 => {
                    let to = [rows * size - rng.random_range(0..size), columns * size - rng.random_range(0..size)];
                    spec.add(format!("upsample{layer}"), Op::Upsample { size, to }, &[&last])
                }
                [_, rows, columns] => {
                    let pool = Op::AveragePool { window: Window::blocks(size, [rows, columns]), counted: [[0; 2]; 2] };
                    spec.add(format!("pool{layer}"), pool, &[&last])
                }
                _ => last,
            };
        }
        if rng.random_bool(0.2) {
            let relu = spec.add(format!("both{layer}"), Op::Relu, &[&last]);
            last = match rng.random_bool(0.5) {
                true => spec.add(format!("joined{layer}"), Op::Concatenate { axis: 0 }, &[&last, &relu]),
                false => spec.add(format!("added{layer}"), Op::Pairwise(Pairwise::Add), &[&last, &relu]),
            };
        }
    }
    // A result of few elements may be the small rest of large sums: none to compare with.
    let is_large = shape(&spec, &last)?.iter().product::<usize>() >= 32;
    match rng.random_range(0..4) {
        0 if is_large => {
            spec.outputs = vec![last];
            return Ok(spec);
        }
        1 => last = spec.add("mean", Op::global_average(), &[&last]),
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
        let joined = spec.add("code", Op::Concatenate { axis: 0 }, &code);
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

#[test]
fn random_networks_agree_with_the_graph() -> Result<()> {
    let (mut fewer, mut images) = (0, 0);
    for number in 0..200 {
        let rng = &mut stream(number, "networks", &[]);
        let spec = random_spec(rng)?;
        let batch = [1, 7, 33][number as usize % 3];
        let found = reference::check(&format!("network {number}"), &spec, batch, number < 10, rng)?;
        (fewer, images) = (fewer + usize::from(found < batch), images + found);
    }
    // Of some networks most images come near a corner of a ReLU.
    assert!(fewer <= 40 && images > 2000, "{fewer} networks of 200 had fewer images, {images} in all");
    Ok(())
}
