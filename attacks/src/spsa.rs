//! SPSA (Uesato et al. 2018, arXiv:1802.05666, section 4): gradient ascent without a gradient.
//!
//! The slope of the loss `f` along a random vector `v` of signs is `(f(x + d v) - f(x - d v)) / (2 d)`; times `v` and averaged
//! over many `v` it estimates the gradient (Spall's simultaneous perturbation stochastic approximation). Adam follows the
//! estimate, the budget holds it. `f` is the margin by which the label loses or the target wins: it sees no saturation, which
//! the cross-entropy does.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::adam::Adam;
use crate::logits::margin;
use crate::oracle::{AT_ONCE, Oracle};
use crate::working_set::WorkingSet;
use crate::{Attack, Bounds, Budget, Configuration, Error, Images, Norm, Proposal, Setting, Step, Task, Trace, input};

/// `d`, as a share of the range of a pixel.
const REACH: f64 = 0.01;

/// Adam on estimated gradients, for L-infinity and L2. An image is left alone from the first iterate on that reaches its goal.
#[derive(Debug, Clone, Copy)]
pub struct Spsa {
    /// How many estimates to follow.
    pub steps: usize,
    /// The longest step, roughly: Adam's learning rate for L-infinity, and that times the root of the number of pixels for L2.
    pub step: Step,
    /// How many random vectors make an estimate, two questions each.
    pub samples: usize,
}

impl Spsa {
    /// Adam's learning rate for images of so many pixels.
    fn learning_rate(&self, budget: &Budget, pixels: usize) -> Result<f64, Error> {
        let step = self.step.size(budget.epsilon());
        if !(step.is_finite() && step >= 0.0) {
            let (setting, expected) = (Setting::StepSize, "a finite number of at least 0");
            return Err(Error::SettingRange { setting, value: step, expected });
        }
        match budget.linf_or_l2("spsa")? {
            Norm::Linf => Ok(step),
            _ => Ok(step / (pixels as f64).sqrt()),
        }
    }

    /// The gradient of what the attacker does *not* want, for each image of the set.
    fn estimate(
        &self,
        oracle: &Oracle,
        open: &WorkingSet,
        streams: &mut [ChaCha8Rng],
        traces: &mut [Trace],
    ) -> Result<Images, Error> {
        let Bounds { min, max } = oracle.model.signature().bounds;
        let (reach, scale) = (REACH as f32 * (max - min), oracle.goal.sign() / self.samples as f64);
        let mut sums = vec![vec![0.0; open.x.row(0).len()]; open.positions.len()];
        // All of an image's vectors, then all of the next.
        let vectors = open.positions.len().saturating_mul(self.samples);
        for first in (0..vectors).step_by(AT_ONCE / 2) {
            let rows: Vec<usize> =
                (first..vectors.min(first.saturating_add(AT_ONCE / 2))).map(|vector| vector / self.samples).collect();
            // Each vector's two images, one after the other.
            let mut asked = open.x.select(&rows.iter().flat_map(|&row| [row, row]).collect::<Vec<_>>());
            let mut signs = open.x.select(&rows);
            let mut pairs = asked.rows_mut();
            for (signs, &row) in signs.rows_mut().zip(&rows) {
                let image = open.positions[row];
                signs.iter_mut().for_each(|sign| *sign = if streams[image].random() { 1.0 } else { -1.0 });
                for side in [reach, -reach] {
                    let x = pairs.next().into_iter().flatten();
                    x.zip(&*signs).for_each(|(x, sign)| *x = (*x + side * sign).max(min).min(max));
                }
                traces[image].queries += 2;
            }
            drop(pairs);
            let logits = oracle.logits(&asked)?;
            for ((pair, signs), &row) in logits.chunks_exact(2).zip(signs.rows()).zip(&rows) {
                let class = oracle.goal.classes()[open.positions[row]] as usize;
                let rise = scale * (margin(&pair[0], class) - margin(&pair[1], class)) / f64::from(2.0 * reach);
                sums[row].iter_mut().zip(signs).for_each(|(sum, &sign)| *sum -= rise * f64::from(sign));
            }
        }
        let mut gradients = open.x.zeros_like();
        for (gradient, sum) in gradients.rows_mut().zip(sums) {
            gradient.iter_mut().zip(sum).for_each(|(slope, sum)| *slope = sum as f32);
        }
        Ok(gradients)
    }
}

impl Attack for Spsa {
    fn name(&self) -> &str {
        "spsa"
    }

    /// # Errors
    /// [`Error::NormOfAttack`] for other norms than L-infinity and L2, [`Error::SettingRange`] for a step that is not finite;
    /// whatever the model reports.
    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let Task { model, x0, goal, randomness } = *task;
        let oracle = Oracle { model, device: x0.device(), goal };
        let originals = Images::from_tensor(x0)?;
        let pixels = originals.row(0).len();
        let learning_rate = self.learning_rate(budget, pixels)?;
        let mut streams: Vec<ChaCha8Rng> = randomness.streams().collect();
        let mut optimisers: Vec<Adam> = originals.rows().map(|x| Adam::new(x.len())).collect();
        let mut traces = vec![Trace::default(); originals.count()];
        let mut open = WorkingSet::new(originals.clone(), originals, goal.clone());
        for _ in 0..self.steps {
            let logits = input::logits(model, &open.x.to_tensor(x0.device())?)?;
            open.positions.iter().for_each(|&image| traces[image].queries += 1);
            let rows = open.unreached(&logits)?;
            if rows.is_empty() {
                break;
            }
            if rows.len() < open.positions.len() {
                open.keep(&rows);
            }
            let gradients = self.estimate(&oracle, &open, &mut streams, &mut traces)?;
            let WorkingSet { positions, x, x0, .. } = &mut open;
            for (&image, ((x, x0), gradient)) in positions.iter().zip(x.rows_mut().zip(x0.rows()).zip(gradients.rows()))
            {
                if traces[image].gradient(gradient) {
                    optimisers[image].descend(x, gradient, learning_rate);
                    budget.constrain(x, x0, model.signature().bounds);
                }
            }
        }
        Ok(Proposal { images: open.finish(), traces })
    }

    fn configuration(&self, budget: &Budget) -> Configuration {
        let steps = Configuration::default().with("steps", self.steps);
        let step = steps.with("step_size", self.step.size(budget.epsilon()));
        step.with("samples", self.samples).with("reach", REACH)
    }
}
