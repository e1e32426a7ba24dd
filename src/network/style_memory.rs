//! [`StyleMemory`]: the network as attacks and detectors see it.

use candle_core::{Device, Result, Tensor};
use robust_attacks::{ClassConditional, Encoding, Model};

use super::{Graph, Parameters};

/// A style-memory network on a device, ready to classify, to draw and to be attacked.
pub struct StyleMemory {
    classes: usize,
    graph: Graph,
}

impl StyleMemory {
    /// The network with these weights on `device`.
    ///
    /// # Errors
    /// If the device cannot hold them.
    pub fn new(parameters: &Parameters, device: &Device) -> Result<Self> {
        let graph = Graph::new(&parameters.tensors(device)?)?;
        Ok(Self { classes: parameters.layout().classes(), graph })
    }
}

impl Model for StyleMemory {
    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.encode(x)?.logits)
    }
}

impl ClassConditional for StyleMemory {
    fn classes(&self) -> usize {
        self.classes
    }

    fn encode(&self, x: &Tensor) -> Result<Encoding> {
        self.graph.encode(x)
    }

    fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor> {
        self.graph.decode(label, style)
    }
}
