//! [`Asker`]: who waits for an answer, and may go away.
//!
//! An attack may take minutes, and whoever asked for it may hang up meanwhile: the page asks something newer, it is closed, or the
//! program is told to end. Then the next question that the attack asks of the network is an error, and the attack ends with it. No
//! attack knows of this.

use candle_core::Result;
use tokio::sync::oneshot::Sender;

use super::answer::Reply;

/// Whoever asked a question.
#[derive(Clone, Copy)]
pub(crate) struct Asker<'a>(&'a Sender<Reply>);

impl<'a> Asker<'a> {
    /// Who gets the answer.
    pub(crate) fn of(reply: &'a Sender<Reply>) -> Self {
        Self(reply)
    }

    /// An error once nobody waits for the answer any more.
    pub(super) fn waits(self) -> Result<()> {
        if self.0.is_closed() {
            candle_core::bail!("nobody waits for the answer any more");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use candle_core::{Device, Tensor};
    use robust_attacks::{
        AttackExt, Bounds, Budget, Goal, Guarded, ImageShape, MethodSpec, Model, Randomness, ScoreGradient, Settings,
        Signature, Suspicion, Task, Watched,
    };
    use tokio::sync::oneshot::{Receiver, channel};

    use super::*;

    /// Counts what it is asked, and lets the asker hang up at some question.
    struct Counting {
        asked: AtomicUsize,
        last: usize,
        asker: Mutex<Option<Receiver<Reply>>>,
    }

    impl Counting {
        fn count(&self) {
            if self.asked.fetch_add(1, Ordering::Relaxed) + 1 == self.last {
                self.asker.lock().unwrap().take();
            }
        }
    }

    impl Model for Counting {
        fn logits(&self, x: &Tensor) -> Result<Tensor> {
            self.count();
            let sum = x.flatten_from(1)?.sum_keepdim(1)?;
            Tensor::cat(&[(&sum * -1.0)?, (sum - 100.0)?], 1)
        }

        fn signature(&self) -> Signature {
            Signature { shape: ImageShape::new(1, 8, 8), classes: 2, bounds: Bounds::UNIT }
        }
    }

    impl Suspicion for Counting {
        fn evaluate(&self, x: &Tensor) -> Result<ScoreGradient> {
            self.count();
            ScoreGradient::of(x, |x| x.flatten_from(1)?.sum(1))
        }

        fn threshold(&self) -> Option<f32> {
            Some(0.5)
        }
    }

    #[test]
    fn every_kind_of_attack_ends_at_the_first_question_that_nobody_waits_for() {
        let x = Tensor::from_slice(&[0.5_f32; 64], (1, 1, 8, 8), &Device::Cpu).unwrap();
        for method in ["pgd", "auto", "cw", "square", "hop-skip-jump", "jsma", "fab", "selective-pgd", "spsa"] {
            let attack = method.parse::<MethodSpec>().unwrap();
            let budget = match attack.default_epsilon(ImageShape::new(1, 8, 8)) {
                Some(epsilon) => Budget::new(attack.norm(), epsilon).unwrap(),
                None => Budget::unbounded(attack.norm()),
            };
            let attack = attack.build(&Settings::new()).unwrap();
            let (reply, receiver) = channel();
            let model = Counting { asked: AtomicUsize::new(0), last: 3, asker: Mutex::new(Some(receiver)) };
            let guarded = Guarded { model: &model, detector: &model };
            let watched = Watched::new(&guarded, |_, _| Asker::of(&reply).waits());
            let (goal, randomness) = (Goal::Untargeted { labels: vec![0] }, Randomness { seed: 0, indices: vec![0] });
            let outcome = attack.run(&Task { model: &watched, x0: &x, goal: &goal, randomness: &randomness }, &budget);
            let error = outcome.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.starts_with("nobody waits for the answer any more"), "{method}: {error:?}");
            assert_eq!(model.asked.into_inner(), 3, "{method}");
        }
    }
}
