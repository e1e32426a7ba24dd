//! [`StyleMemory`]: the network as attacks and detectors see it.
//!
//! On a CPU everything runs on the kernels; on other devices on candle's graph, which is also the reference in tests.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor, Var};
use robust_attacks::{ClassConditional, Encoding, LogitLoss, LossGradient, Model};

use super::fast::Fast;
use super::ops::{Decode, Encode, values};
use super::{Graph, Parameters, SIDE, STYLES};

/// A style-memory network on a device, ready to classify, to draw and to be attacked.
pub struct StyleMemory(Backend);

enum Backend {
    Kernels(Arc<Fast>),
    Graph(Box<Graph>),
}

impl StyleMemory {
    /// The network with these weights on `device`.
    ///
    /// # Errors
    /// If the device cannot hold them.
    pub fn new(parameters: &Parameters, device: &Device) -> Result<Self> {
        Ok(Self(match device {
            Device::Cpu => Backend::Kernels(Arc::new(Fast::new(parameters))),
            _ => Backend::Graph(Box::new(Graph::new(&parameters.tensors(device)?)?)),
        }))
    }
}

/// The number of images in a batch of the right shape, `(B, 1, 28, 28)`.
fn batch_of(x: &Tensor) -> Result<usize> {
    match x.dims() {
        &[batch, 1, SIDE, SIDE] => Ok(batch),
        dims => candle_core::bail!("images have shape {dims:?}, expected (B, 1, {SIDE}, {SIDE})"),
    }
}

impl Model for StyleMemory {
    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.encode(x)?.logits)
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> Result<LossGradient> {
        let fast = match &self.0 {
            Backend::Graph(graph) => return graph.loss_gradient(x, loss),
            Backend::Kernels(fast) => fast,
        };
        let shape = (batch_of(x)?, fast.classes());
        let mut outcome = None;
        // The kernels go to the logits and back; candle differentiates the loss in between.
        let gradient = fast.input_gradient(&values(x)?, |logits| {
            let logits = Var::from_slice(logits, shape, x.device())?;
            let losses = loss(&logits)?;
            let gradients = losses.sum_all()?.backward()?;
            let d_logits = match gradients.get(&logits) {
                Some(d_logits) => values(d_logits)?,
                None => candle_core::bail!("the loss does not depend on the logits"),
            };
            outcome = Some((logits.as_detached_tensor(), losses.detach()));
            Ok(d_logits)
        })?;
        let Some((logits, loss)) = outcome else { candle_core::bail!("the loss was not computed") };
        Ok(LossGradient { logits, loss, gradient: Tensor::from_vec(gradient, x.shape(), x.device())? })
    }
}

impl ClassConditional for StyleMemory {
    fn classes(&self) -> usize {
        match &self.0 {
            Backend::Graph(graph) => graph.classes(),
            Backend::Kernels(fast) => fast.classes(),
        }
    }

    fn encode(&self, x: &Tensor) -> Result<Encoding> {
        batch_of(x)?;
        match &self.0 {
            Backend::Graph(graph) => graph.encode(x),
            Backend::Kernels(fast) => {
                let code = x.contiguous()?.apply_op1(Encode(fast.clone()))?;
                let (logits, style) = (code.narrow(1, 0, fast.classes())?, code.narrow(1, fast.classes(), STYLES)?);
                Ok(Encoding { logits: logits.contiguous()?, style: style.contiguous()? })
            }
        }
    }

    fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor> {
        let (batch, classes) = label.dims2()?;
        if classes != self.classes() || style.dims() != [batch, STYLES] {
            let (label, style, expected) = (label.dims(), style.dims(), self.classes());
            candle_core::bail!("label {label:?} and style {style:?}, expected (B, {expected}) and (B, {STYLES})");
        }
        match &self.0 {
            Backend::Graph(graph) => graph.decode(label, style),
            Backend::Kernels(fast) => label.contiguous()?.apply_op2(&style.contiguous()?, Decode(fast.clone())),
        }
    }

    fn class_errors(&self, x: &Tensor, style: &Tensor) -> Result<Tensor> {
        let batch = batch_of(x)?;
        match &self.0 {
            Backend::Graph(graph) => graph.class_errors(x, style),
            Backend::Kernels(fast) => {
                let errors = fast.class_errors(&values(x)?, &values(style)?);
                Tensor::from_vec(errors, (batch, fast.classes()), x.device())
            }
        }
    }
}
