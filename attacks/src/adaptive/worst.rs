//! [`Worst`]: several attacks that know the detector, and of each image the worst that any of them finds.

use super::quietest::{Quietest, Tried};
use super::{AdaptiveDescent, Conditional, detector_of, scores, stop_at};
use crate::{Attack, AttackExt, Budget, Configuration, Error, Images, Proposal, Step, Task, Trace, Value, input};

/// Runs every attack on every image, each with the randomness that it has alone, and keeps the image that reaches the goal with
/// the lowest score. So it is never worse for the attacker than one of its members.
///
/// With early stop the attacks follow one another: each on the images that do not pass yet, and, but for the first, that one
/// before it has fooled. The first, selective descent by Adam, is an attack on the classifier alone until it has succeeded; that
/// the others fool no image that it never does, in any restart, is an approximation.
pub struct Worst {
    /// What to call it in reports.
    pub name: &'static str,
    /// What to run, in this order.
    pub attacks: Vec<Box<dyn Attack>>,
    /// Whether an image is done as soon as it reaches the goal and passes the detector's
    /// [threshold](crate::Suspicion::threshold), which there must be then. The attacks have a flag of their own each.
    pub early_stop: bool,
}

impl Worst {
    /// Selective descent by Adam's steps, descent on the score under each label, and selective descent by PGD's. All have steps of one
    /// length, or each the length that it has by itself.
    #[must_use]
    pub fn adaptive(steps: usize, step: Option<Step>, restarts: usize, early_stop: bool) -> Self {
        let descent = |attack: AdaptiveDescent| Box::new(AdaptiveDescent { restarts, early_stop, ..attack });
        let short = step.unwrap_or(Step::EpsilonOver(30.0));
        let long = step.unwrap_or(Step::EpsilonOver(7.5));
        let attacks: Vec<Box<dyn Attack>> = vec![
            descent(AdaptiveDescent::selective_adam(steps, short)),
            Box::new(Conditional { steps, step: long, restarts, early_stop }),
            descent(AdaptiveDescent::selective_pgd(steps, short)),
        ];
        Self { name: "adaptive", attacks, early_stop }
    }
}

impl Attack for Worst {
    fn name(&self) -> &str {
        self.name
    }

    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let Task { model, x0, goal, randomness } = *task;
        let detector = detector_of(model, self.name)?;
        let stop_at = stop_at(detector, self.early_stop, self.name)?;
        let mut traces = vec![Trace::default(); x0.dim(0)?];
        let mut quietest = Quietest::new(Images::from_tensor(x0)?);
        for (number, attack) in self.attacks.iter().enumerate() {
            let open = quietest.those(|tried| match stop_at {
                Some(threshold) if number > 0 => tried.is_reached() && !tried.passes(threshold),
                _ => true,
            });
            if open.is_empty() {
                break;
            }
            let (x0, goal, randomness) = (input::select(x0, &open)?, goal.select(&open), randomness.select(&open));
            let found = (**attack).run(&Task { model, x0: &x0, goal: &goal, randomness: &randomness }, budget)?;
            let scores = scores(&detector.evaluate(&found.images)?.scores)?;
            for (row, (&image, x)) in open.iter().zip(Images::from_tensor(&found.images)?.rows()).enumerate() {
                traces[image].add(found.traces[row]);
                let reached = Tried::Reached { score: scores[row] };
                let missed = Tried::Missed { loss: found.loss[row] };
                quietest.offer(image, x, if found.success[row] { reached } else { missed });
            }
        }
        Ok(Proposal { images: quietest.finish(), traces })
    }

    /// What the attacks have in common, and their names with what they differ in.
    fn configuration(&self, budget: &Budget) -> Configuration {
        let of_each: Vec<Configuration> = self.attacks.iter().map(|attack| attack.configuration(budget)).collect();
        let name = |(name, own): (&str, &Configuration)| match own.get("step_size") {
            Some(Value::Number(step)) => format!("{name} (step size {step})"),
            _ => name.to_owned(),
        };
        let names = self.attacks.iter().map(|attack| attack.name()).zip(&of_each);
        let names: Vec<String> = names.map(name).collect();
        let mut all = Configuration::default().with("attacks", names.join(", "));
        for setting in ["steps", "restarts"] {
            if let Some(value) = of_each.first().and_then(|own| own.get(setting)) {
                all = all.with(setting, value.clone());
            }
        }
        all.with("early_stop", self.early_stop)
    }

    fn knows_the_detector(&self) -> bool {
        true
    }
}
