//! Loss and weight gradient of a batch.
//!
//! [`Differentiate`] is the seam between the training loop and what does the work. [`GraphDifferentiator`] is candle's
//! autograd: slow on a CPU, right on every device, and the reference for the kernels.

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{loss, ops};
use robust_attacks::ClassConditional;

use super::swap::graph_terms;
use super::{Batch, BatchLoss, LossWeights};
use robust_networks::{Parameters, StyleMemoryGraph};

/// Something that differentiates the training loss.
pub trait Differentiate {
    /// The loss of `batch`, and the gradient of its mean over the images.
    ///
    /// # Errors
    /// Whatever the device reports.
    fn differentiate(&mut self, parameters: &Parameters, batch: &Batch, weights: &LossWeights) -> Result<BatchLoss>;

    /// The gradient of the last batch, as parts to be summed; each is flat and as long as the parameters.
    fn gradient(&self) -> Vec<&[f32]>;
}

/// candle's autograd.
pub struct GraphDifferentiator {
    device: Device,
    gradient: Vec<f32>,
}

impl GraphDifferentiator {
    /// The graph on `device`.
    #[must_use]
    pub fn new(device: Device) -> Self {
        Self { device, gradient: Vec::new() }
    }
}

impl Differentiate for GraphDifferentiator {
    fn differentiate(&mut self, parameters: &Parameters, batch: &Batch, weights: &LossWeights) -> Result<BatchLoss> {
        let (device, images) = (&self.device, batch.len() as f64);
        let variables = parameters.tensors(device)?.iter().map(Var::from_tensor).collect::<Result<Vec<_>>>()?;
        let tensors: Vec<Tensor> = variables.iter().map(|variable| variable.as_tensor().clone()).collect();
        let graph = StyleMemoryGraph::new(parameters.spec(), &tensors)?;

        let [channels, rows, columns] = parameters.spec().input;
        let shape = (batch.len(), channels, rows, columns);
        let noisy = Tensor::from_slice(&batch.noisy, shape, device)?;
        let clean = Tensor::from_slice(&batch.clean, (batch.len(), parameters.spec().pixels()), device)?;
        let labels = Tensor::from_slice(&batch.labels, batch.len(), device)?;
        let one_hot: Vec<u8> = batch.one_hot.iter().copied().map(u8::from).collect();
        let one_hot = Tensor::from_vec(one_hot, (batch.len(), 1), device)?;

        let code = graph.encode(&noisy)?;
        let softmax = ops::softmax(&code.logits, 1)?;
        let truth = Tensor::eye(parameters.spec().classes, DType::F32, device)?.index_select(&labels, 0)?;
        let label = one_hot.broadcast_as(truth.shape())?.where_cond(&truth, &softmax)?;
        let drawing = graph.decode(&label, &code.style)?.flatten_from(1)?;

        let cross_entropy = loss::cross_entropy(&code.logits, &labels)?;
        let errors = (drawing - &clean)?.sqr()?.sum(1)?;
        let reconstruction = errors.mean(0)?;
        let mut total = (&cross_entropy + (&reconstruction * weights.alpha)?)?;
        let mut swap_terms = [0.0; 3];
        if weights.swaps() {
            let noise = (&noisy - clean.reshape(shape)?)?;
            let terms = graph_terms(&graph, &code.style, &batch.wrong, &noise, &clean, &errors)?;
            let weights = [weights.swap, weights.style_consistency, weights.contrast];
            for ((term, weight), value) in terms.iter().zip(weights).zip(&mut swap_terms) {
                total = (total + (term * weight)?)?;
                *value = images * f64::from(term.to_scalar::<f32>()?);
            }
        }
        let gradients = total.backward()?;
        self.gradient.resize(parameters.values().len(), 0.0);
        for (slot, variable) in parameters.layout().tensors().iter().zip(&variables) {
            let target = &mut self.gradient[slot.range()];
            match gradients.get(variable) {
                Some(values) => target.copy_from_slice(&values.flatten_all()?.to_vec1::<f32>()?),
                None => target.fill(0.0),
            }
        }

        let hits = code.logits.argmax(1)?.eq(&labels)?.to_dtype(DType::F32)?.sum_all()?;
        let [swap, style_consistency, contrast] = swap_terms;
        Ok(BatchLoss {
            images: batch.len(),
            cross_entropy: images * f64::from(cross_entropy.to_scalar::<f32>()?),
            reconstruction: images * f64::from(reconstruction.to_scalar::<f32>()?),
            swap,
            style_consistency,
            contrast,
            correct: hits.to_scalar::<f32>()? as usize,
        })
    }

    fn gradient(&self) -> Vec<&[f32]> {
        vec![&self.gradient]
    }
}
