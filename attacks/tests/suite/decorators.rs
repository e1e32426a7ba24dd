//! A model around another one answers as it does, and says the same of itself.

use candle_core::{Result, Tensor};
use robust_attacks::{
    Bounds, FnModel, Guarded, ImageShape, LogitLoss, LossGradient, Model, Question, ScoreGradient, Signature,
    Suspicion, Watched,
};

use crate::models::{Flagging, pixels, tensor};

const SIGNATURE: Signature =
    Signature { shape: ImageShape::new(3, 2, 2), classes: 5, bounds: Bounds { min: -1.0, max: 1.0 } };

/// A model whose gradient, all 7, no other has.
struct Odd;

impl Model for Odd {
    fn signature(&self) -> Signature {
        SIGNATURE
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        x.flatten_from(1)?.narrow(1, 0, 5)
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> Result<LossGradient> {
        let logits = self.logits(x)?;
        Ok(LossGradient { loss: loss(&logits)?, logits, gradient: (x.ones_like()? * 7.0)? })
    }
}

fn check(model: &dyn Model, threshold: Option<f32>) {
    let x = tensor(&[0.25; 12], (1, 3, 2, 2));
    assert_eq!(model.signature(), SIGNATURE);
    assert_eq!(pixels(&model.logits(&x).unwrap()), [0.25; 5]);
    let LossGradient { loss, gradient, .. } = model.loss_gradient(&x, &|logits| logits.sum(1)).unwrap();
    assert_eq!((pixels(&loss), pixels(&gradient)), (vec![1.25], vec![7.0; 12]));
    assert_eq!(model.suspicion().and_then(Suspicion::threshold), threshold);
    if let Some(detector) = model.suspicion() {
        let ScoreGradient { scores, gradient } = detector.evaluate(&x).unwrap();
        assert_eq!((pixels(&scores), pixels(&gradient)), (vec![3.0], vec![1.0; 12]));
        let ScoreGradient { scores, gradient } = detector.supposing(&x, &[4], 0.5).unwrap();
        assert_eq!((pixels(&scores), pixels(&gradient)), (vec![4.0], vec![0.5; 12]));
        assert_eq!(pixels(&detector.drawing(&x, &[2]).unwrap().unwrap()), [2.25; 12]);
    }
}

/// Scores by the sum of the pixels; a supposed label is its score, and the temperature the gradient.
struct Supposing;

impl Suspicion for Supposing {
    fn evaluate(&self, x: &Tensor) -> Result<ScoreGradient> {
        ScoreGradient::of(x, |x| x.flatten_from(1)?.sum(1))
    }

    fn supposing(&self, x: &Tensor, labels: &[u32], temperature: f64) -> Result<ScoreGradient> {
        let scores = Tensor::new(labels, x.device())?.to_dtype(x.dtype())?;
        Ok(ScoreGradient { scores, gradient: (x.ones_like()? * temperature)? })
    }

    fn drawing(&self, x: &Tensor, labels: &[u32]) -> Result<Option<Tensor>> {
        Ok(Some((x + f64::from(labels[0]))?))
    }
}

#[test]
fn decorators_hand_on_signature_answers_and_detector() {
    let detector = Flagging { detector: Supposing, threshold: 0.5 };
    let guarded = Guarded { model: &Odd, detector: &detector };
    let watch = |_: Question, _: &Tensor| Ok(());
    check(&Odd, None);
    check(&&Odd, None);
    check(&guarded, Some(0.5));
    check(&Watched::new(&Odd, watch), None);
    check(&Watched::new(&guarded, watch), Some(0.5));
    check(&Guarded { model: Watched::new(&Odd, watch), detector: &detector }, Some(0.5));
    assert_eq!(FnModel::new(SIGNATURE, |x: &Tensor| Ok(x.clone())).signature(), SIGNATURE);
}

#[test]
fn a_watched_model_answers_what_the_watcher_lets_through() {
    let model = Watched::new(&Odd, |question, _: &Tensor| match question {
        Question::Logits => Ok(()),
        Question::LossGradient | Question::Suspicion => candle_core::bail!("no gradients here"),
    });
    let x = tensor(&[0.25; 12], (1, 3, 2, 2));
    assert!(model.logits(&x).is_ok());
    let error = model.loss_gradient(&x, &|logits| logits.sum(1)).unwrap_err();
    assert!(error.to_string().contains("no gradients here"), "{error}");
}
