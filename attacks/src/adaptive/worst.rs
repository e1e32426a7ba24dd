//! [`Worst`]: several attacks that know the detector, and of each image the worst that any of them finds.

use candle_core::Tensor;

use super::quietest::{Quietest, Tried};
use super::{AdaptiveDescent, detector_of, scores};
use crate::{Attack, AttackExt, Budget, Configuration, Error, Goal, Images, Model, Proposal, Randomness, Step, Trace};

/// The weights of the score that [`Worst::adaptive`] tries.
pub const LAMBDAS: [f64; 4] = [0.01, 0.1, 1.0, 10.0];

/// Runs every attack on every image, each with the randomness that it has alone, and keeps the image that reaches the goal with
/// the lowest score. So it is never worse for the attacker than one of its members.
pub struct Worst {
    /// What to call it in reports.
    pub name: &'static str,
    /// What to run.
    pub attacks: Vec<AdaptiveDescent>,
}

impl Worst {
    /// [`r_pgd`](AdaptiveDescent::r_pgd) at every one of [`LAMBDAS`], and selective and orthogonal PGD.
    #[must_use]
    pub fn adaptive(steps: usize, step: Step, restarts: usize) -> Self {
        let penalties = LAMBDAS.into_iter().map(|lambda| AdaptiveDescent::r_pgd(steps, step, lambda));
        let others = [AdaptiveDescent::selective_pgd(steps, step), AdaptiveDescent::orthogonal_pgd(steps, step)];
        let attacks = penalties.chain(others).map(|attack| AdaptiveDescent { restarts, ..attack });
        Self { name: "adaptive", attacks: attacks.collect() }
    }
}

impl Attack for Worst {
    fn name(&self) -> &str {
        self.name
    }

    fn perturb(
        &self,
        model: &dyn Model,
        x0: &Tensor,
        goal: &Goal,
        budget: &Budget,
        randomness: &Randomness,
    ) -> Result<Proposal, Error> {
        let detector = detector_of(model, self.name)?;
        let mut traces = vec![Trace::default(); x0.dim(0)?];
        let mut quietest = Quietest::new(Images::from_tensor(x0)?);
        for attack in &self.attacks {
            let found = attack.run(model, x0, goal, budget, randomness)?;
            let scores = scores(&detector.evaluate(&found.images)?.scores)?;
            for (image, x) in Images::from_tensor(&found.images)?.rows().enumerate() {
                traces[image].add(found.traces[image]);
                let reached = Tried::Reached { score: scores[image] };
                let missed = Tried::Missed { loss: found.loss[image] };
                quietest.offer(image, x, if found.success[image] { reached } else { missed });
            }
        }
        Ok(Proposal { images: quietest.finish(), traces })
    }

    /// What the attacks have in common, and their names with what they differ in.
    fn configuration(&self, budget: &Budget) -> Configuration {
        let name = |attack: &AdaptiveDescent| match attack.configuration(budget).get("lambda") {
            Some(crate::Value::Number(lambda)) => format!("{} (lambda {lambda})", attack.name),
            _ => attack.name.to_owned(),
        };
        let names: Vec<String> = self.attacks.iter().map(name).collect();
        let mut all = Configuration::default().with("attacks", names.join(", "));
        if let Some(first) = self.attacks.first() {
            let step = first.step.size(budget.epsilon());
            all = all.with("steps", first.steps).with("step_size", step).with("restarts", first.restarts);
        }
        all
    }

    fn knows_the_detector(&self) -> bool {
        true
    }
}
