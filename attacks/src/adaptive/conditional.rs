//! [`Conditional`]: descent on the score that the detector would give if the classifier said a label, toward one label after the other.
//!
//! Up the loss and down the score are two gradients that undo each other. Of the score as if label `t` were predicted there is one: what a
//! detector takes for a good image of `t`, the classifier mostly takes for `t`. With `a` what that score is above the detector's
//! threshold and `b` the margin that `t` is behind by, what is descended is the soft maximum `T log(exp(a / T) + exp(b / T))`, by steps
//! whose length falls along a cosine, while `T` falls geometrically: Adam's, and outside of l-infinity the steepest ones. Without a threshold each `a` is 0, and the classifier has the say until
//! `t` is ahead.
//!
//! The first run goes from the original toward the likeliest labels, and after some steps on toward the best of them alone. Further runs go
//! toward those: the second from the detector's own drawing of the label, if it has one, the others from random places. Of all iterates that
//! reach the goal, the one with the lowest score is the result.
//!
//! It is no attack on the classifier alone. Ours; one loss for both aims is an advice of Carlini and Wagner 2017, arXiv:1705.07263, one label
//! after the other that of Gowal et al. 2019, arXiv:1910.09338.

mod looked;
mod runs;

use std::f64::consts::PI;

use self::looked::look;
use self::runs::Runs;
use super::quietest::{Quietest, Tried};
use super::{detector_of, stop_at};
use crate::targeted_each::wrong_classes;
use crate::{Attack, Budget, Configuration, Error, Goal, Images, Proposal, Setting, Step, Task, Trace};

/// Its name.
const NAME: &str = "conditional";
/// How many of the likeliest labels the first steps go toward, at most.
const LABELS: usize = 9;
/// After this share of the steps as many labels are left as they go on toward.
const FIRST: f64 = 0.15;
const KEPT: usize = 3;
/// Temperatures at the first and the last step.
const TEMPERATURES: [f64; 2] = [3.0, 0.1];
/// What is left of a step's length at the last one.
const LAST_STEP: f64 = 0.02;

/// Descent on the score under a supposed label, within a budget.
#[derive(Debug, Clone, Copy)]
pub struct Conditional {
    /// How many steps each run goes.
    pub steps: usize,
    /// The length of the first; the last has a fiftieth of it.
    pub step: Step,
    /// How many runs; at least one.
    pub restarts: usize,
    /// Whether an image is done as soon as it reaches the goal and passes the detector's
    /// [threshold](crate::Suspicion::threshold), which there must be then.
    pub early_stop: bool,
}

impl Conditional {
    /// The temperature at a step, and its length as a share of the first one's.
    fn schedule(&self, number: usize) -> (f64, f64) {
        let behind = number as f64 / self.steps.saturating_sub(1).max(1) as f64;
        let [first, last] = TEMPERATURES;
        let length = LAST_STEP + (1.0 - LAST_STEP) * (1.0 + (PI * behind).cos()) / 2.0;
        (first * (last / first).powf(behind), length)
    }

    /// After how many steps only the best labels are left.
    fn first(&self) -> usize {
        (self.steps as f64 * FIRST).ceil() as usize
    }

    /// A run's images to where it starts; the first starts at the originals.
    fn start(&self, restart: usize, runs: &mut Runs, task: &Task, budget: &Budget) -> Result<(), Error> {
        let detector = detector_of(task.model, NAME)?;
        let drawing = match restart {
            1 => detector.drawing(&runs.x.to_tensor(task.x0.device())?, &runs.labels())?,
            _ => None,
        };
        if let Some(drawing) = drawing {
            runs.x = Images::of_gradient(&drawing, runs.x.shape())?;
        } else if restart > 0 {
            // Toward whichever label, an image starts at one place.
            let streams: Vec<_> = task.randomness.restart(restart as u64).streams().collect();
            for (x, run) in runs.x.rows_mut().zip(&runs.each) {
                budget.norm().random_start(x, budget.epsilon(), &mut streams[run.image].clone());
            }
        }
        Ok(())
    }
}

/// The labels that each image may be taken for, the likeliest first.
fn wanted(task: &Task) -> Result<Vec<Vec<u32>>, Error> {
    let Goal::Untargeted { labels } = task.goal else {
        return Ok(task.goal.classes().iter().map(|&class| vec![class]).collect());
    };
    let ranks = wrong_classes(task.model, task.x0, labels)?;
    Ok((0..labels.len()).map(|image| ranks.iter().take(LABELS).map(|rank| rank[image]).collect()).collect())
}

impl Attack for Conditional {
    fn name(&self) -> &str {
        NAME
    }

    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let Task { model, x0, goal, .. } = *task;
        let detector = detector_of(model, NAME)?;
        let stop_at = stop_at(detector, self.early_stop, NAME)?;
        let step = self.step.size(budget.epsilon());
        if !(step.is_finite() && step >= 0.0) {
            let expected = "a finite number of at least 0";
            return Err(Error::SettingRange { setting: Setting::StepSize, value: step, expected });
        }
        let (originals, bounds) = (Images::from_tensor(x0)?, model.signature().bounds);
        // The question that the ranking of labels needs.
        let mut traces = vec![Trace { queries: 1, ..Trace::default() }; originals.count()];
        let mut quietest = Quietest::new(originals.clone());
        let open = |quietest: &Quietest| quietest.those(|tried| !stop_at.is_some_and(|at| tried.passes(at)));
        let mut labels = wanted(task)?;
        for restart in 0..self.restarts.max(1) {
            let mut runs =
                Runs::new(budget.norm(), &originals, open(&quietest).iter().map(|&image| (image, &labels[image][..])));
            if runs.is_empty() {
                break;
            }
            self.start(restart, &mut runs, task, budget)?;
            for (x, run) in runs.x.rows_mut().zip(&runs.each) {
                budget.constrain(x, originals.row(run.image), bounds);
            }
            // Once more than there are steps: the last iterate is looked at too.
            for number in 0..=self.steps {
                let (temperature, length) = self.schedule(number);
                let (looked, gradient) = look(model, detector, &runs, x0, temperature)?;
                let predictions: Vec<u32> = looked.iter().map(|looked| looked.prediction).collect();
                let reached = goal.select(&runs.images()).reached(&predictions);
                for (row, (run, looked)) in runs.each.iter_mut().zip(looked).enumerate() {
                    traces[run.image].queries += 1;
                    run.note(looked.merit);
                    // What reaches the goal by another label than the supposed one has a score that nobody asked for.
                    let score = if looked.prediction == run.label { looked.score } else { f64::INFINITY };
                    let missed = Tried::Missed { loss: -looked.behind };
                    let tried = if reached[row] { Tried::Reached { score } } else { missed };
                    quietest.offer(run.image, runs.x.row(row), tried);
                }
                if number == self.steps {
                    break;
                }
                for (row, run) in runs.each.iter_mut().enumerate() {
                    if traces[run.image].gradient(gradient.row(row)) {
                        let downhill: Vec<f32> = gradient.row(row).iter().map(|slope| -slope).collect();
                        let x = runs.x.row_mut(row);
                        run.optimizer.step(x, &downhill, step * length, budget.norm(), bounds);
                        budget.constrain(x, originals.row(run.image), bounds);
                    }
                }
                runs.keep_images(&open(&quietest));
                if restart == 0 && number + 1 == self.first() {
                    runs.keep_best(KEPT);
                    runs.labels_into(&mut labels);
                }
                if runs.is_empty() {
                    break;
                }
            }
        }
        Ok(Proposal { images: quietest.finish(), traces })
    }

    fn configuration(&self, budget: &Budget) -> Configuration {
        let all = Configuration::default().with("steps", self.steps);
        let all = all.with("step_size", self.step.size(budget.epsilon())).with("restarts", self.restarts);
        all.with("early_stop", self.early_stop)
    }

    fn knows_the_detector(&self) -> bool {
        true
    }
}
