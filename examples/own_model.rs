//! A classifier of one's own, attacked and screened: any candle network with logits will do, whatever its images, classes and bounds.
//!
//! `cargo run --release --example own_model`

use anyhow::Result;
use candle_core::{Device, Result as CandleResult, Tensor};
use rand::Rng;
use robust::attacks::random::stream;
use robust::attacks::{
    AttackExt, Bounds, Budget, Goal, GradientDescent, ImageShape, Model, Norm, Randomness, Signature, Task,
};
use robust::detectors::{Detector, Entropy, Msp, Perception, Subject};

/// Images `(B, 3, 32, 32)`, f32 in [-1, 1], to logits `(B, 12)`.
struct OwnModel {
    filters: Tensor,
    weights: Tensor,
}

impl Model for OwnModel {
    fn signature(&self) -> Signature {
        Signature { shape: ImageShape::new(3, 32, 32), classes: 12, bounds: Bounds { min: -1.0, max: 1.0 } }
    }

    fn logits(&self, x: &Tensor) -> CandleResult<Tensor> {
        x.conv2d(&self.filters, 0, 4, 1, 1)?.relu()?.flatten_from(1)?.matmul(&self.weights)
    }
}

/// Numbers drawn evenly from `[-scale, scale)`.
fn drawn(name: &str, shape: &[usize], scale: f32) -> CandleResult<Tensor> {
    let mut rng = stream(0, name, &[]);
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| rng.random_range(-scale..scale)).collect();
    Tensor::from_vec(values, shape, &Device::Cpu)
}

fn main() -> Result<()> {
    let model =
        OwnModel { filters: drawn("filters", &[8, 3, 4, 4], 0.2)?, weights: drawn("weights", &[512, 12], 0.1)? };
    let x = drawn("images", &[6, 3, 32, 32], 1.0)?;
    let clean = Perception::new(Subject::Classifier(&model), &x)?;

    let goal = Goal::Untargeted { labels: clean.predictions().to_vec() };
    let (epsilon, randomness) = (0.1, Randomness { seed: 0, indices: (0..6).collect() });
    let task = Task { model: &model, x0: &x, goal: &goal, randomness: &randomness };
    let found = GradientDescent::bim(10, epsilon / 4.0).run(&task, &Budget::new(Norm::Linf, epsilon)?)?;
    println!("{} of 6 fooled, at distances {:.3?}", found.success.iter().filter(|&&fooled| fooled).count(), found.linf);
    assert!(found.linf.iter().all(|&distance| distance <= epsilon * (1.0 + 1e-6) + 1e-6));
    assert!(found.success.contains(&true));

    let attacked = Perception::new(Subject::Classifier(&model), &found.images)?;
    for detector in [&Msp as &dyn Detector, &Entropy] {
        let (before, after) = (detector.scores(&clean)?, detector.scores(&attacked)?);
        println!("{}: {before:.3?} before the attack, {after:.3?} after it", detector.id());
        assert_eq!([before.len(), after.len()], [6, 6]);
    }
    Ok(())
}

#[test]
fn a_model_of_ones_own_is_attacked_and_screened() -> Result<()> {
    main()
}
