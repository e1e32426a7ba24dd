//! [`Film`]: the course of an attack, seen from the model's side. Where an attack asks for a gradient, there it is.
//!
//! No attack knows that it is filmed, so that there is no second version of any.

use std::sync::{Mutex, PoisonError};

use candle_core::{Result, Tensor};
use robust_attacks::{Bounds, LogitLoss, LossGradient, Model, ScoreGradient, Suspicion};

/// Places that are kept; what an attack does after so many gradients is not filmed.
const MOST: usize = 2000;

/// A model of one image at a time that remembers where it was asked for gradients.
pub(super) struct Film<'a> {
    model: &'a dyn Model,
    places: Mutex<Vec<Vec<f32>>>,
}

impl<'a> Film<'a> {
    pub(super) fn of(model: &'a dyn Model) -> Self {
        Self { model, places: Mutex::default() }
    }

    /// At most `frames` of the places, spread evenly, the first and the last among them; `(784)` each.
    pub(super) fn develop(self, frames: usize) -> Vec<Vec<f32>> {
        let places = self.places.into_inner().unwrap_or_else(PoisonError::into_inner);
        let last = places.len().saturating_sub(1);
        let frames = frames.min(places.len());
        (0..frames).map(|frame| places[frame * last / (frames - 1).max(1)].clone()).collect()
    }

    fn note(&self, x: &Tensor) -> Result<()> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        // An attack that asks at one place for two gradients (the classifier's and the detector's) is there once.
        let place: Vec<f32> = x.flatten_all()?.to_vec1()?;
        if places.len() < MOST && places.last() != Some(&place) {
            places.push(place);
        }
        Ok(())
    }
}

impl Model for Film<'_> {
    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        self.model.logits(x)
    }

    fn bounds(&self) -> Bounds {
        self.model.bounds()
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> Result<LossGradient> {
        self.note(x)?;
        self.model.loss_gradient(x, loss)
    }

    fn suspicion(&self) -> Option<&dyn Suspicion> {
        self.model.suspicion().map(|_| self as &dyn Suspicion)
    }
}

impl Suspicion for Film<'_> {
    fn evaluate(&self, x: &Tensor) -> Result<ScoreGradient> {
        self.note(x)?;
        match self.model.suspicion() {
            Some(detector) => detector.evaluate(x),
            None => candle_core::bail!("no detector stands in front of the model"),
        }
    }

    fn threshold(&self) -> Option<f32> {
        self.model.suspicion()?.threshold()
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;
    use robust_attacks::{AttackExt, Budget, FnModel, Goal, GradientDescent, Norm, Randomness};

    use super::*;

    #[test]
    fn an_attack_is_seen_from_the_original_to_its_last_gradient_and_ends_the_same() {
        // The logit of class 1 grows with the pixel: every step of BIM adds 0.1.
        let model = FnModel(|x: &Tensor| Tensor::cat(&[&(x * -1.0)?, x], 1));
        let x = Tensor::from_slice(&[0.2_f32], (1, 1), &Device::Cpu).unwrap();
        let attack = GradientDescent::bim(4, 0.1);
        let (goal, budget) = (Goal::Targeted { classes: vec![1] }, Budget::new(Norm::Linf, 0.5).unwrap());
        let randomness = Randomness { seed: 0, indices: vec![0] };
        let film = Film::of(&model);
        let filmed = attack.run(&film, &x, &goal, &budget, &randomness).unwrap();
        let plain = attack.run(&model, &x, &goal, &budget, &randomness).unwrap();
        let pixel = |x: &Tensor| x.flatten_all().unwrap().to_vec1::<f32>().unwrap()[0];
        assert_eq!(pixel(&filmed.images), pixel(&plain.images));
        let shown: Vec<f32> = film.develop(99).iter().map(|place| (10.0 * place[0]).round()).collect();
        assert_eq!(shown, [2.0, 3.0, 4.0, 5.0]);
    }

    #[test]
    fn a_long_film_is_cut_to_first_last_and_some_between() {
        let model = FnModel(|x: &Tensor| Ok(x.clone()));
        for (places, frames, shown) in
            [(0, 5, vec![]), (1, 5, vec![0.0]), (9, 5, vec![0.0, 2.0, 4.0, 6.0, 8.0]), (3, 1, vec![0.0])]
        {
            let film = Film::of(&model);
            for place in 0..places {
                film.note(&Tensor::from_slice(&[place as f32], (1, 1), &Device::Cpu).unwrap()).unwrap();
            }
            assert_eq!(film.develop(frames).concat(), shown);
        }
    }
}
