//! [`Purified`]: a classifier that does not see an image but what a purifier makes of it.
//!
//! Two purifiers. The *autoencoder* of clean images is MagNet's reformer (Meng and Chen 2017, section 4.3). The *drawing* is what a style-memory
//! network draws under the label and the style that explain the image best, found by descent: Defense-GAN's idea (Samangouei, Kabkab and Chellappa
//! 2018, arXiv 1805.06605) with a decoder that knows labels.
//!
//! An attack through the autoencoder follows its gradient. A drawing has none to follow, for it comes from a search: the gradient is taken at the drawing
//! and given as that of the image, as if the purifier were the identity (BPDA, Athalye, Carlini and Wagner 2018, arXiv 1802.00420, section 4.1).
//! No detector: nothing is flagged.

use std::sync::Arc;

use candle_core::{D, DType, Result, Tensor, Var};
use robust_attacks::{Adam, ClassConditional, LogitLoss, LossGradient, Model, Signature};

use crate::autoencoder::{Autoencoder, Reconstruct};
use crate::look::unit;
use crate::{Error, Fit, Magnet, Subject};

/// Steps of the search for a style, and how far each goes; the encoder's guess is near.
const STEPS: usize = 20;
const STEP: f64 = 0.05;

/// A classifier behind a purifier.
pub struct Purified<'a> {
    subject: Subject<'a>,
    purifier: Purifier<'a>,
}

enum Purifier<'a> {
    Autoencoder(Arc<Autoencoder>),
    Drawing(&'a dyn ClassConditional),
}

impl<'a> Purified<'a> {
    /// Behind the first autoencoder of a fit of `magnet`, on the CPU.
    ///
    /// # Errors
    /// It is no such fit.
    pub fn by_autoencoder(subject: impl Into<Subject<'a>>, fit: &Fit) -> std::result::Result<Self, Error> {
        let autoencoder = Magnet::new(fit)?.reformer();
        Ok(Self { subject: subject.into(), purifier: Purifier::Autoencoder(autoencoder) })
    }

    /// Behind the model's own drawing.
    ///
    /// # Errors
    /// [`Error::NoDecoder`] if it draws nothing.
    pub fn by_drawing(subject: impl Into<Subject<'a>>) -> std::result::Result<Self, Error> {
        let subject = subject.into();
        Ok(Self { subject, purifier: Purifier::Drawing(subject.decoder("purification by drawing")?) })
    }

    /// What is classified in place of images `(B, C, H, W)`; by candle differentiable in them where there is a gradient.
    ///
    /// # Errors
    /// Whatever the model or candle reports.
    pub fn purify(&self, x: &Tensor) -> Result<Tensor> {
        match &self.purifier {
            Purifier::Autoencoder(autoencoder) => {
                let bounds = self.subject.bounds();
                let range = f64::from(bounds.max - bounds.min);
                let reformed = unit(x, bounds)?.contiguous()?.apply_op1(Reconstruct(autoencoder.clone()))?;
                reformed.affine(range, f64::from(bounds.min))
            }
            Purifier::Drawing(model) => drawing(*model, &x.detach()),
        }
    }
}

impl Model for Purified<'_> {
    fn signature(&self) -> Signature {
        self.subject.model().signature()
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        self.subject.logits(&self.purify(x)?)
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> Result<LossGradient> {
        let x = Var::from_tensor(&x.detach())?;
        let purified = self.purify(&x)?;
        let found = self.subject.model().loss_gradient(&purified.detach(), loss)?;
        if let Purifier::Drawing(_) = self.purifier {
            return Ok(found);
        }
        let gradients = (&purified * &found.gradient)?.sum_all()?.backward()?;
        match gradients.get(&x) {
            Some(gradient) => Ok(LossGradient { gradient: gradient.clone(), ..found }),
            None => candle_core::bail!("the purified images do not depend on the images: no gradient reached them"),
        }
    }
}

/// Every image as the model draws it under the label and the style of the smallest error that descent finds from the encoder's style on.
fn drawing(model: &dyn ClassConditional, x: &Tensor) -> Result<Tensor> {
    let encoded = model.encode(x)?.style.detach();
    let (batch, styles) = encoded.dims2()?;
    let mut style: Vec<f32> = encoded.flatten_all()?.to_vec1()?;
    let tensor = |style: &[f32]| Tensor::from_slice(style, (batch, styles), x.device());
    // An image's steps depend on no other image: the moments are kept apart by element.
    let mut adam = Adam::new(style.len());
    for _ in 0..STEPS {
        let current = Var::from_tensor(&tensor(&style)?)?;
        let smallest = model.class_errors(x, &current)?.min(D::Minus1)?;
        let Some(gradient) = smallest.sum_all()?.backward()?.get(&current).cloned() else {
            candle_core::bail!("the errors do not depend on the style: no gradient reached it")
        };
        adam.descend(&mut style, &gradient.flatten_all()?.to_vec1::<f32>()?, STEP);
        style.iter_mut().for_each(|entry| *entry = entry.clamp(0.0, 1.0));
    }
    let style = tensor(&style)?;
    let labels = model.class_errors(x, &style)?.detach().argmin(D::Minus1)?;
    let classes = model.signature().classes;
    let one_hot = Tensor::eye(classes, DType::F32, x.device())?.index_select(&labels, 0)?;
    model.decode(&one_hot, &style)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;
    use robust_attacks::{Bounds, Encoding, FnModel, ImageShape};

    use super::*;
    use crate::architecture::Architecture;

    const BOUNDS: Bounds = Bounds { min: -1.0, max: 2.0 };

    fn signature() -> Signature {
        Signature { shape: ImageShape::new(1, 4, 6), classes: 2, bounds: BOUNDS }
    }

    fn images() -> Tensor {
        let pixels: Vec<f32> = (0..48).map(|i| (1.3 * i as f32).sin() + 0.5).collect();
        Tensor::from_vec(pixels, (2, 1, 4, 6), &Device::Cpu).unwrap()
    }

    /// Of the two logits, apart for each image.
    fn loss(logits: &Tensor) -> Result<Tensor> {
        logits.narrow(1, 0, 1)?.sqr()?.sub(&logits.narrow(1, 1, 1)?)?.squeeze(1)
    }

    #[test]
    fn the_gradient_through_the_autoencoder_is_that_of_differences() {
        let classifier = FnModel::new(signature(), |x: &Tensor| {
            let x = x.flatten_from(1)?;
            Tensor::cat(&[x.narrow(1, 0, 12)?.sum_keepdim(1)?, x.narrow(1, 5, 19)?.sqr()?.sum_keepdim(1)?], 1)
        });
        let count = Architecture::Pooled.layout(1).len();
        let parameters = (0..count).map(|i| (0.8 * (1.0 + 0.7 * i as f64).sin()) as f32).collect();
        let autoencoder = Arc::new(Autoencoder::new(Architecture::Pooled, 1, parameters));
        let subject = Subject::Classifier(&classifier);
        let purified = Purified { subject, purifier: Purifier::Autoencoder(autoencoder) };
        let x = images();
        let found = purified.loss_gradient(&x, &loss).unwrap();
        assert_eq!(found.logits.to_vec2::<f32>().unwrap(), purified.logits(&x).unwrap().to_vec2::<f32>().unwrap());
        let gradient: Vec<f32> = found.gradient.flatten_all().unwrap().to_vec1().unwrap();
        let sum = |x: &Tensor| {
            let losses = loss(&purified.logits(x).unwrap()).unwrap();
            f64::from(losses.sum_all().unwrap().to_scalar::<f32>().unwrap())
        };
        for pixel in [0, 7, 23, 24, 40] {
            let moved = |step: f32| {
                let mut pixels: Vec<f32> = x.flatten_all().unwrap().to_vec1().unwrap();
                pixels[pixel] += step;
                sum(&Tensor::from_vec(pixels, x.shape(), x.device()).unwrap())
            };
            let expected = (moved(0.1) - moved(-0.1)) / 0.2;
            let near = (f64::from(gradient[pixel]) - expected).abs() < 3e-3 * (1.0 + expected.abs());
            assert!(near, "{pixel}: {} and {expected}", gradient[pixel]);
        }
    }

    /// Draws a label as a bright half and a style as its brightness.
    struct Halves;

    impl Model for Halves {
        fn signature(&self) -> Signature {
            signature()
        }

        fn logits(&self, x: &Tensor) -> Result<Tensor> {
            let halves = x.reshape((x.dim(0)?, 2, 12))?;
            halves.mean(2)
        }
    }

    impl ClassConditional for Halves {
        fn encode(&self, x: &Tensor) -> Result<Encoding> {
            let style = x.flatten_from(1)?.ones_like()?.narrow(1, 0, 1)?.affine(0.5, 0.0)?;
            Ok(Encoding { logits: self.logits(x)?, style })
        }

        fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor> {
            let batch = label.dim(0)?;
            let halves = label.broadcast_mul(style)?.unsqueeze(2)?.broadcast_as((batch, 2, 12))?;
            halves.reshape((batch, 1, 4, 6))
        }
    }

    #[test]
    fn a_drawing_is_the_best_label_in_the_best_style_and_gives_its_own_gradient() {
        // The upper half 0.8, and the lower 0.6 with a dent, which is drawn as its mean.
        let pixels = |upper: f32, lower: f32| [vec![upper; 12], vec![lower; 11], vec![0.0]].concat();
        let x = Tensor::from_vec([pixels(0.8, 0.1), pixels(0.0, 0.6)].concat(), (2, 1, 4, 6), &Device::Cpu).unwrap();
        let purified = Purified::by_drawing(&Halves as &dyn ClassConditional).unwrap();
        let drawn: Vec<Vec<f32>> = purified.purify(&x).unwrap().flatten_from(1).unwrap().to_vec2().unwrap();
        for (image, (half, style)) in [(0, 0.8), (1, 0.55)].into_iter().enumerate() {
            for (pixel, found) in drawn[image].iter().enumerate() {
                let expected = if pixel / 12 == half { style } else { 0.0 };
                assert!((found - expected).abs() < 0.03, "{image}, {pixel}: {found} and {expected}");
            }
        }
        // As if the purifier were the identity, at the drawing.
        let found = purified.loss_gradient(&x, &loss).unwrap();
        let at_drawing = Halves.loss_gradient(&purified.purify(&x).unwrap(), &loss).unwrap();
        let values = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(values(&found.gradient), values(&at_drawing.gradient));
        assert_eq!(values(&found.logits), values(&purified.logits(&x).unwrap()));
        // An image's drawing does not depend on the other.
        let alone: Vec<Vec<f32>> =
            purified.purify(&x.narrow(0, 1, 1).unwrap()).unwrap().flatten_from(1).unwrap().to_vec2().unwrap();
        assert_eq!(alone[0], drawn[1]);
    }

    #[test]
    fn what_does_not_draw_cannot_be_purified_by_drawing() {
        let classifier = FnModel::new(signature(), |x: &Tensor| x.flatten_from(1)?.narrow(1, 0, 2));
        let error = Purified::by_drawing(Subject::Classifier(&classifier)).err().unwrap().to_string();
        assert!(error.starts_with("purification by drawing needs a model that draws"), "{error}");
    }
}
