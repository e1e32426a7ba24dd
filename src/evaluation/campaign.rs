//! One attack on many images: who is attacked, toward what, and what came of it.
//!
//! An image that the network already gets wrong, or whose label is the target, is *skipped*: its adversarial image is
//! the clean one and its distances are 0. Success counts over the others. Where another network is the judge, it decides
//! who is skipped and who is fooled, and where the least likely class is the target, which one that is.

use anyhow::Result;
use candle_core::Tensor;
use rand::Rng;
use robust_attacks::Error as AttackError;
use robust_attacks::random::stream;
use robust_attacks::{Adversarials, Attack, AttackExt, Budget, Goal, Model, Randomness, Task, Trace, prediction};
use robust_detectors::Status;

use super::outcome::{AttackRow, Outcome, Target};

/// The judge's logits for an image are NaN or infinite.
#[derive(Debug, thiserror::Error)]
#[error("the judge's logits for image {image} of the batch are NaN or infinite: are its weights sound?")]
pub struct JudgeNotFinite {
    /// Position in the batch.
    pub image: usize,
}

/// An attack with its budgets and aim.
pub struct Campaign<'a> {
    /// The network attacked.
    pub model: &'a dyn Model,
    /// Another network that judges the images in its place: whether they transfer.
    pub judge: Option<&'a dyn Model>,
    /// The method.
    pub attack: &'a dyn Attack,
    /// Norm and epsilon; each gives a result of its own.
    pub budgets: Vec<Budget>,
    /// The aim; none is any wrong class.
    pub target: Option<Target>,
    /// Seed of the attack's randomness and of random targets.
    pub seed: u64,
}

/// Images with what is known of them.
pub struct Images {
    /// `(B, C, H, W)`.
    pub x: Tensor,
    /// `(B)`, 0-based.
    pub labels: Vec<u32>,
    /// `(B)`, position in the split.
    pub indices: Vec<u64>,
}

/// The result for a batch, in its order.
#[derive(Clone)]
pub struct Attacked {
    /// `(B, C, H, W)`.
    pub x_adv: Tensor,
    /// What came of it.
    pub outcome: Outcome,
}

impl Campaign<'_> {
    /// Attacks a batch within each budget.
    ///
    /// # Errors
    /// Whatever the attack or the device reports.
    pub fn run(&self, images: &Images) -> Result<Vec<Attacked>> {
        let logits = self.logits(&images.x)?;
        let targets = self.targets(images, &logits);
        let rows: Vec<AttackRow> = (0..images.labels.len())
            .map(|i| AttackRow::clean(images.indices[i], images.labels[i], &logits[i], targets.as_ref().map(|t| t[i])))
            .collect();

        let open: Vec<usize> = (0..rows.len()).filter(|&i| rows[i].status != Status::Skipped).collect();
        if open.is_empty() {
            let outcome = Outcome { rows, fooled_model: 0, zero_gradient: 0, nan_gradient: 0 };
            return Ok(vec![Attacked { x_adv: images.x.clone(), outcome }; self.budgets.len()]);
        }
        let pick = |values: &[u32]| open.iter().map(|&i| values[i]).collect::<Vec<_>>();
        let goal = match &targets {
            Some(targets) => Goal::Targeted { classes: pick(targets) },
            None => Goal::Untargeted { labels: pick(&images.labels) },
        };
        let randomness = Randomness { seed: self.seed, indices: open.iter().map(|&i| images.indices[i]).collect() };
        let x = select(&images.x, &open)?;
        let task = Task { model: self.model, x0: &x, goal: &goal, randomness: &randomness };
        let found = self.attack.run_each(&task, &self.budgets)?;
        found.into_iter().map(|found| self.attacked(images, &open, &goal, rows.clone(), found)).collect()
    }

    /// The result within one budget, put in the places `open` of the batch.
    fn attacked(
        &self,
        images: &Images,
        open: &[usize],
        goal: &Goal,
        mut rows: Vec<AttackRow>,
        mut found: Adversarials,
    ) -> Result<Attacked> {
        let fooled_model = found.success.iter().filter(|&&success| success).count();
        if self.judge.is_some() {
            let logits = self.logits(&found.images)?;
            (found.predictions, found.confidences) = logits.iter().map(|logits| prediction(logits)).unzip();
            found.success = goal.reached(&found.predictions);
        }
        for (position, &i) in open.iter().enumerate() {
            rows[i].judge(&found, position);
        }
        let count = |flag: fn(&Trace) -> bool| found.traces.iter().filter(|trace| flag(trace)).count();
        let (zero_gradient, nan_gradient) = (count(|trace| trace.zero_gradient), count(|trace| trace.nan_gradient));
        let outcome = Outcome { rows, fooled_model, zero_gradient, nan_gradient };
        Ok(Attacked { x_adv: scatter(&images.x, &found, open)?, outcome })
    }

    /// What the judge, or else the network attacked, makes of images; all are finite.
    fn logits(&self, x: &Tensor) -> Result<Vec<Vec<f32>>> {
        let logits: Vec<Vec<f32>> = self.judge.unwrap_or(self.model).logits(x)?.to_vec2()?;
        match logits.iter().position(|row| row.iter().any(|logit| !logit.is_finite())) {
            Some(image) if self.judge.is_some() => Err(JudgeNotFinite { image }.into()),
            Some(image) => Err(AttackError::LogitsNotFinite { image }.into()),
            None => Ok(logits),
        }
    }

    fn targets(&self, images: &Images, logits: &[Vec<f32>]) -> Option<Vec<u32>> {
        let rows = images.labels.iter().zip(&images.indices).zip(logits);
        let target = |((&label, &index), logits): ((&u32, &u64), &Vec<f32>), target| match target {
            Target::Class(class) => class,
            Target::Random => {
                let other = stream(self.seed, "target", &[index]).random_range(0..logits.len() as u32 - 1);
                if other < label { other } else { other + 1 }
            }
            Target::LeastLikely => {
                let lowest = logits.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1));
                lowest.map_or(0, |(class, _)| class as u32)
            }
        };
        self.target.map(|choice| rows.map(|row| target(row, choice)).collect())
    }
}

/// The images at `positions`, which ascend.
fn select(x: &Tensor, positions: &[usize]) -> Result<Tensor> {
    if positions.len() == x.dim(0)? {
        return Ok(x.clone());
    }
    let positions: Vec<u32> = positions.iter().map(|&i| i as u32).collect();
    let positions = Tensor::from_vec(positions.clone(), positions.len(), x.device())?;
    Ok(x.index_select(&positions, 0)?)
}

/// The clean images with the attacked ones in their places.
fn scatter(x: &Tensor, found: &Adversarials, positions: &[usize]) -> Result<Tensor> {
    if positions.len() == x.dim(0)? {
        return Ok(found.images.clone());
    }
    // Row i of the result is row `source[i]` of the clean images followed by the attacked ones.
    let mut source: Vec<u32> = (0..x.dim(0)? as u32).collect();
    for (position, &i) in positions.iter().enumerate() {
        source[i] = (x.dim(0)? + position) as u32;
    }
    let source = Tensor::from_vec(source.clone(), source.len(), x.device())?;
    Ok(Tensor::cat(&[x, &found.images], 0)?.index_select(&source, 0)?)
}
