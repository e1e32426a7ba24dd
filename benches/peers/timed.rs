//! A network on the kernels under the clock: forward, or forward and the gradient to the images, with images and slopes that both sides work out.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use robust_networks::kernels::{Memory, Network};
use serde_json::{Value, json};

/// How long is measured, and how often at least.
const TRIAL: Duration = Duration::from_secs(3);
const LEAST: usize = 2;

/// Images per second in calls of so many `images`, and to compare the mean over images of the sum of logits, or of the slopes' magnitudes.
pub(crate) fn measure(network: &Network, images: usize, with_gradient: bool) -> Value {
    let (pixels, classes) = (network.inputs()[0], network.outputs()[0]);
    let x: Vec<f32> = (0..images * pixels).map(|at| value(at, 0) as f32 / 2.0 + 0.5).collect();
    let slopes: Vec<f32> = (0..images * classes).map(|at| value(at, 1) as f32).collect();
    let threads = rayon::current_num_threads().min(images);
    let share = images.div_ceil(threads);
    // As commands do.
    let chunk = network.batch().min(share);
    let mut memories: Vec<Memory> = (0..threads).map(|_| Memory::new(network, chunk)).collect();
    let run = |memories: &mut Vec<Memory>| -> f64 {
        let parts = memories.par_iter_mut().zip(x.par_chunks(share * pixels)).zip(slopes.par_chunks(share * classes));
        let sums = parts.map(|((memory, x), slopes)| {
            let (mut sum, mut d_x) = (0.0, vec![0.0; chunk * pixels]);
            for (x, d) in x.chunks(chunk * pixels).zip(slopes.chunks(chunk * classes)) {
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
    let check = run(&mut memories) / images as f64;
    let (start, mut runs) = (Instant::now(), 0);
    while runs < LEAST || start.elapsed() < TRIAL {
        black_box(run(&mut memories));
        runs += 1;
    }
    let rate = (runs * images) as f64 / start.elapsed().as_secs_f64();
    json!({ "rate": rate, "check": check, "remark": format!("chunks of {chunk}") })
}

/// The algorithm of every layer, by name.
pub(crate) fn layers(network: &Network) {
    for (name, algorithm) in network.algorithms() {
        println!("{name:20} {algorithm}");
    }
}

/// A number in [-1, 1) that is easily worked out.
pub(crate) fn value(at: usize, stream: usize) -> f64 {
    let mixed = (at as u64 * 2_654_435_761 + stream as u64 * 40_503) % 1_000_003;
    2.0 * mixed as f64 / 1_000_003.0 - 1.0
}
