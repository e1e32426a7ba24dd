//! [`Graph`]: the nodes of a [`Spec`] as candle operations: the reference on every device, differentiable in everything.
//!
//! It is slow on a CPU, because candle's gradients of convolutions are; there the [`kernels`](crate::kernels) compute the network, and are
//! tested against this.

use candle_core::{Error, Result, Tensor};
use candle_nn::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig, Linear, Module, ops};

use crate::layout::Layout;
use crate::spec::{Op, Pairwise, Spec, Window};

/// A network over a set of tensors.
pub struct Graph {
    inputs: usize,
    steps: Vec<Step>,
    /// Places among the values: those that are given, then one of each step.
    outputs: Vec<usize>,
}

struct Step {
    op: Op,
    layer: Option<Layer>,
    /// Places of the operands.
    operands: Vec<usize>,
    /// Those of them that nobody asks for any more.
    done: Vec<usize>,
}

/// An op with parameters.
enum Layer {
    Convolution(Conv2d),
    /// With the rows and columns that are too many of its result.
    Transposed(ConvTranspose2d, [usize; 2]),
    Linear(Linear),
}

impl Graph {
    /// The network of `spec` over `tensors`, those of its [`Layout`] in order, f32 or f64. They may be variables; gradients reach them.
    ///
    /// # Errors
    /// If the nodes do not fit together, or the tensors are not those of the layout.
    pub fn new(spec: &Spec, tensors: &[Tensor]) -> Result<Self> {
        spec.shapes().map_err(Error::wrap)?;
        let layout = Layout::of(&[spec]);
        if layout.tensors().len() != tensors.len() {
            candle_core::bail!("the network has {} tensors, not {}", layout.tensors().len(), tensors.len());
        }
        for (slot, tensor) in layout.tensors().iter().zip(tensors) {
            if tensor.dims() != slot.shape {
                candle_core::bail!("{} has shape {:?}, not {:?}", slot.name, tensor.dims(), slot.shape);
            }
        }
        let names: Vec<&str> = spec.names().collect();
        let places = |wanted: &[String]| -> Vec<usize> {
            wanted.iter().filter_map(|wanted| names.iter().position(|name| name == wanted)).collect()
        };
        let mut steps = Vec::with_capacity(spec.nodes.len());
        let mut tensors = tensors.iter().cloned();
        for node in &spec.nodes {
            let layer = Layer::new(&node.op, &mut tensors);
            steps.push(Step { op: node.op.clone(), layer, operands: places(&node.operands), done: Vec::new() });
        }
        let outputs = places(&spec.outputs);
        for place in (0..names.len()).filter(|place| !outputs.contains(place)) {
            if let Some(last) = steps.iter_mut().rfind(|step| step.operands.contains(&place)) {
                last.done.push(place);
            }
        }
        Ok(Self { inputs: spec.inputs.len(), steps, outputs })
    }

    /// The outputs for `inputs`, each with the batch as its first dimension.
    ///
    /// # Errors
    /// Whatever candle reports, usually a wrong shape.
    pub fn run(&self, inputs: &[&Tensor]) -> Result<Vec<Tensor>> {
        self.run_watched(inputs, &mut |_, _| Ok(()))
    }

    /// The same; `watch` sees every op with its operands before it is computed.
    ///
    /// # Errors
    /// Whatever candle or `watch` reports.
    pub fn run_watched(
        &self,
        inputs: &[&Tensor],
        watch: &mut dyn FnMut(&Op, &[Tensor]) -> Result<()>,
    ) -> Result<Vec<Tensor>> {
        if inputs.len() != self.inputs {
            candle_core::bail!("{} inputs, and the network has {}", inputs.len(), self.inputs);
        }
        let mut values: Vec<Option<Tensor>> = inputs.iter().map(|&input| Some(input.clone())).collect();
        for step in &self.steps {
            let operands: Vec<Tensor> = step.operands.iter().filter_map(|&place| values[place].clone()).collect();
            step.done.iter().for_each(|&place| values[place] = None);
            watch(&step.op, &operands)?;
            values.push(Some(step.run(&operands)?));
        }
        Ok(self.outputs.iter().filter_map(|&place| values[place].clone()).collect())
    }
}

impl Step {
    fn run(&self, operands: &[Tensor]) -> Result<Tensor> {
        let [x, ..] = operands else { candle_core::bail!("{:?} of nothing", self.op) };
        match (&self.op, &self.layer) {
            (_, Some(Layer::Convolution(layer))) => layer.forward(&evened(x, layer)?),
            (_, Some(Layer::Transposed(layer, excess))) => {
                let mut result = layer.forward(x)?;
                for (way, &excess) in excess.iter().enumerate().filter(|(_, excess)| **excess > 0) {
                    result = result.narrow(way + 2, 0, result.dim(way + 2)? - excess)?;
                }
                Ok(result)
            }
            (_, Some(Layer::Linear(layer))) => layer.forward(x),
            (Op::Relu, None) => x.relu(),
            (Op::Sigmoid, None) => ops::sigmoid(x),
            (Op::Flatten, None) => x.flatten_from(1),
            (Op::Reshape { shape }, None) => x.reshape([&[x.dim(0)?], &shape[..]].concat()),
            (&Op::Concatenate { axis }, None) => Tensor::cat(operands, axis + 1),
            (Op::Pairwise(Pairwise::Add), None) => match operands {
                [a, b] => a + b,
                _ => candle_core::bail!("{:?} of {} operands", self.op, operands.len()),
            },
            (op, None) if *op == Op::global_average() => x.flatten_from(2)?.mean(2),
            (&Op::AveragePool { window, .. }, None) => averages(x, window.size[0]),
            (&Op::Upsample { size, to }, None) => blocks(x, size, to),
            (op, None) => candle_core::bail!("{op:?} without parameters"),
        }
    }
}

impl Layer {
    /// Takes the parameters of an op, weight and bias, if it has any.
    fn new(op: &Op, tensors: &mut impl Iterator<Item = Tensor>) -> Option<Self> {
        let mut next = || Some((tensors.next()?, tensors.next()));
        match *op {
            Op::Convolution { groups, window: Window { stride, padding, dilation, .. }, .. } => {
                let [padding, stride, dilation] = [padding[0][0], stride[0], dilation[0]];
                let config = Conv2dConfig { padding, stride, dilation, groups, cudnn_fwd_algo: None };
                next().map(|(weight, bias)| Self::Convolution(Conv2d::new(weight, bias, config)))
            }
            Op::TransposedConvolution { stride, padding, output_padding: [rows, columns], .. } => {
                // candle knows one output padding for both ways.
                let output_padding = rows.max(columns);
                let config = ConvTranspose2dConfig { padding, output_padding, stride, dilation: 1 };
                let excess = [output_padding - rows, output_padding - columns];
                next().map(|(weight, bias)| Self::Transposed(ConvTranspose2d::new(weight, bias, config), excess))
            }
            Op::Linear { .. } => next().map(|(weight, bias)| Self::Linear(Linear::new(weight, bias))),
            _ => None,
        }
    }
}

/// Images with zeros at their ends where windows leave over more rows than columns, or fewer: candle's way back supposes as many. No
/// window reaches the zeros.
fn evened(x: &Tensor, layer: &Conv2d) -> Result<Tensor> {
    let Conv2dConfig { stride, padding, dilation, .. } = *layer.config();
    let left_over = |way: usize| {
        let reach = (layer.weight().dim(way)? - 1) * dilation + 1;
        Ok::<_, Error>((x.dim(way)? + 2 * padding).saturating_sub(reach) % stride)
    };
    match (left_over(2)?, left_over(3)?) {
        (rows, columns) if rows < columns => x.pad_with_zeros(2, 0, columns - rows),
        (rows, columns) if columns < rows => x.pad_with_zeros(3, 0, rows - columns),
        _ => Ok(x.clone()),
    }
}

/// The means of blocks, of which the last may be smaller: those of the image among zeros, over the share of it in each.
fn averages(x: &Tensor, size: usize) -> Result<Tensor> {
    let means = |x: &Tensor| {
        let (rows, columns) = (x.dim(2)?, x.dim(3)?);
        let more = |size_of: usize| size_of.next_multiple_of(size) - size_of;
        x.pad_with_zeros(2, 0, more(rows))?.pad_with_zeros(3, 0, more(columns))?.avg_pool2d(size)
    };
    means(x)?.broadcast_div(&means(&x.get(0)?.unsqueeze(0)?.ones_like()?.detach())?)
}

/// Every pixel as a block. (The gradient of candle's own upsampling is not summed over a block.)
fn blocks(x: &Tensor, size: usize, [rows, columns]: [usize; 2]) -> Result<Tensor> {
    let (batch, channels, height, width) = x.dims4()?;
    let blocks = x.unsqueeze(4)?.unsqueeze(3)?.broadcast_as((batch, channels, height, size, width, size))?;
    let whole = blocks.reshape((batch, channels, height * size, width * size))?;
    whole.narrow(2, 0, rows)?.narrow(3, 0, columns)
}
