//! The attack of Carlini and Wagner 2017, arXiv:1608.04644, for L2 (section VI.A): the smallest change that fools by a margin of
//! at least `kappa`, the confidence. It descends on
//!
//! `||x - x0||_2^2 + c * max(kappa - margin(x), 0)`
//!
//! with Adam, the pixels being functions of unbounded variables (`tanh_space.rs`) and the margin that by which the label loses or
//! the target wins (`f_6` of section V). The constant `c` that weighs the two is found by a binary search, a descent
//! for each value. Of all images on the way the nearest that fools by the margin is the result; the original if there is none.
//!
//! Each image has a search of its own, and goes on to its next constant while others are still at an earlier one. A descent ends
//! early when it stalls: when in a tenth of its steps the lowest loss has not fallen by 0.01 %. Other programs ask that of the
//! sum over a batch, so that the slowest image decides for all.

mod search;

use candle_core::DType;

use self::search::Search;
use crate::working_set::WorkingSet;
use crate::{Attack, Budget, Configuration, Error, Images, LossGradient, Margin, Objective, Proposal, Task, Trace};

/// Carlini and Wagner's attack. It minimises the L2 distance whatever the budget.
#[derive(Debug, Clone, Copy)]
pub struct CarliniWagner {
    /// How many constants to try for each image.
    pub searches: usize,
    /// How many gradients to follow for each constant, at most.
    pub steps: usize,
    /// How far Adam moves a variable at once.
    pub learning_rate: f64,
    /// The margin to fool by, `kappa`, in units of logits.
    pub confidence: f64,
    /// The first constant.
    pub initial_constant: f64,
}

impl Attack for CarliniWagner {
    fn name(&self) -> &str {
        "cw"
    }

    fn perturb(&self, task: &Task, _: &Budget) -> Result<Proposal, Error> {
        let Task { model, x0, goal, .. } = *task;
        let originals = Images::from_tensor(x0)?;
        let mut traces = vec![Trace::default(); originals.count()];
        let mut searches: Vec<Search> =
            originals.rows().map(|x0| Search::new(*self, x0, model.signature().bounds)).collect();
        let mut open = WorkingSet::new(originals.clone(), originals, goal.clone());
        loop {
            let going: Vec<usize> = (0..searches.len()).filter(|&row| !searches[row].is_over()).collect();
            if going.len() < searches.len() {
                open.x.rows_mut().zip(&searches).for_each(|(x, search)| x.copy_from_slice(search.nearest()));
                open.keep(&going);
                searches.retain(|search| !search.is_over());
            }
            if searches.is_empty() {
                break;
            }
            open.x.rows_mut().zip(&mut searches).for_each(|(x, search)| search.image(x));
            let asked = open.x.to_tensor(x0.device())?;
            let LossGradient { loss, gradient, .. } = Margin.evaluate(model, &asked, &open.goal)?;
            let margins = loss.to_dtype(DType::F32)?.to_vec1::<f32>()?;
            let mut gradients = Images::of_gradient(&gradient, open.x.shape())?;
            let answers = gradients.rows_mut().zip(margins);
            let rows = open.positions.iter().zip(open.x.rows().zip(open.x0.rows())).zip(answers);
            for (search, ((&image, (x, x0)), (gradient, margin))) in searches.iter_mut().zip(rows) {
                traces[image].queries += 1;
                let gradient = traces[image].gradient(gradient).then_some(gradient);
                search.advance(x, x0, f64::from(margin), gradient);
            }
        }
        Ok(Proposal { images: open.finish(), traces })
    }

    fn configuration(&self, _: &Budget) -> Configuration {
        Configuration::default()
            .with("steps", self.steps)
            .with("searches", self.searches)
            .with("learning_rate", self.learning_rate)
            .with("confidence", self.confidence)
            .with("initial_constant", self.initial_constant)
    }
}
