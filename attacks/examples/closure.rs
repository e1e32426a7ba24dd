//! Attacks a model that is nothing but a closure: three classes, two pixels, one weight matrix.
//!
//! `cargo run --release -p robust-attacks --example closure`

use candle_core::{Device, Tensor};
use robust_attacks::{AttackExt, Budget, FnModel, Goal, GradientDescent, Norm, Randomness};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let weights = Tensor::new(&[[4f32, -4.0, 1.0], [0.0, 2.0, -3.0]], &Device::Cpu)?;
    let model = FnModel(move |x: &Tensor| x.matmul(&weights));
    let x = Tensor::new(&[[0.9f32, 0.1], [0.4, 0.9]], &Device::Cpu)?;
    let goal = Goal::Untargeted { labels: vec![0, 0] };
    let budget = Budget::new(Norm::Linf, 0.2)?;
    let randomness = Randomness { seed: 0, indices: vec![0, 1] };

    let found = GradientDescent::bim(10, 0.05).run(&model, &x, &goal, &budget, &randomness)?;

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
