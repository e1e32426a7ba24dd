//! Attacks that know the detector: they look for an image that fools the classifier and that the detector does not mind.
//!
//! One loop as in [`GradientDescent`](crate::GradientDescent), on two functions: a loss of the classifier, to be climbed,
//! and the detector's score, to be descended ([`Trade`] says how). Of all iterates, over all restarts, the one that reaches
//! the goal with the *lowest score* is the result. With early stop an image is left alone from the first iterate on that reaches
//! the goal and scores no higher than the detector's threshold: exactly the same images pass, with less work. The attacks are
//! parameters:
//!
//! | | steps | start | trade | optimizer | source |
//! |---|---|---|---|---|---|
//! | [`r_fgsm`](AdaptiveDescent::r_fgsm) | 1, of epsilon | original | penalty | steepest | Qin et al. 2020, arXiv:1907.02957, section 5.2 |
//! | [`r_bim`](AdaptiveDescent::r_bim) | many | original | penalty | steepest | |
//! | [`r_pgd`](AdaptiveDescent::r_pgd) | many | random | penalty | steepest | |
//! | [`selective_pgd`](AdaptiveDescent::selective_pgd) | many | original | selective | steepest | Bryniarski et al. 2022, arXiv:2106.15023 |
//! | [`orthogonal_pgd`](AdaptiveDescent::orthogonal_pgd) | many | original | orthogonal | steepest | |
//! | [`selective_adam`](AdaptiveDescent::selective_adam) | many | original | selective | Adam | the same, by the optimiser of Carlini and Wagner 2017, arXiv:1711.08478 |
//!
//! It is no attack on the classifier alone, and knows nothing of how the detector works: it needs a [`Guarded`](crate::Guarded)
//! model.

mod conditional;
mod optimizer;
mod quietest;
mod trade;
mod worst;

use candle_core::{DType, Tensor};

pub use self::conditional::Conditional;
pub use self::optimizer::Optimizer;
use self::quietest::{Quietest, Tried};
pub use self::trade::Trade;
pub use self::worst::Worst;
use crate::working_set::WorkingSet;
use crate::{
    Attack, Budget, Configuration, Error, Images, LossGradient, Model, Proposal, ScoreGradient, Setting, Start, Step,
    Suspicion, Task, Trace,
};

/// Ascent on the loss and descent on the score within a budget.
#[derive(Debug, Clone, Copy)]
pub struct AdaptiveDescent {
    /// What to call it in reports.
    pub name: &'static str,
    /// How many steps to go.
    pub steps: usize,
    /// The length of each.
    pub step: Step,
    /// Where the first run starts; all others start at random.
    pub start: Start,
    /// How to make one direction of two gradients.
    pub trade: Trade,
    /// How to step in that direction.
    pub optimizer: Optimizer,
    /// How many runs; at least one.
    pub restarts: usize,
    /// Whether an image is done as soon as it reaches the goal and passes the detector's
    /// [threshold](crate::Suspicion::threshold), which there must be then.
    pub early_stop: bool,
}

impl AdaptiveDescent {
    /// One step to the border of the budget on `loss - lambda * score`.
    #[must_use]
    pub fn r_fgsm(lambda: f64) -> Self {
        Self { name: "r-fgsm", ..Self::r_bim(1, Step::EpsilonOver(1.0), lambda) }
    }

    /// Steps from the original on `loss - lambda * score`.
    #[must_use]
    pub fn r_bim(steps: usize, step: impl Into<Step>, lambda: f64) -> Self {
        let (step, trade) = (step.into(), Trade::Penalty { lambda });
        let (start, optimizer) = (Start::Original, Optimizer::Steepest);
        Self { name: "r-bim", steps, step, start, trade, optimizer, restarts: 1, early_stop: false }
    }

    /// The same from random starts.
    #[must_use]
    pub fn r_pgd(steps: usize, step: impl Into<Step>, lambda: f64) -> Self {
        Self { name: "r-pgd", start: Start::Random, ..Self::r_bim(steps, step, lambda) }
    }

    /// Up the loss until the goal is reached, then down the score.
    #[must_use]
    pub fn selective_pgd(steps: usize, step: impl Into<Step>) -> Self {
        Self { name: "selective-pgd", trade: Trade::Selective, ..Self::r_bim(steps, step, 0.0) }
    }

    /// The same by Adam's steps, which move each pixel by an amount of its own.
    #[must_use]
    pub fn selective_adam(steps: usize, step: impl Into<Step>) -> Self {
        Self { name: "selective-adam", optimizer: Optimizer::Adam, ..Self::selective_pgd(steps, step) }
    }

    /// As [`selective_pgd`](Self::selective_pgd), each without undoing the other.
    #[must_use]
    pub fn orthogonal_pgd(steps: usize, step: impl Into<Step>) -> Self {
        Self { name: "orthogonal-pgd", trade: Trade::Orthogonal, ..Self::r_bim(steps, step, 0.0) }
    }

    /// The length of a step, checked, and lambda with it.
    fn step_size(&self, budget: &Budget) -> Result<f64, Error> {
        let step = self.step.size(budget.epsilon());
        let lambda = if let Trade::Penalty { lambda } = self.trade { lambda } else { 0.0 };
        for (setting, value) in [(Setting::StepSize, step), (Setting::Lambda, lambda)] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(Error::SettingRange { setting, value, expected: "a finite number of at least 0" });
            }
        }
        Ok(step)
    }
}

/// The detector that an attack is against.
pub(crate) fn detector_of<'a>(model: &'a dyn Model, attack: &'static str) -> Result<&'a dyn Suspicion, Error> {
    model.suspicion().ok_or(Error::NoDetector { attack })
}

/// The threshold that an attack with early stop stops at; none without early stop.
pub(crate) fn stop_at(detector: &dyn Suspicion, early_stop: bool, attack: &'static str) -> Result<Option<f64>, Error> {
    match (early_stop, detector.threshold()) {
        (false, _) => Ok(None),
        (true, Some(threshold)) => Ok(Some(threshold.into())),
        (true, None) => Err(Error::NoThreshold { attack }),
    }
}

/// The scores `(B)` of a detector.
pub(crate) fn scores(scores: &Tensor) -> Result<Vec<f64>, Error> {
    Ok(scores.to_dtype(DType::F64)?.to_vec1()?)
}

impl Attack for AdaptiveDescent {
    fn name(&self) -> &str {
        self.name
    }

    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let Task { model, x0, goal, randomness } = *task;
        let detector = detector_of(model, self.name)?;
        let stop_at = stop_at(detector, self.early_stop, self.name)?;
        let passes = |tried: Tried| stop_at.is_some_and(|threshold| tried.passes(threshold));
        let step = self.step_size(budget)?;
        let originals = Images::from_tensor(x0)?;
        let mut traces = vec![Trace::default(); originals.count()];
        let mut quietest = Quietest::new(originals.clone());
        for restart in 0..self.restarts.max(1) as u64 {
            let mut start = originals.clone();
            if self.start == Start::Random || restart > 0 {
                let rows = start.rows_mut().zip(originals.rows());
                for ((x, x0), mut rng) in rows.zip(randomness.restart(restart).streams()) {
                    budget.norm().random_start(x, budget.epsilon(), &mut rng);
                    budget.constrain(x, x0, model.signature().bounds);
                }
            }
            let mut states = vec![self.optimizer.start(originals.row(0).len()); originals.count()];
            let mut run = WorkingSet::new(start, originals.clone(), goal.clone());
            run.keep(&quietest.those(|tried| !passes(tried)));
            // Once more than there are steps: the last iterate is looked at too.
            for number in 0..=self.steps {
                if run.positions.is_empty() {
                    break;
                }
                let asked = run.x.to_tensor(x0.device())?;
                let LossGradient { logits, loss, gradient } =
                    self.trade.objective().evaluate(model, &asked, &run.goal)?;
                let (reached, loss) = (run.reached(&logits)?, scores(&loss)?);
                let up = Images::of_gradient(&gradient, run.x.shape())?;
                let asked: Vec<usize> =
                    (0..reached.len()).filter(|&i| self.trade.asks_the_detector(reached[i])).collect();
                let known = suspect(detector, &run.x.select(&asked), x0)?;
                let mut known = known.iter().flat_map(|(scores, down)| scores.iter().zip(down.rows()));

                let mut left = Vec::with_capacity(reached.len());
                for (row, x) in run.x.rows_mut().enumerate() {
                    let trace = &mut traces[run.positions[row]];
                    trace.queries += 1;
                    let score = if self.trade.asks_the_detector(reached[row]) { known.next() } else { None };
                    trace.queries += u64::from(score.is_some());
                    let tried = match score {
                        Some((&score, _)) if reached[row] => Tried::Reached { score },
                        _ => Tried::Missed { loss: loss[row] },
                    };
                    quietest.offer(run.positions[row], x, tried);
                    if number == self.steps || passes(tried) {
                        continue;
                    }
                    left.push(row);
                    let down = score.map(|(_, down)| down);
                    let direction = self.trade.direction(reached[row], up.row(row), down);
                    if trace.gradient(&direction) {
                        states[run.positions[row]].step(x, &direction, step, budget.norm(), model.signature().bounds);
                        budget.constrain(x, run.x0.row(row), model.signature().bounds);
                    }
                }
                if left.len() < run.positions.len() {
                    run.keep(&left);
                }
            }
        }
        Ok(Proposal { images: quietest.finish(), traces })
    }

    fn configuration(&self, budget: &Budget) -> Configuration {
        let mut all = Configuration::default().with("steps", self.steps);
        all = all.with("step_size", self.step.size(budget.epsilon()));
        if let Trade::Penalty { lambda } = self.trade {
            all = all.with("lambda", lambda);
        }
        all = all.with("random_start", self.start == Start::Random).with("restarts", self.restarts);
        // After a single step there is nothing left to stop.
        if self.steps > 1 { all.with("early_stop", self.early_stop) } else { all }
    }

    fn knows_the_detector(&self) -> bool {
        true
    }
}

/// What the detector says of these versions of some images of a batch; nothing of no images.
fn suspect(detector: &dyn Suspicion, x: &Images, x0: &Tensor) -> Result<Option<(Vec<f64>, Images)>, Error> {
    if x.count() == 0 {
        return Ok(None);
    }
    let ScoreGradient { scores: found, gradient } = detector.evaluate(&x.to_tensor(x0.device())?)?;
    let found = scores(&found)?;
    if found.len() != x.count() {
        return Err(Error::Count { what: "scores", found: found.len(), images: x.count() });
    }
    Ok(Some((found, Images::of_gradient(&gradient, x.shape())?)))
}
