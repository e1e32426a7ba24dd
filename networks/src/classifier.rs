//! [`Classifier`]: any network from images to logits, as attacks and detectors see it.
//!
//! On a CPU it runs on the kernels where they know all of its ops, elsewhere and else on candle's graph. What makes a network out of a
//! file is not here.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor};
use robust_attacks::{Bounds, ImageShape, LogitLoss, LossGradient, Model, Signature};

use crate::chunked::Chunked;
use crate::graph::Graph;
use crate::kernels::{Isa, Network};
use crate::layout::Layout;
use crate::ops::{Encode, loss_gradient};
use crate::spec::Spec;

/// A classifier of images `(B, C, H, W)` in [0, 1], ready to be attacked.
pub struct Classifier {
    signature: Signature,
    backend: Backend,
}

enum Backend {
    Kernels(Arc<Chunked<Network>>),
    Graph(Box<Graph>),
}

impl Classifier {
    /// The network of `spec`, whose one input is an image `[C, H, W]` and whose one output are the logits `[K]`, with the weights of its
    /// [`Layout`] one behind the other, on `device`.
    ///
    /// # Errors
    /// If it is no such network, if there are not as many weights, or if the device cannot hold them.
    pub fn new(spec: &Spec, weights: &[f32], device: &Device) -> Result<Self> {
        let signature = signature(spec)?;
        let layout = Layout::of(&[spec]);
        if layout.len() != weights.len() {
            candle_core::bail!("{} weights, and the network has {}", weights.len(), layout.len());
        }
        let network = || Network::new(Isa::detect(), spec).ok();
        let backend = match device.is_cpu().then(network).flatten() {
            Some(network) => Backend::Kernels(Arc::new(Chunked::new(network.filled(weights)))),
            None => {
                let tensor = |slot: &crate::Slot| Tensor::from_slice(&weights[slot.range()], &slot.shape[..], device);
                let tensors = layout.tensors().iter().map(tensor).collect::<Result<Vec<_>>>()?;
                Backend::Graph(Box::new(Graph::new(spec, &tensors)?))
            }
        };
        Ok(Self { signature, backend })
    }

    /// Bytes that one image takes on the way there and back; none where candle's graph decides.
    #[must_use]
    pub fn bytes_per_image(&self) -> Option<usize> {
        match &self.backend {
            Backend::Kernels(network) => Some(network.encoder.bytes_per_image()),
            Backend::Graph(_) => None,
        }
    }

    /// The images that it takes at once, a chunk of any larger batch: as many as suit the caches; none where candle's graph takes them all.
    #[must_use]
    pub fn chunk(&self) -> Option<usize> {
        match &self.backend {
            Backend::Kernels(network) => Some(network.chunk),
            Backend::Graph(_) => None,
        }
    }

    /// The same network, which takes at most so many images at once, one at least.
    #[must_use]
    pub fn in_chunks_of(mut self, images: usize) -> Self {
        if let Backend::Kernels(network) = &mut self.backend
            && let Some(network) = Arc::get_mut(network)
        {
            network.chunk = network.chunk.min(images.max(1));
        }
        self
    }

    /// Whether it runs on the kernels.
    #[must_use]
    pub fn is_on_kernels(&self) -> bool {
        matches!(self.backend, Backend::Kernels(_))
    }

    fn check(&self, x: &Tensor) -> Result<()> {
        let ImageShape { channels, height, width } = self.signature.shape;
        match x.dims() {
            [_, image @ ..] if *image == [channels, height, width] => Ok(()),
            dims => candle_core::bail!("images have shape {dims:?}, expected (B, {channels}, {height}, {width})"),
        }
    }
}

/// What a network takes and gives.
fn signature(spec: &Spec) -> Result<Signature> {
    let shapes = spec.shapes().map_err(candle_core::Error::wrap)?;
    let ([input], [output]) = (&spec.inputs[..], &spec.outputs[..]) else {
        candle_core::bail!("{} inputs and {} outputs, expected one of each", spec.inputs.len(), spec.outputs.len())
    };
    let output = spec.names().position(|name| name == output).map_or(&[][..], |at| &shapes[at]);
    match (&input.shape[..], output) {
        (&[channels, height, width], &[classes]) if classes >= 2 => {
            Ok(Signature { shape: ImageShape { channels, height, width }, classes, bounds: Bounds::UNIT })
        }
        (input, output) => candle_core::bail!(
            "an input of shape {input:?} and an output of shape {output:?}, expected channels, rows and columns, and two classes or more"
        ),
    }
}

impl Model for Classifier {
    fn signature(&self) -> Signature {
        self.signature
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        self.check(x)?;
        match &self.backend {
            Backend::Kernels(network) => x.contiguous()?.apply_op1(Encode(network.clone())),
            Backend::Graph(graph) => match graph.run(&[x])?.pop() {
                Some(logits) => Ok(logits),
                None => candle_core::bail!("a network without output"),
            },
        }
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> Result<LossGradient> {
        self.check(x)?;
        match &self.backend {
            Backend::Kernels(network) => loss_gradient(network, x, loss),
            Backend::Graph(_) => GraphModel(self).loss_gradient(x, loss),
        }
    }
}

/// The same network, whose gradient is candle's.
struct GraphModel<'a>(&'a Classifier);

impl Model for GraphModel<'_> {
    fn signature(&self) -> Signature {
        self.0.signature
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        self.0.logits(x)
    }
}
