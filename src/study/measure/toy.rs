//! A network whose drawings show what they were drawn from, so that what is measured on it has a closed form.

use candle_core::{Device, Result, Tensor};
use robust_attacks::{Bounds, ClassConditional, Encoding, ImageShape, Model, Signature};

use super::{Artist, Codes, Gallery};
use robust_networks::{PIXELS, SIDE, STYLES};

/// Classes of the toy.
pub(super) const CLASSES: usize = 3;

/// The first pixels of an image are the label's distribution, the next ones the style; all others are blank.
pub(super) struct Toy;

impl Model for Toy {
    fn signature(&self) -> Signature {
        Signature { shape: ImageShape::new(1, SIDE, SIDE), classes: CLASSES, bounds: Bounds::UNIT }
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        x.flatten_from(1)?.narrow(1, 0, CLASSES)?.affine(20.0, 0.0)
    }
}

impl ClassConditional for Toy {
    fn encode(&self, x: &Tensor) -> Result<Encoding> {
        let style = x.flatten_from(1)?.narrow(1, CLASSES, STYLES)?.contiguous()?;
        Ok(Encoding { logits: self.logits(x)?, style })
    }

    fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor> {
        let blank = Tensor::zeros((label.dim(0)?, PIXELS - CLASSES - STYLES), label.dtype(), label.device())?;
        Tensor::cat(&[label, style, &blank], 1)?.reshape((label.dim(0)?, 1, SIDE, SIDE))
    }
}

/// The toy as artist.
pub(super) fn artist() -> Artist<'static> {
    Artist::new(&Toy, &Device::Cpu)
}

/// A gallery of images `(true class, class that the toy sees, first style neuron)`; all other neurons are 0.
pub(super) fn gallery(images: &[(u32, u32, f32)]) -> Gallery {
    let mut pixels = vec![0.0; images.len() * PIXELS];
    for (image, &(_, seen, style)) in pixels.chunks_mut(PIXELS).zip(images) {
        image[seen as usize] = 1.0;
        image[CLASSES] = style;
    }
    let codes: Codes = artist().read(&pixels).unwrap();
    Gallery {
        shape: artist().shape(),
        class_names: ["a", "b", "c"].map(str::to_owned).to_vec(),
        labels: images.iter().map(|image| image.0).collect(),
        indices: (0..images.len() as u64).collect(),
        characters: Vec::new(),
        reconstructions: artist().draw(&codes.distributions, &codes.styles).unwrap(),
        errors: vec![0.25; images.len()],
        images: pixels,
        codes,
    }
}
