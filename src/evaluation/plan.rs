//! [`PlannedAttack`]: a method with its settings, ready to run, and the sets that one run of it makes.

use robust_attacks::{
    Attack, Axis, Budget, Configuration, Error, ImageShape, MethodSpec, Model, Norm, Setting, Settings,
};
use robust_detectors::Threshold;

use super::attacked_set::AttackedSet;
use super::campaign::Campaign;
use super::outcome::{Outcome, Target};
use super::set_name::SetName;

/// An attack, ready to run, and the sets that one run of it makes.
pub struct PlannedAttack {
    /// Method and norm.
    pub spec: MethodSpec,
    /// The attack, for any budget under that norm.
    pub attack: Box<dyn Attack>,
    /// The detector that it knows and is against.
    pub against: Option<&'static str>,
    /// That detector's threshold, where it decides the images: with early stop.
    pub threshold: Option<f32>,
    stops_early: bool,
    /// A set for each epsilon, or one where there is no budget.
    pub sets: Vec<PlannedSet>,
}

/// One set: a budget, and what the attack does within it.
pub struct PlannedSet {
    /// Such as `bim@0.3`.
    pub name: SetName,
    /// Its number among all sets of a run, from 1, and how many these are; for a person.
    pub turn: [usize; 2],
    /// Norm and epsilon.
    pub budget: Budget,
    /// What decides the images.
    pub configuration: Configuration,
}

impl PlannedAttack {
    /// The method on images of `shape` at every `epsilon`, its default where there is none given; without a budget where it has none. A
    /// method that knows a detector is against the one called `against`.
    ///
    /// # Errors
    /// A setting that the method does not have or that is out of range, or an epsilon that is: negative, or
    /// [`Error::BeyondBounds`].
    pub fn new(
        spec: MethodSpec,
        settings: &Settings,
        epsilon: &[f64],
        shape: ImageShape,
        against: &'static str,
    ) -> Result<Self, Error> {
        let attack = spec.build(settings)?;
        let sets = budgets(spec, epsilon, shape)?.into_iter().map(|budget| PlannedSet {
            name: SetName::of(spec, &budget, settings),
            turn: [1, 1],
            configuration: attack.configuration(&budget),
            budget,
        });
        let sets = sets.collect();
        let against = attack.knows_the_detector().then_some(against);
        let stops_early = settings.get(Setting::EarlyStop).is_some();
        Ok(Self { spec, against, stops_early, threshold: None, attack, sets })
    }

    /// Notes the threshold of the detector that it is against.
    pub fn set_threshold(&mut self, threshold: Threshold) {
        self.threshold = (self.against.is_some() && self.stops_early).then(|| threshold.score());
    }

    /// The attack on a model, for some of its sets.
    #[must_use]
    pub fn campaign<'a>(
        &'a self,
        model: &'a dyn Model,
        sets: &[PlannedSet],
        target: Option<Target>,
        seed: u64,
    ) -> Campaign<'a> {
        let budgets = sets.iter().map(|set| set.budget).collect();
        Campaign { model, judge: None, attack: &*self.attack, budgets, target, seed }
    }

    /// What a report says of one of the sets, once it is attacked.
    #[must_use]
    pub fn attacked(&self, set: &PlannedSet, target: Option<Target>, outcomes: &[&Outcome]) -> AttackedSet {
        let is_measured = self.spec.method().axis != Axis::Severity;
        let attack = AttackedSet {
            set: set.name.clone(),
            method: self.spec.id().to_owned(),
            norm: is_measured.then(|| self.spec.norm().to_string()),
            epsilon: set.budget.is_bounded().then(|| set.budget.epsilon()),
            against: self.against.map(str::to_owned),
            against_threshold: self.threshold,
            settings: set.configuration.clone(),
            target,
            ..AttackedSet::default()
        };
        attack.with(outcomes)
    }
}

/// The budgets that a method runs within: each epsilon given or its default, or none.
fn budgets(spec: MethodSpec, epsilon: &[f64], shape: ImageShape) -> Result<Vec<Budget>, Error> {
    let Some(default) = spec.default_epsilon(shape) else { return Ok(vec![Budget::unbounded(spec.norm())]) };
    let epsilon = if epsilon.is_empty() { &[default] } else { epsilon };
    epsilon.iter().map(|&epsilon| budget(spec.norm(), epsilon, shape)).collect()
}

/// A budget that two images may use up.
fn budget(norm: Norm, epsilon: f64, shape: ImageShape) -> Result<Budget, Error> {
    let farthest = norm.farthest(shape.pixels());
    if epsilon > farthest { Err(Error::BeyondBounds { epsilon, norm, farthest }) } else { Budget::new(norm, epsilon) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_images_may_be_apart_depends_on_their_shape() {
        for ([channels, height, width], l2) in
            [([1, 28, 28], 28.0), ([3, 32, 32], 3072_f64.sqrt()), ([3, 24, 40], 2880_f64.sqrt()), ([1, 64, 64], 64.0)]
        {
            let shape = ImageShape::new(channels, height, width);
            let check = |method: &str, epsilon: f64| {
                let spec = method.parse().unwrap();
                PlannedAttack::new(spec, &Settings::new(), &[0.1, epsilon], shape, "combined").map(|_| ())
            };
            for (method, farthest) in [("bim", 1.0), ("bim-l2", l2)] {
                check(method, farthest).unwrap();
                let beyond = check(method, farthest + 0.001);
                assert!(matches!(beyond, Err(Error::BeyondBounds { farthest: f, .. }) if f == farthest), "{beyond:?}");
            }
        }
    }
}
