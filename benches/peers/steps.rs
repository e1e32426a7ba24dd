//! One step of BIM from iterates that a peer has reached.
//!
//! Whole runs drift apart in single precision, because a sign flips where a slope is nearly zero; one step from the same
//! iterate does not. It is the library's attack of one step from the iterate, held to the ball around the original.

use anyhow::{Context, Result};
use candle_core::{Device, Tensor};
use robust::attacks::{AttackExt, Budget, Goal, GradientDescent, Images, Model, Norm, Randomness, Task};
use robust_networks::{Parameters, StyleMemory};

/// Reads `x0`, `x` (B, 1, 28, 28) f32 and `label` (B) i64 from the npz file `arguments[0]`, and writes `x` after a step
/// of `arguments[3]` within `arguments[2]` of `x0` to the npz file `arguments[1]`.
pub(crate) fn step(parameters: &Parameters, arguments: &[String]) -> Result<()> {
    let [from, to, epsilon, step] = arguments else { anyhow::bail!("steps takes FROM.npz TO.npz EPSILON STEP") };
    let (epsilon, step): (f64, f64) = (epsilon.parse()?, step.parse()?);
    let read = |name: &str| -> Result<Tensor> {
        let found = Tensor::read_npz_by_name(from, &[name])?.pop();
        found.with_context(|| format!("{from} has no {name}"))
    };
    let network = StyleMemory::new(parameters, &Device::Cpu)?;
    let (originals, iterates) = (Images::from_tensor(&read("x0")?)?, read("x")?);
    let labels = read("label")?.to_vec1::<i64>()?.into_iter().map(u32::try_from).collect::<Result<_, _>>()?;

    let goal = Goal::Untargeted { labels };
    let randomness = Randomness { seed: 0, indices: (0..originals.count() as u64).collect() };
    let reach = Budget::new(Norm::Linf, step)?;
    let task = Task { model: &network, x0: &iterates, goal: &goal, randomness: &randomness };
    let found = GradientDescent::bim(1, step).run(&task, &reach)?;
    let mut found = Images::from_tensor(&found.images)?;
    let budget = Budget::new(Norm::Linf, epsilon)?;
    for (x, x0) in found.rows_mut().zip(originals.rows()) {
        budget.constrain(x, x0, network.signature().bounds);
    }
    Ok(Tensor::write_npz(&[("x", found.to_tensor(&Device::Cpu)?)], to)?)
}
