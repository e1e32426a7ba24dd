//! A ResNet-20 (He et al. 2016, section 4.2: 16, 32 and 64 channels; shortcuts of 1x1 where the shape changes; batch normalisation
//! folded into the convolutions) on 3x32x32 images, with weights that both sides work out.

use anyhow::Result;
use robust_networks::kernels::{Isa, Network};
use robust_networks::{Layout, Op, Pairwise, Spec};

use crate::timed::value;

const CLASSES: usize = 10;
/// Images of a call.
pub(crate) const IMAGES: usize = 256;

pub(crate) fn network() -> Result<Network> {
    let spec = spec();
    let mut weights = Vec::new();
    for (number, slot) in Layout::of(&[&spec]).tensors().iter().enumerate() {
        let bound = (3.0 / slot.fan_in as f64).sqrt() * if slot.name.ends_with("bias") { 0.1 } else { 1.0 };
        weights.extend((0..slot.len()).map(|at| (bound * value(at, number + 2)) as f32));
    }
    Ok(Network::new(Isa::detect(), &spec)?.filled(&weights))
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
