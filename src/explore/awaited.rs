//! [`Awaited`]: a model that answers only as long as somebody waits for what comes of it.
//!
//! An attack may take minutes, and whoever asked for it may hang up meanwhile: the page asks something newer, it is closed, or the
//! program is told to end. Then the next question that the attack asks of the network is an error, and the attack ends with it. No
//! attack knows of this.

use candle_core::{Result, Tensor};
use robust_attacks::{Bounds, LogitLoss, LossGradient, Model, ScoreGradient, Suspicion};
use tokio::sync::oneshot::Sender;

use super::answer::Reply;

/// Whoever asked a question.
#[derive(Clone, Copy)]
pub struct Asker<'a>(&'a Sender<Reply>);

impl<'a> Asker<'a> {
    /// Who gets the answer.
    #[must_use]
    pub fn of(reply: &'a Sender<Reply>) -> Self {
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

/// A model, and for whom it works.
pub(super) struct Awaited<'a> {
    model: &'a dyn Model,
    asker: Asker<'a>,
}

impl<'a> Awaited<'a> {
    pub(super) fn by(asker: Asker<'a>, model: &'a dyn Model) -> Self {
        Self { model, asker }
    }
}

impl Model for Awaited<'_> {
    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        self.asker.waits()?;
        self.model.logits(x)
    }

    fn bounds(&self) -> Bounds {
        self.model.bounds()
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> Result<LossGradient> {
        self.asker.waits()?;
        self.model.loss_gradient(x, loss)
    }

    fn suspicion(&self) -> Option<&dyn Suspicion> {
        self.model.suspicion().map(|_| self as &dyn Suspicion)
    }
}

impl Suspicion for Awaited<'_> {
    fn evaluate(&self, x: &Tensor) -> Result<ScoreGradient> {
        self.asker.waits()?;
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
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use candle_core::Device;
    use robust_attacks::{AttackExt, Budget, Goal, Guarded, MethodSpec, Randomness, Settings};
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

        fn bounds(&self) -> Bounds {
            Bounds { min: 0.0, max: 2.0 }
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
            let budget = match attack.default_epsilon() {
                Some(epsilon) => Budget::new(attack.norm(), epsilon).unwrap(),
                None => Budget::unbounded(attack.norm()),
            };
            let attack = attack.build(&Settings::new()).unwrap();
            let (reply, receiver) = channel();
            let model = Counting { asked: AtomicUsize::new(0), last: 3, asker: Mutex::new(Some(receiver)) };
            let guarded = Guarded { model: &model, detector: &model };
            let awaited = Awaited::by(Asker::of(&reply), &guarded);
            let randomness = Randomness { seed: 0, indices: vec![0] };
            let outcome = attack.run(&awaited, &x, &Goal::Untargeted { labels: vec![0] }, &budget, &randomness);
            let error = outcome.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.starts_with("nobody waits for the answer any more"), "{method}: {error:?}");
            assert_eq!(model.asked.into_inner(), 3, "{method}");
        }
    }

    #[test]
    fn the_model_is_the_same_as_long_as_somebody_waits() {
        let x = Tensor::from_slice(&[0.5_f32; 4], (1, 1, 2, 2), &Device::Cpu).unwrap();
        let (reply, _receiver) = channel();
        let model = Counting { asked: AtomicUsize::new(0), last: 0, asker: Mutex::default() };
        let alone = Awaited::by(Asker::of(&reply), &model);
        assert!(alone.suspicion().is_none());
        let guarded = Guarded { model: &model, detector: &model };
        let awaited = Awaited::by(Asker::of(&reply), &guarded);
        let values = |x: Tensor| x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(awaited.bounds(), model.bounds());
        assert_eq!(values(awaited.logits(&x).unwrap()), values(model.logits(&x).unwrap()));
        let loss = |logits: &Tensor| logits.sum(1);
        let (found, expected) = (awaited.loss_gradient(&x, &loss).unwrap(), model.loss_gradient(&x, &loss).unwrap());
        assert_eq!(values(found.gradient), values(expected.gradient));
        let detector = awaited.suspicion().unwrap();
        assert_eq!((detector.threshold(), values(detector.evaluate(&x).unwrap().scores)), (Some(0.5), vec![2.0]));
    }
}
