//! [`StyleMemoryGraph`]: encoder and decoder of a style-memory network on candle's graph.

use candle_core::{Result, Tensor};
use robust_attacks::{ClassConditional, Encoding, Model, Signature};

use crate::graph::Graph;
use crate::layout::Layout;
use crate::style_memory_spec::StyleMemorySpec;

/// The network in candle's operations, on any device.
pub struct StyleMemoryGraph {
    signature: Signature,
    encoder: Graph,
    decoder: Graph,
}

impl StyleMemoryGraph {
    /// The network over `tensors`, those of its layout in order. They may be variables; gradients reach them.
    ///
    /// # Errors
    /// If the tensors are not those of the layout.
    pub fn new(spec: &StyleMemorySpec, tensors: &[Tensor]) -> Result<Self> {
        let (encoder, decoder) = (spec.encoder(), spec.decoder());
        let (own, others) = tensors.split_at(Layout::of(&[&encoder]).tensors().len().min(tensors.len()));
        let (encoder, decoder) = (Graph::new(&encoder, own)?, Graph::new(&decoder, others)?);
        Ok(Self { signature: spec.signature(), encoder, decoder })
    }
}

/// As many outputs as the network has.
fn exactly<const N: usize>(outputs: Vec<Tensor>) -> Result<[Tensor; N]> {
    let count = outputs.len();
    outputs.try_into().map_err(|_| candle_core::Error::Msg(format!("{count} outputs, expected {N}")))
}

impl Model for StyleMemoryGraph {
    fn signature(&self) -> Signature {
        self.signature
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.encode(x)?.logits)
    }
}

impl ClassConditional for StyleMemoryGraph {
    fn encode(&self, x: &Tensor) -> Result<Encoding> {
        let [logits, style] = exactly(self.encoder.run(&[x])?)?;
        Ok(Encoding { logits, style })
    }

    fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor> {
        let [image] = exactly(self.decoder.run(&[label, style])?)?;
        Ok(image)
    }
}
