//! A ResNet-20 (He et al. 2016, section 4.2: 16, 32 and 64 channels; shortcuts of 1x1 where the shape changes; batch normalisation
//! folded into the convolutions) on 3x32x32 images, on the kernels, with weights that both sides work out: forward, and forward with
//! the gradient to the images.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;
use rayon::prelude::*;
use robust_networks::kernels::{Isa, Memory, Network};
use robust_networks::{Layout, Op, Pairwise, Spec};
use serde_json::{Value, json};

const PIXELS: usize = 3 * 32 * 32;
const CLASSES: usize = 10;
/// Images of a call.
const IMAGES: usize = 256;
/// How long is measured.
const TRIAL: Duration = Duration::from_secs(3);

/// Images per second, and to compare the mean over images of the sum of logits, or of the slopes' magnitudes.
pub(crate) fn measure(with_gradient: bool) -> Result<Value> {
    let network = network()?;
    let images: Vec<f32> = (0..IMAGES * PIXELS).map(|at| value(at, 0) as f32 / 2.0 + 0.5).collect();
    let slopes: Vec<f32> = (0..IMAGES * CLASSES).map(|at| value(at, 1) as f32).collect();
    let threads = rayon::current_num_threads();
    let chunk = network.batch().min(IMAGES / threads);
    let mut memories: Vec<Memory> = (0..threads).map(|_| Memory::new(&network, chunk)).collect();
    let run = |memories: &mut Vec<Memory>| -> f64 {
        let share = IMAGES.div_ceil(threads);
        let parts =
            memories.par_iter_mut().zip(images.par_chunks(share * PIXELS)).zip(slopes.par_chunks(share * CLASSES));
        let sums = parts.map(|((memory, images), slopes)| {
            let (mut sum, mut d_x) = (0.0, vec![0.0; chunk * PIXELS]);
            for (x, d) in images.chunks(chunk * PIXELS).zip(slopes.chunks(chunk * CLASSES)) {
                network.forward(&[x], memory);
                let d_x = &mut d_x[..x.len()];
                if with_gradient {
                    network.backward(&[Some(d)], memory, &mut [Some(d_x)], None);
                    sum += d_x.iter().map(|&slope| f64::from(slope.abs())).sum::<f64>();
                } else {
                    sum += memory.output(0).iter().map(|&logit| f64::from(logit)).sum::<f64>();
                }
            }
            sum
        });
        sums.sum()
    };
    let check = run(&mut memories) / IMAGES as f64;
    let (start, mut images) = (Instant::now(), 0);
    while start.elapsed() < TRIAL {
        black_box(run(&mut memories));
        images += IMAGES;
    }
    let rate = images as f64 / start.elapsed().as_secs_f64();
    Ok(json!({ "rate": rate, "check": check, "remark": format!("chunks of {chunk}") }))
}

/// The algorithm of every layer, by name.
pub(crate) fn layers() -> Result<()> {
    for (name, algorithm) in network()?.algorithms() {
        println!("{name:20} {algorithm}");
    }
    Ok(())
}

fn network() -> Result<Network> {
    let spec = spec();
    let mut weights = Vec::new();
    for (number, slot) in Layout::of(&[&spec]).tensors().iter().enumerate() {
        let bound = (3.0 / slot.fan_in as f64).sqrt() * if slot.name.ends_with("bias") { 0.1 } else { 1.0 };
        weights.extend((0..slot.len()).map(|at| (bound * value(at, number + 2)) as f32));
    }
    Ok(Network::new(Isa::detect(), &spec)?.filled(&weights))
}

/// A number in [-1, 1) that is easily worked out.
fn value(at: usize, stream: usize) -> f64 {
    let mixed = (at as u64 * 2_654_435_761 + stream as u64 * 40_503) % 1_000_003;
    2.0 * mixed as f64 / 1_000_003.0 - 1.0
}

fn spec() -> Spec {
    let mut spec = Spec::new(&[("image", &[3, 32, 32])]);
    let convolve = |spec: &mut Spec, name: &str, [from, to]: [usize; 2], kernel, stride, x: &str| {
        let padding = kernel / 2;
        spec.add(name, Op::convolution([from, to], kernel, stride, padding), &[x])
    };
    let relu = |spec: &mut Spec, x: String| spec.add(format!("{x}.relu"), Op::Relu, &[&x]);
    let x = convolve(&mut spec, "conv", [3, 16], 3, 1, "image");
    let mut x = relu(&mut spec, x);
    let mut channels = 16;
    for (stage, to) in [16, 32, 64].into_iter().enumerate() {
        for block in 0..3 {
            let stride = if to == channels { 1 } else { 2 };
            let name = |part: &str| format!("stage{stage}.{block}.{part}");
            let inner = convolve(&mut spec, &name("conv1"), [channels, to], 3, stride, &x);
            let inner = relu(&mut spec, inner);
            let shortcut = match stride {
                1 => x.clone(),
                _ => convolve(&mut spec, &name("shortcut"), [channels, to], 1, stride, &x),
            };
            let inner = convolve(&mut spec, &name("conv2"), [to, to], 3, 1, &inner);
            let sum = spec.add(name("sum"), Op::Pairwise(Pairwise::Add), &[&inner, &shortcut]);
            x = relu(&mut spec, sum);
            channels = to;
        }
    }
    let mean = spec.add("mean", Op::global_average(), &[&x]);
    let logits = spec.add("logits", Op::Linear { in_features: 64, out_features: CLASSES }, &[&mean]);
    spec.outputs = vec![logits];
    spec
}
