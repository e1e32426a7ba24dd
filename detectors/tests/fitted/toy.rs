//! A model that can be told another label than it is shown, and clean images for it.

use candle_core::{Device, Result, Tensor};
use rand::{Rng, SeedableRng, rngs::StdRng};
use robust_attacks::{Bounds, ClassConditional, Encoding, ImageShape, Model, Signature};

/// Images `(B, 8)`: three pixels that show the label, one for the style, and four that say what the classifier is told instead.
/// A label is drawn as its pixel beside the style, so an image whose two halves differ is drawn badly under what is predicted.
pub(crate) struct Toy;

impl Model for Toy {
    fn signature(&self) -> Signature {
        // Pixels without neighbours, lest what the classifier is told be taken for noise.
        Signature { shape: ImageShape::new(8, 1, 1), classes: 3, bounds: Bounds::UNIT }
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        x.narrow(1, 4, 3)? * 8.0
    }
}

impl ClassConditional for Toy {
    fn encode(&self, x: &Tensor) -> Result<Encoding> {
        Ok(Encoding { logits: self.logits(x)?, style: x.narrow(1, 3, 1)? })
    }

    fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor> {
        let shown = (label * 0.5)?;
        Tensor::cat(&[&shown, style, &shown, style], 1)
    }
}

/// `told` is the label that the classifier sees, `shown` the one that is drawn.
pub(crate) fn image(rng: &mut StdRng, shown: usize, told: usize, noise: f32) -> [f32; 8] {
    let style = rng.random_range(0.2..0.8);
    let mut pixels = [0.0, 0.0, 0.0, style, 0.0, 0.0, 0.0, style];
    (pixels[shown], pixels[4 + told]) = (0.5, 0.5);
    pixels.map(|pixel: f32| (pixel + rng.random_range(-noise..noise)).clamp(0.0, 1.0))
}

pub(crate) fn tensor(images: &[[f32; 8]]) -> Tensor {
    Tensor::from_slice(images.as_flattened(), (images.len(), 8), &Device::Cpu).unwrap()
}

pub(crate) fn population() -> (Tensor, Vec<u32>) {
    let mut rng = StdRng::seed_from_u64(0);
    let images: Vec<_> = (0..300).map(|i| image(&mut rng, i % 3, i % 3, 0.1)).collect();
    (tensor(&images), (0..300).map(|i| i % 3).collect())
}
