//! From a [`Spec`] to its [`Plan`]: which values share a place, and which ops become one step.
//!
//! An activation is computed in place where nobody else asks for its operand; `Flatten` and `Reshape` are other names of a place; a
//! sum is part of the layer before it where that layer gives one of its operands and nothing else.

use super::maps::{check_sizes, lay_out};
use super::plan::{Place, Plan, PlanError, Share, Step, StepOp, Then};
use crate::kernels::map::Map;
use crate::kernels::simd::Isa;
use crate::spec::{Op, Pairwise, Spec, Window};

struct Builder<'a> {
    spec: &'a Spec,
    shapes: Vec<Vec<usize>>,
    names: Vec<&'a str>,
    /// The place of each value so far, and whether nobody but the next node asks for what lies there.
    values: Vec<(usize, bool)>,
    steps: Vec<Step>,
    places: Vec<Place>,
    layers: Vec<String>,
}

impl Plan {
    /// The plan of a network.
    ///
    /// # Errors
    /// [`PlanError`] of the first value that cannot be, or that the kernels do not compute.
    pub(super) fn of(isa: Isa, spec: &Spec) -> Result<Self, PlanError> {
        let shapes =
            spec.shapes().map_err(|error| PlanError { value: error.value.clone(), reason: error.reason.clone() })?;
        let names = spec.names().collect();
        let (values, steps, places, layers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut builder = Builder { spec, shapes, names, values, steps, places, layers };
        for (number, _) in spec.inputs.iter().enumerate() {
            let to = builder.new_place(in_three(&builder.shapes[number]), Then::Nothing);
            builder.steps.push(Step { op: StepOp::Take(number), from: Vec::new(), to });
            let sole = builder.is_sole(number);
            builder.values.push((to, sole));
        }
        for number in 0..spec.nodes.len() {
            let value = builder.node(number)?;
            builder.values.push(value);
        }
        let find = |builder: &Builder<'_>, name: &str| builder.names.iter().position(|other| *other == name);
        let mut outputs = Vec::new();
        for (number, output) in spec.outputs.iter().enumerate() {
            let Some(value) = find(&builder, output) else { continue };
            outputs.push(builder.shapes[value].iter().product());
            let from = builder.values[value].0;
            builder.steps.push(Step { op: StepOp::Give(number), from: vec![from], to: from });
        }
        let inputs = spec.inputs.iter().map(|input| input.shape.iter().product()).collect();
        let back = way_back(&builder.steps);
        let Builder { steps, places, layers, values, names, .. } = builder;
        let by_shares = vec![false; layers.len()];
        let mut plan = Self { steps, places, inputs, outputs, layers, by_shares, back };
        for place in 0..plan.places.len() {
            if !plan.steps.iter().any(|step| step.from.contains(&place)) {
                let value = values.iter().position(|&(other, _)| other == place).map_or("", |value| names[value]);
                return Err(PlanError { value: value.to_owned(), reason: "a value that leads nowhere".to_owned() });
            }
        }
        lay_out(isa, &mut plan);
        check_sizes(&plan)?;
        Ok(plan)
    }
}

impl Builder<'_> {
    /// Whether one node asks for a value, and the network does not give it.
    fn is_sole(&self, value: usize) -> bool {
        let name = self.names[value];
        let asked = self.spec.nodes.iter().flat_map(|node| &node.operands).filter(|operand| *operand == name).count();
        asked == 1 && !self.spec.outputs.iter().any(|output| output == name)
    }

    fn new_place(&mut self, shape: [usize; 3], then: Then) -> usize {
        let map = Map::vector(1);
        self.places.push(Place { shape, then, values: map, gradient: map });
        self.places.len() - 1
    }

    /// The place of a node's value, with the steps that lead there.
    fn node(&mut self, number: usize) -> Result<(usize, bool), PlanError> {
        let node = &self.spec.nodes[number];
        let value = self.spec.inputs.len() + number;
        let wrong = |reason: &str| PlanError { value: node.name.clone(), reason: reason.to_owned() };
        let place_of = |operand: &String| self.names[..value].iter().position(|name| name == operand);
        let operands: Vec<usize> = node.operands.iter().filter_map(place_of).collect();
        let (Some(&operand), sole) = (operands.first(), self.is_sole(value)) else {
            return Err(wrong("an op of nothing"));
        };
        let (from, is_sole) = self.values[operand];
        let writer = |place: usize| self.steps.iter().find(|step| step.to == place).map(|step| &step.op);
        let shape = in_three(&self.shapes[value]);
        let (op, from, shape) = match &node.op {
            Op::Flatten | Op::Reshape { .. } => {
                let present = self.places[from].shape;
                if present == shape || is_vector(shape) {
                    return Ok((from, is_sole && sole));
                }
                // What writes features in any order writes them as a map, if nobody else reads them.
                let in_any_order = matches!(writer(from), Some(StepOp::Linear(_) | StepOp::Take(_)));
                if is_vector(present) && is_sole && in_any_order {
                    self.places[from].shape = shape;
                    return Ok((from, sole));
                }
                (StepOp::View, vec![from], shape)
            }
            activation @ (Op::Relu | Op::Sigmoid) => {
                let then = if *activation == Op::Relu { Then::Relu } else { Then::Sigmoid };
                let is_taken = matches!(writer(from), Some(StepOp::Take(_)));
                if is_sole && self.places[from].then == Then::Nothing && !is_taken {
                    self.places[from].then = then;
                    return Ok((from, sole));
                }
                let to = self.new_place(self.places[from].shape, then);
                self.push(StepOp::Copy, vec![from], to);
                return Ok((to, sole));
            }
            Op::Pairwise(Pairwise::Add) => {
                if let Some(place) = self.add_to_layer(&operands) {
                    return Ok((place, sole));
                }
                let places: Vec<usize> = operands.iter().map(|&operand| self.values[operand].0).collect();
                let shapes: Vec<[usize; 3]> = places.iter().map(|&place| self.places[place].shape).collect();
                match shapes.windows(2).all(|pair| pair[0] == pair[1]) {
                    true => (StepOp::Add, places, shapes[0]),
                    false => (StepOp::Add, self.exact(&operands), shape),
                }
            }
            Op::Linear { .. } => (StepOp::Linear(self.new_layer(&node.name)), vec![from], shape),
            Op::Concatenate { axis: 0 } => (StepOp::Concatenate, self.exact(&operands), shape),
            op if *op == Op::global_average() => {
                let [_, rows, columns] = in_three(&self.shapes[operand]);
                (StepOp::AveragePool(rows.max(columns)), self.exact(&operands), shape)
            }
            &Op::AveragePool { window, counted: [[0, 0], [0, 0]] } if window.size == window.stride => {
                (StepOp::AveragePool(window.size[0]), self.exact(&operands), shape)
            }
            &Op::Upsample { size, .. } => (StepOp::Upsample(size), self.exact(&operands), shape),
            &Op::Convolution { groups: 1, window, .. } => {
                let Window {
                    size: [kernel, _],
                    stride: [stride, _],
                    padding: [[padding, _], _],
                    dilation: [dilation, _],
                } = window;
                (self.windowed(&node.name, false, [kernel, stride, padding, dilation]), self.exact(&operands), shape)
            }
            &Op::TransposedConvolution { kernel, stride, padding, .. } => {
                (self.windowed(&node.name, true, [kernel, stride, padding, 1]), self.exact(&operands), shape)
            }
            op => return Err(wrong(&format!("{op:?} is not known here"))),
        };
        let to = self.new_place(shape, Then::Nothing);
        self.push(op, from, to);
        Ok((to, sole))
    }

    fn push(&mut self, op: StepOp, from: Vec<usize>, to: usize) {
        self.steps.push(Step { op, from, to });
    }

    /// The places of values in their own shapes: a view of those that lie in another one.
    fn exact(&mut self, values: &[usize]) -> Vec<usize> {
        let exact = |&value: &usize| {
            let (place, shape) = (self.values[value].0, in_three(&self.shapes[value]));
            if self.places[place].shape == shape {
                return place;
            }
            let to = self.new_place(shape, Then::Nothing);
            self.push(StepOp::View, vec![place], to);
            to
        };
        values.iter().map(exact).collect()
    }

    fn new_layer(&mut self, name: &str) -> usize {
        self.layers.push(name.to_owned());
        self.layers.len() - 1
    }

    fn windowed(&mut self, name: &str, is_up: bool, [kernel, stride, padding, dilation]: [usize; 4]) -> StepOp {
        let layer = self.new_layer(name);
        StepOp::Windowed { layer, is_up, kernel: [kernel; 2], stride, dilation, padding: [padding; 2] }
    }

    /// Makes a sum part of the convolution that was planned last, if that gives one of the operands and nothing has been done to it.
    fn add_to_layer(&mut self, operands: &[usize]) -> Option<usize> {
        let &[a, b] = operands else { return None };
        let last = self.steps.last_mut()?;
        let (own, other) = if last.to == self.values[a].0 { (a, b) } else { (b, a) };
        let [shape, other_shape] = [own, other].map(|value| self.places[self.values[value].0].shape);
        let ((own, is_sole), other) = (self.values[own], self.values[other].0);
        let is_convolution = matches!(last.op, StepOp::Windowed { is_up: false, .. }) && last.from.len() == 1;
        let is_free = is_sole && own != other && self.places[own].then == Then::Nothing && shape == other_shape;
        (last.to == own && is_convolution && is_free).then(|| {
            last.from.push(other);
            own
        })
    }
}

/// `[channels, rows, columns]` of any shape; a vector's elements are channels.
fn in_three(shape: &[usize]) -> [usize; 3] {
    match *shape {
        [channels, rows, columns] => [channels, rows, columns],
        _ => [shape.iter().product(), 1, 1],
    }
}

fn is_vector(shape: [usize; 3]) -> bool {
    shape[1] * shape[2] == 1
}

/// The steps in reverse, but for linear layers that read the same place, one behind the other, which keep their order: the sum of
/// their gradients is then summed as that of one layer would be.
fn way_back(steps: &[Step]) -> Vec<(usize, Vec<Share>)> {
    let mut order: Vec<usize> = (0..steps.len()).rev().collect();
    let is_sibling = |a: usize, b: usize| {
        let is_linear = |step: usize| matches!(steps[step].op, StepOp::Linear(_));
        is_linear(a) && is_linear(b) && steps[a].from == steps[b].from
    };
    for siblings in order.chunk_by_mut(|&a, &b| is_sibling(a, b)) {
        siblings.reverse();
    }
    let mut back: Vec<(usize, Vec<Share>)> = Vec::new();
    let reads = |step: usize| steps[step].from.iter().copied();
    for (number, &step) in order.iter().enumerate() {
        let share = |(at, place): (usize, usize)| Share {
            is_first: !order[..number].iter().any(|&step| reads(step).any(|other| other == place))
                && !steps[step].from[..at].contains(&place),
            is_last: !order[number + 1..].iter().any(|&step| reads(step).any(|other| other == place))
                && !steps[step].from[at + 1..].contains(&place),
        };
        back.push((step, reads(step).enumerate().map(share).collect()));
    }
    back
}
