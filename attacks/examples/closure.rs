//! Attacks a model that is nothing but a closure: three classes, two pixels, one weight matrix.
//!
//! `cargo run --release -p robust-attacks --example closure`

use candle_core::{Device, Tensor};
use robust_attacks::{
    AttackExt, Bounds, Budget, FnModel, Goal, GradientDescent, ImageShape, Norm, Randomness, Signature, Task,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let weights = Tensor::new(&[[4f32, -4.0, 1.0], [0.0, 2.0, -3.0]], &Device::Cpu)?;
    // Images of one row of two pixels, as tensors (B, 2).
    let signature = Signature { shape: ImageShape::new(1, 1, 2), classes: 3, bounds: Bounds::UNIT };
    let model = FnModel::new(signature, move |x: &Tensor| x.matmul(&weights));
    let x = Tensor::new(&[[0.9f32, 0.1], [0.4, 0.9]], &Device::Cpu)?;
    let goal = Goal::Untargeted { labels: vec![0, 0] };
    let budget = Budget::new(Norm::Linf, 0.2)?;
    let randomness = Randomness { seed: 0, indices: vec![0, 1] };

    let task = Task { model: &model, x0: &x, goal: &goal, randomness: &randomness };
    let found = GradientDescent::bim(10, 0.05).run(&task, &budget)?;

    for (image, pixels) in found.images.to_vec2::<f32>()?.iter().enumerate() {
        let verdict = if found.success[image] { "fooled" } else { "held" };
        println!("{verdict}: {pixels:?} is class {} at distance {:.3}", found.predictions[image], found.linf[image]);
    }
    Ok(())
}

#[test]
fn runs() -> Result<(), Box<dyn std::error::Error>> {
    main()
}
