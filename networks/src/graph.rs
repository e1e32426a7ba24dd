//! The network as candle operations: the reference on every device, differentiable in everything.
//!
//! It is slow on a CPU (candle's convolution gradients are); [`StyleMemory`](super::StyleMemory) runs on the kernels
//! there and is tested against this.

use candle_core::{Result, Tensor};
use candle_nn::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig, Linear, Module, ops};
use robust_attacks::{Bounds, ClassConditional, Encoding, ImageShape, Model, Signature};

use super::SIDE;

const CONV: Conv2dConfig = Conv2dConfig { padding: 2, stride: 2, dilation: 1, groups: 1, cudnn_fwd_algo: None };
const DECONV: ConvTranspose2dConfig = ConvTranspose2dConfig { padding: 2, output_padding: 1, stride: 2, dilation: 1 };

/// Encoder and decoder over a set of tensors.
pub struct Graph {
    classes: usize,
    conv1: Conv2d,
    conv2: Conv2d,
    fc1: Linear,
    fc2: Linear,
    classifier: Linear,
    style: Linear,
    decoder_fc2: Linear,
    decoder_fc1: Linear,
    decoder_fc0: Linear,
    deconv2: ConvTranspose2d,
    deconv1: ConvTranspose2d,
}

impl Graph {
    /// The network over `tensors`, the 22 of the layout in its order. They may be variables; gradients reach them.
    ///
    /// # Errors
    /// If there are not 22 of them, or the classifier's weight has no first dimension.
    pub fn new(tensors: &[Tensor]) -> Result<Self> {
        let layers: Vec<(Tensor, Tensor)> =
            tensors.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        let [c1, c2, f1, f2, y, m, g2, g1, g0, d2, d1]: [(Tensor, Tensor); 11] = match layers.try_into() {
            Ok(layers) => layers,
            Err(_) => candle_core::bail!("the network has 22 tensors, not {}", tensors.len()),
        };
        let conv = |(weight, bias)| Conv2d::new(weight, Some(bias), CONV);
        let deconv = |(weight, bias)| ConvTranspose2d::new(weight, Some(bias), DECONV);
        let linear = |(weight, bias)| Linear::new(weight, Some(bias));
        Ok(Self {
            classes: y.0.dim(0)?,
            conv1: conv(c1),
            conv2: conv(c2),
            fc1: linear(f1),
            fc2: linear(f2),
            classifier: linear(y),
            style: linear(m),
            decoder_fc2: linear(g2),
            decoder_fc1: linear(g1),
            decoder_fc0: linear(g0),
            deconv2: deconv(d2),
            deconv1: deconv(d1),
        })
    }
}

/// What such a network takes and gives.
pub(super) fn signature(classes: usize) -> Signature {
    Signature { shape: ImageShape::new(1, SIDE, SIDE), classes, bounds: Bounds::UNIT }
}

impl Model for Graph {
    fn signature(&self) -> Signature {
        signature(self.classes)
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.encode(x)?.logits)
    }
}

impl ClassConditional for Graph {
    fn encode(&self, x: &Tensor) -> Result<Encoding> {
        let x = self.conv1.forward(x)?.relu()?;
        let x = self.conv2.forward(&x)?.relu()?.flatten_from(1)?;
        let x = self.fc1.forward(&x)?.relu()?;
        let x = self.fc2.forward(&x)?.relu()?;
        Ok(Encoding { logits: self.classifier.forward(&x)?, style: ops::sigmoid(&self.style.forward(&x)?)? })
    }

    fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor> {
        let code = Tensor::cat(&[label, style], 1)?;
        let x = self.decoder_fc2.forward(&code)?.relu()?;
        let x = self.decoder_fc1.forward(&x)?.relu()?;
        let x = self.decoder_fc0.forward(&x)?.relu()?.reshape(((), 64, 7, 7))?;
        let x = self.deconv2.forward(&x)?.relu()?;
        ops::sigmoid(&self.deconv1.forward(&x)?)
    }
}
