//! The two halves of every attack: what it proposes, which it writes, and what counts, which it cannot touch.

use candle_core::Tensor;

use crate::{Adversarials, Budget, Error, Goal, Images, Model, Randomness, input};

/// What an attack hands over to be judged.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The shape of the original images.
    pub images: Images,
    /// `(B)`: at some step the gradient was exactly zero, so that the attack had nowhere to go. Many of these mean that the
    /// model hides its gradient, not that it is robust.
    pub zero_gradient: Vec<bool>,
    /// `(B)`: at some step the gradient was NaN or infinite, and the image stayed where it was.
    pub nan_gradient: Vec<bool>,
}

/// A way to search for adversarial images. Implement this; call [`AttackExt::run`].
pub trait Attack: Send + Sync {
    /// What to call it in reports, such as `bim`.
    fn name(&self) -> &str;

    /// Proposes an image for each of `x0`, `(B, ...)` f32 within the model's bounds. The input has been checked. What is
    /// proposed for an image must depend on that image, its class and its random stream alone.
    ///
    /// # Errors
    /// Whatever the model reports.
    fn perturb(
        &self,
        model: &dyn Model,
        x0: &Tensor,
        goal: &Goal,
        budget: &Budget,
        randomness: &Randomness,
    ) -> Result<Proposal, Error>;
}

/// The public call, the same for every attack: implemented for all of them here and nowhere else.
pub trait AttackExt: Attack {
    /// Attacks the images `x`, `(B, ...)` f32 within the model's bounds.
    ///
    /// Nothing that the attack says is trusted: its images are projected onto the budget around `x`, clipped to the
    /// model's bounds and classified again; the distances, in f64, are those of the images returned.
    ///
    /// # Errors
    /// Names what is wrong with the images, classes, indices or bounds, with the model's logits, or with the proposal.
    fn run(
        &self,
        model: &dyn Model,
        x: &Tensor,
        goal: &Goal,
        budget: &Budget,
        randomness: &Randomness,
    ) -> Result<Adversarials, Error> {
        let originals = input::check(model, x, goal, randomness)?;
        let mut proposal = self.perturb(model, x, goal, budget, randomness)?;
        check_proposal(self.name(), &proposal, &originals)?;
        for (x, x0) in proposal.images.rows_mut().zip(originals.rows()) {
            budget.enforce(x, x0, model.bounds());
        }
        Adversarials::judge(model, x.device(), goal, &originals, proposal)
    }
}

impl<A: Attack + ?Sized> AttackExt for A {}

/// One finite image and one flag of each kind per original, or the attack has a bug worth naming.
fn check_proposal(attack: &str, proposal: &Proposal, originals: &Images) -> Result<(), Error> {
    let broken = |found: String| Err(Error::Proposal { attack: attack.to_owned(), found });
    let flags = [proposal.zero_gradient.len(), proposal.nan_gradient.len()];
    if proposal.images.shape() != originals.shape() {
        return broken(format!("images of shape {:?} for {:?}", proposal.images.shape(), originals.shape()));
    }
    if flags != [originals.count(); 2] {
        return broken(format!("{} and {} gradient flags for {} images", flags[0], flags[1], originals.count()));
    }
    match proposal.images.rows().position(|row| row.iter().any(|pixel| !pixel.is_finite())) {
        Some(image) => broken(format!("a pixel that is NaN or infinite for image {image} of the batch")),
        None => Ok(()),
    }
}
