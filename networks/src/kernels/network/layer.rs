//! [`Layer`]: a layer with weights.

use crate::kernels::gemm::{Finish, Former};
use crate::kernels::layers::{Constant, Depthwise, Grouped, Linear, RowLinear, Scale, Scratch, Task, Windowed};

/// A layer with weights.
#[derive(Clone, Debug)]
pub(super) enum Layer {
    Linear(Box<Linear>),
    Rows(Box<RowLinear>),
    Windowed(Box<Windowed>),
    Depthwise(Box<Depthwise>),
    Grouped(Box<Grouped>),
    Scale(Box<Scale>),
    Constant(Box<Constant>),
}

impl Layer {
    pub(super) fn windowed(&self) -> Option<&Windowed> {
        if let Layer::Windowed(layer) = self { Some(layer) } else { None }
    }

    pub(super) fn linear(&self) -> Option<&Linear> {
        if let Layer::Linear(layer) = self { Some(layer) } else { None }
    }

    /// The names of its algorithms, forward and back.
    pub(super) fn algorithms(&self) -> String {
        match self {
            Layer::Windowed(layer) => layer.to_string(),
            Layer::Linear(_) | Layer::Rows(_) => "product, back product".to_owned(),
            Layer::Depthwise(_) => "channel by channel, back channel by channel".to_owned(),
            Layer::Grouped(layer) => layer.to_string(),
            Layer::Scale(_) => "factors, back factors".to_owned(),
            Layer::Constant(_) => "copies, back sums".to_owned(),
        }
    }

    /// Hands out the packing of its weights.
    pub(super) fn fill<'a>(&'a mut self, weight: &'a [f32], bias: &'a [f32], mut hand_out: impl FnMut(Task<'a>)) {
        match self {
            Layer::Linear(layer) => layer.fill(weight, bias, hand_out),
            Layer::Rows(layer) => layer.fill(weight, bias, hand_out),
            Layer::Windowed(layer) => layer.fill(weight, bias, hand_out),
            Layer::Depthwise(layer) => layer.fill(weight, bias, hand_out),
            Layer::Grouped(layer) => layer.fill(weight, bias, hand_out),
            Layer::Scale(layer) => hand_out(Box::new(move || layer.fill(weight, bias))),
            Layer::Constant(layer) => hand_out(Box::new(move || layer.fill(weight))),
        }
    }

    /// The way forward. One that does not fuse what follows its sums is asked for the bias alone.
    pub(super) fn forward(
        &self,
        images: usize,
        input: &[f32],
        output: &mut [f32],
        finish: Finish<'_>,
        scratch: &mut Scratch,
    ) {
        match self {
            Layer::Linear(layer) => layer.forward(images, input, output, finish),
            Layer::Rows(layer) => layer.forward(images, input, output, finish, &mut scratch.wide),
            Layer::Windowed(layer) => layer.forward(images, input, output, finish, scratch),
            Layer::Depthwise(layer) => layer.forward(images, input, output, finish),
            Layer::Grouped(layer) => layer.forward(images, input, output, scratch),
            Layer::Scale(layer) => layer.forward(images, input, output),
            Layer::Constant(layer) => layer.forward(images, output),
        }
    }

    /// The gradient of the input from that of the output, and where sums are given those of the weight gradient, which need the input.
    pub(super) fn backward(
        &self,
        images: usize,
        sides: [&[f32]; 2],
        d_input: Option<(&mut [f32], Finish<'_>)>,
        sums: Option<(Former, &mut [f32])>,
        scratch: &mut Scratch,
    ) {
        let former = |finish: Finish<'_>| if finish.adds() { Former::Kept } else { Former::Dropped };
        match (self, d_input) {
            (Layer::Scale(layer), Some((d_input, finish))) => {
                layer.backward(images, sides[1], d_input, former(finish));
            }
            (Layer::Linear(layer), Some((d_input, finish))) => layer.backward(images, sides[1], d_input, finish),
            (Layer::Rows(layer), Some((d_input, finish))) => {
                layer.backward(images, sides[1], d_input, finish, &mut scratch.wide);
            }
            (Layer::Windowed(layer), d_input) => layer.backward(images, sides, d_input, sums, scratch),
            (Layer::Depthwise(layer), d_input) => layer.backward(images, sides, d_input, sums),
            (Layer::Grouped(layer), d_input) => {
                let d_input = d_input.map(|(d_input, finish)| (d_input, former(finish)));
                layer.backward(images, sides, d_input, sums, scratch);
            }
            (Layer::Linear(_) | Layer::Rows(_) | Layer::Scale(_) | Layer::Constant(_), _) => {}
        }
    }

    /// Floats of the sums of a weight gradient; none where it is summed in place.
    pub(super) fn sums(&self) -> usize {
        match self {
            Layer::Windowed(layer) => layer.sums(),
            Layer::Depthwise(layer) => layer.sums(),
            Layer::Grouped(layer) => layer.sums(),
            Layer::Linear(_) | Layer::Rows(_) | Layer::Scale(_) | Layer::Constant(_) => 0,
        }
    }

    /// Writes sums to a gradient in PyTorch's layout.
    pub(super) fn write_gradient(&self, sums: &[f32], gradient: &mut [f32]) {
        match self {
            Layer::Windowed(layer) => layer.write_gradient(sums, gradient),
            Layer::Depthwise(layer) => layer.write_gradient(sums, gradient),
            Layer::Grouped(layer) => layer.write_gradient(sums, gradient),
            Layer::Linear(_) | Layer::Rows(_) | Layer::Scale(_) | Layer::Constant(_) => {}
        }
    }

    /// Floats of scratch for tiles, large and small.
    pub(super) fn tiles(&self) -> [usize; 2] {
        match self {
            Layer::Windowed(layer) => layer.tiles(),
            Layer::Grouped(layer) => layer.tiles(),
            _ => [0, 0],
        }
    }

    /// Floats of scratch for rows that end with a register.
    pub(super) fn wide(&self) -> usize {
        if let Layer::Rows(layer) = self { layer.wide() } else { 0 }
    }

    /// Floats of scratch for the maps of a part of the channels, large and small.
    pub(super) fn parts(&self) -> [usize; 2] {
        if let Layer::Grouped(layer) = self { layer.maps() } else { [0, 0] }
    }
}
