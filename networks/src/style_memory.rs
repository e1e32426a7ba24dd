//! [`StyleMemory`]: the network as attacks and detectors see it.
//!
//! On a CPU the network that the kernels know runs on them; any other, and any on another device, on candle's graph, which is also
//! the reference in tests.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor};
use robust_attacks::{ClassConditional, Encoding, LogitLoss, LossGradient, Model, Signature};

use super::fast::Fast;
use super::ops::{Decode, DifferentiableErrors, Encode, loss_gradient, values};
use crate::kernels::Engine;
use crate::parameters::Parameters;
use crate::style_memory_graph::StyleMemoryGraph;
use crate::style_memory_spec::StyleMemorySpec;

/// A style-memory network on a device, ready to classify, to draw and to be attacked.
pub struct StyleMemory {
    spec: StyleMemorySpec,
    backend: Backend,
}

enum Backend {
    Kernels(Arc<Fast>),
    Graph(Box<StyleMemoryGraph>),
}

impl StyleMemory {
    /// The network with these weights on `device`.
    ///
    /// # Errors
    /// If the device cannot hold them.
    pub fn new(parameters: &Parameters, device: &Device) -> Result<Self> {
        let spec = parameters.spec().clone();
        let backend = match device.is_cpu().then(|| Engine::new(parameters).ok()).flatten() {
            Some(engine) => Backend::Kernels(Arc::new(Fast::new(engine))),
            None => Backend::Graph(Box::new(StyleMemoryGraph::new(&spec, &parameters.tensors(device)?)?)),
        };
        Ok(Self { spec, backend })
    }

    /// What network it is.
    #[must_use]
    pub fn spec(&self) -> &StyleMemorySpec {
        &self.spec
    }

    /// The number of images in a batch of the right shape, `(B, C, H, W)`.
    fn batch_of(&self, x: &Tensor) -> Result<usize> {
        match x.dims() {
            [batch, image @ ..] if *image == self.spec.input => Ok(*batch),
            dims => {
                let [channels, rows, columns] = self.spec.input;
                candle_core::bail!("images have shape {dims:?}, expected (B, {channels}, {rows}, {columns})")
            }
        }
    }

    /// Checks that there are as many styles of the right length.
    fn check_styles(&self, style: &Tensor, batch: usize) -> Result<()> {
        let styles = self.spec.styles;
        if style.dims() != [batch, styles] {
            candle_core::bail!("style {:?} of {batch} images, expected ({batch}, {styles})", style.dims());
        }
        Ok(())
    }
}

impl Model for StyleMemory {
    fn signature(&self) -> Signature {
        self.spec.signature()
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.encode(x)?.logits)
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> Result<LossGradient> {
        let fast = match &self.backend {
            Backend::Graph(graph) => return graph.loss_gradient(x, loss),
            Backend::Kernels(fast) => fast,
        };
        self.batch_of(x)?;
        loss_gradient(fast, x, loss)
    }
}

impl ClassConditional for StyleMemory {
    fn encode(&self, x: &Tensor) -> Result<Encoding> {
        self.batch_of(x)?;
        match &self.backend {
            Backend::Graph(graph) => graph.encode(x),
            Backend::Kernels(fast) => {
                let code = x.contiguous()?.apply_op1(Encode(fast.clone()))?;
                let StyleMemorySpec { classes, styles, .. } = *self.spec();
                let (logits, style) = (code.narrow(1, 0, classes)?, code.narrow(1, classes, styles)?);
                Ok(Encoding { logits: logits.contiguous()?, style: style.contiguous()? })
            }
        }
    }

    fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor> {
        let (batch, classes) = label.dims2()?;
        if classes != self.spec.classes {
            candle_core::bail!("labels of {classes} classes, expected {}", self.spec.classes);
        }
        self.check_styles(style, batch)?;
        match &self.backend {
            Backend::Graph(graph) => graph.decode(label, style),
            Backend::Kernels(fast) => label.contiguous()?.apply_op2(&style.contiguous()?, Decode(fast.clone())),
        }
    }

    fn class_errors(&self, x: &Tensor, style: &Tensor) -> Result<Tensor> {
        let batch = self.batch_of(x)?;
        self.check_styles(style, batch)?;
        match &self.backend {
            Backend::Graph(graph) => graph.class_errors(x, style),
            Backend::Kernels(fast) if x.track_op() || style.track_op() => {
                x.contiguous()?.apply_op2(&style.contiguous()?, DifferentiableErrors::new(fast.clone()))
            }
            Backend::Kernels(fast) => {
                let errors = fast.class_errors(&values(x)?, &values(style)?);
                Tensor::from_vec(errors, (batch, fast.classes), x.device())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use robust_attacks::{Attack, AttackExt, Budget, Goal, GradientDescent, Norm, Question, Randomness, Task, Watched};

    use super::*;
    use crate::SIDE;

    #[test]
    fn clean_images_are_encoded_once_and_what_is_judged_always() {
        let x: Vec<f32> = (0..8 * SIDE * SIDE).map(|i| 0.2 + (i % 59) as f32 / 100.0).collect();
        let x = Tensor::from_vec(x, (8, 1, SIDE, SIDE), &Device::Cpu).unwrap();
        // What is asked, of how many images, and whether they were remembered.
        let classify = (Question::Logits, 8, false);
        let (seen, unseen) = ((Question::LossGradient, 7, true), (Question::LossGradient, 7, false));
        let (judge, unchanged) = ((Question::Logits, 7, false), (Question::Logits, 7, true));
        for (attack, epsilon, expected) in [
            (GradientDescent::fgsm(), 0.1, vec![classify, seen, judge]),
            (GradientDescent::bim(2, 0.1), 0.2, vec![classify, seen, unseen, judge]),
            (GradientDescent::pgd(1, 0.1), 0.1, vec![classify, unseen, judge]),
            (GradientDescent::bim(0, 0.1), 0.1, vec![classify, unchanged]),
            (GradientDescent::fgsm(), 0.0, vec![classify, seen, unchanged]),
        ] {
            let parameters = Parameters::random(StyleMemorySpec::paper(3), 1);
            let fast = Arc::new(Fast::new(Engine::new(&parameters).unwrap()));
            let network = StyleMemory { spec: parameters.spec().clone(), backend: Backend::Kernels(fast.clone()) };
            let logits = StyleMemory::new(&parameters, &Device::Cpu).unwrap().logits(&x).unwrap();
            let labels: Vec<u32> = logits.argmax(1).unwrap().to_vec1().unwrap();

            let calls = Mutex::new(Vec::new());
            let model = Watched::new(&network, |question, x| {
                calls.lock().unwrap().push((question, x.dim(0)?, fast.workers.remember(&values(x)?)));
                Ok(())
            });
            // All are classified, and all but one are attacked.
            model.logits(&x).unwrap();
            let open = [0_u32, 1, 2, 4, 5, 6, 7];
            let attacked = x.index_select(&Tensor::new(&open, &Device::Cpu).unwrap(), 0).unwrap();
            let goal = Goal::Untargeted { labels: open.iter().map(|&image| labels[image as usize]).collect() };
            let randomness = Randomness { seed: 0, indices: open.iter().map(|&image| image.into()).collect() };
            let budget = Budget::new(Norm::Linf, epsilon).unwrap();
            let task = Task { model: &model, x0: &attacked, goal: &goal, randomness: &randomness };
            attack.run(&task, &budget).unwrap();
            assert_eq!(*calls.lock().unwrap(), expected, "{} at {epsilon}", attack.name());
        }
    }
}
