//! [`Film`]: the course of an attack, seen from the model's side. Where an attack asks for a gradient, there it is.

use std::sync::{Mutex, PoisonError};

use candle_core::{Result, Tensor};
use robust_attacks::Question;

/// Places that are kept at most; what an attack does after so many gradients is not filmed.
const MOST: usize = 2000;
/// Their pixels at most, 64 MB: of large images fewer places are kept.
const PIXELS: usize = 16 << 20;

/// Where a model of one image at a time was asked for gradients.
#[derive(Default)]
pub(super) struct Film {
    places: Mutex<Vec<Vec<f32>>>,
}

impl Film {
    /// At most `frames` of the places, spread evenly, the first and the last among them; `(P)` each.
    pub(super) fn develop(self, frames: usize) -> Vec<Vec<f32>> {
        let places = self.places.into_inner().unwrap_or_else(PoisonError::into_inner);
        let last = places.len().saturating_sub(1);
        let frames = frames.min(places.len());
        (0..frames).map(|frame| places[frame * last / (frames - 1).max(1)].clone()).collect()
    }

    /// Notes the place `x` of a question for a gradient.
    pub(super) fn note(&self, question: Question, x: &Tensor) -> Result<()> {
        if question == Question::Logits {
            return Ok(());
        }
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        // An attack that asks at one place for two gradients (the classifier's and the detector's) is there once.
        let place: Vec<f32> = x.flatten_all()?.to_vec1()?;
        if places.len() < MOST.min(PIXELS / place.len().max(1)) && places.last() != Some(&place) {
            places.push(place);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;
    use robust_attacks::{
        AttackExt, Bounds, Budget, FnModel, Goal, GradientDescent, ImageShape, Model, Norm, Randomness, Signature,
        Task, Watched,
    };

    use super::*;

    #[test]
    fn an_attack_is_seen_from_the_original_to_its_last_gradient_and_ends_the_same() {
        // The logit of class 1 grows with the pixel: every step of BIM adds 0.1.
        let signature = Signature { shape: ImageShape::new(1, 1, 1), classes: 2, bounds: Bounds::UNIT };
        let model = FnModel::new(signature, |x: &Tensor| Tensor::cat(&[&(x * -1.0)?, x], 1));
        let x = Tensor::from_slice(&[0.2_f32], (1, 1), &Device::Cpu).unwrap();
        let attack = GradientDescent::bim(4, 0.1);
        let (goal, budget) = (Goal::Targeted { classes: vec![1] }, Budget::new(Norm::Linf, 0.5).unwrap());
        let randomness = Randomness { seed: 0, indices: vec![0] };
        let film = Film::default();
        let filmed = Watched::new(&model, |question, x| film.note(question, x));
        let run = |model: &dyn Model| {
            attack.run(&Task { model, x0: &x, goal: &goal, randomness: &randomness }, &budget).unwrap()
        };
        let (filmed, plain) = (run(&filmed), run(&model));
        let pixel = |x: &Tensor| x.flatten_all().unwrap().to_vec1::<f32>().unwrap()[0];
        assert_eq!(pixel(&filmed.images), pixel(&plain.images));
        let shown: Vec<f32> = film.develop(99).iter().map(|place| (10.0 * place[0]).round()).collect();
        assert_eq!(shown, [2.0, 3.0, 4.0, 5.0]);
    }

    #[test]
    fn a_long_film_is_cut_to_first_last_and_some_between() {
        for (places, frames, shown) in
            [(0, 5, vec![]), (1, 5, vec![0.0]), (9, 5, vec![0.0, 2.0, 4.0, 6.0, 8.0]), (3, 1, vec![0.0])]
        {
            let film = Film::default();
            for place in 0..places {
                let place = Tensor::from_slice(&[place as f32], (1, 1), &Device::Cpu).unwrap();
                film.note(Question::LossGradient, &place).unwrap();
            }
            assert_eq!(film.develop(frames).concat(), shown);
        }
    }
}
