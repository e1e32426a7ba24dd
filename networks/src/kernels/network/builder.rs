//! [`Builder`]: a plan as far as it has come: which values lie where, and the steps that lead there.

use std::collections::HashMap;

use super::plan::{Kind, Place, PlainOp, PlanError, Step, StepOp, Then};
use super::wishes::{Wish, flat, in_three, only_moves, wishes};
use crate::kernels::map::Map;
use crate::kernels::plain::is_aligned;
use crate::spec::{Node, Op, Spec};

/// Where a value lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value {
    pub(super) place: usize,
    /// Whether nobody but one node asks for what lies there.
    pub(super) is_sole: bool,
}

/// A step that writes a new place: what is done, the places that it reads, and the shape of the new one.
pub(super) type Planned = (StepOp, Vec<usize>, [usize; 3]);

/// A plan as far as it has come.
pub(super) struct Builder<'a> {
    pub(super) spec: &'a Spec,
    /// Of every value: those that are given, then one of each node.
    pub(super) shapes: Vec<Vec<usize>>,
    /// How the readers of each value want it to lie.
    pub(super) wishes: Vec<Option<Wish>>,
    numbers: HashMap<&'a str, usize>,
    /// How often each value is asked for, by nodes and as an output.
    asked: Vec<[usize; 2]>,
    /// The values so far.
    pub(super) values: Vec<Value>,
    pub(super) steps: Vec<Step>,
    pub(super) places: Vec<Place>,
    /// For each place the step that writes it.
    pub(super) writers: Vec<usize>,
    /// Views of places in other shapes, so that there is one of each.
    views: HashMap<(usize, [usize; 3]), usize>,
    pub(super) layers: Vec<String>,
    pub(super) plain: Vec<PlainOp>,
}

impl<'a> Builder<'a> {
    /// Nothing yet.
    ///
    /// # Errors
    /// [`PlanError`] of the first value that cannot be.
    pub(super) fn new(spec: &'a Spec) -> Result<Self, PlanError> {
        let shapes =
            spec.shapes().map_err(|error| PlanError { value: error.value.clone(), reason: error.reason.clone() })?;
        let numbers: HashMap<&str, usize> = spec.names().enumerate().map(|(number, name)| (name, number)).collect();
        let mut asked = vec![[0, 0]; shapes.len()];
        let mut ask = |name: &String, by: usize| {
            if let Some(&number) = numbers.get(&name[..]) {
                asked[number][by] += 1;
            }
        };
        spec.nodes.iter().flat_map(|node| &node.operands).for_each(|name| ask(name, 0));
        spec.outputs.iter().for_each(|name| ask(name, 1));
        let (values, steps, places, writers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (views, layers, plain) = (HashMap::new(), Vec::new(), Vec::new());
        let wishes = wishes(spec, &shapes, &numbers);
        Ok(Self { spec, shapes, wishes, numbers, asked, values, steps, places, writers, views, layers, plain })
    }

    /// The number of a value that there is.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    /// Whether one node asks for a value, and the network does not give it.
    pub(super) fn is_sole(&self, value: usize) -> bool {
        self.asked[value] == [1, 0]
    }

    /// The numbers of a node's operands.
    pub(super) fn operands(&self, node: &Node) -> Vec<usize> {
        node.operands.iter().filter_map(|operand| self.number(operand)).collect()
    }

    /// Appends a step that writes a new place.
    pub(super) fn push(&mut self, op: StepOp, from: Vec<usize>, shape: [usize; 3]) -> usize {
        let map = Map::vector(1);
        let to = self.places.len();
        self.places.push(Place { shape, then: Then::Nothing, values: map, gradient: map });
        self.writers.push(self.steps.len());
        self.steps.push(Step { op, from, to });
        to
    }

    /// The step that writes a place.
    pub(super) fn writer(&self, place: usize) -> &StepOp {
        &self.steps[self.writers[place]].op
    }

    /// The shape in which a value is written that can be written in any: as its readers want it, or as what it is.
    pub(super) fn shape_of(&self, value: usize) -> [usize; 3] {
        match self.wishes[value] {
            Some(Wish::Map(shape)) => shape,
            Some(Wish::Flat | Wish::Moved) => flat(&self.shapes[value]),
            None => in_three(&self.shapes[value]),
        }
    }

    /// Whether somebody asks for what was written to a place as it is, so that nothing is done to it in place: an input, or what a way
    /// back begins with.
    pub(super) fn is_asked_for(&self, place: usize) -> bool {
        match *self.writer(place) {
            StepOp::Take(_) => true,
            StepOp::Plain(number) => matches!(self.plain[number].op, Op::Softmax { .. }),
            _ => false,
        }
    }

    /// The places of values as maps in their own shapes: a view of those that lie in another one.
    pub(super) fn exact(&mut self, values: &[usize]) -> Vec<usize> {
        values.iter().map(|&value| self.viewed(value, in_three(&self.shapes[value]))).collect()
    }

    /// The place of a value in a shape of as many elements: a view where it lies in another one.
    pub(super) fn viewed(&mut self, value: usize, shape: [usize; 3]) -> usize {
        let Value { place, is_sole } = self.values[value];
        if self.places[place].shape == shape {
            return place;
        }
        // What can be written in this shape is, if nobody else reads it.
        if is_sole && self.can_be(place, shape) {
            self.places[place].shape = shape;
            return place;
        }
        if let Some(&view) = self.views.get(&(place, shape)) {
            return view;
        }
        let view = self.push(StepOp::View, vec![place], shape);
        self.views.insert((place, shape), view);
        view
    }

    /// Whether what writes a place could write it in this shape as well: a parameter, or elements that are only moved.
    fn can_be(&self, place: usize, shape: [usize; 3]) -> bool {
        match *self.writer(place) {
            StepOp::Constant(_) => true,
            StepOp::Plain(number) => {
                let PlainOp { op, result, .. } = &self.plain[number];
                only_moves(op) && is_aligned(result, shape)
            }
            _ => false,
        }
    }

    /// Numbers a layer by the name of its node.
    pub(super) fn new_layer(&mut self, name: &str) -> usize {
        self.layers.push(name.to_owned());
        self.layers.len() - 1
    }

    /// Makes a sum part of the layer that was planned last, if that gives one of the operands and nothing has been done to it.
    pub(super) fn add_to_layer(&mut self, operands: &[usize]) -> Option<usize> {
        let &[a, b] = operands else { return None };
        let [a, b] = [a, b].map(|value| self.values[value]);
        let last = self.steps.last_mut()?;
        let (own, other) = if last.to == a.place { (a, b) } else { (b, a) };
        let [shape, other_shape] = [own, other].map(|value| self.places[value.place].shape);
        let is_layer =
            matches!(last.op, StepOp::Rows { .. } | StepOp::Windowed { kind: Kind::Down | Kind::Depthwise, .. });
        let is_bare = is_layer && last.from.len() == 1 && self.places[own.place].then == Then::Nothing;
        let is_free = own.is_sole && own.place != other.place && shape == other_shape;
        (last.to == own.place && is_bare && is_free).then(|| {
            last.from.push(other.place);
            own.place
        })
    }
}
