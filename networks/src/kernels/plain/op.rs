//! [`Plain`]: one of the ops, made for its shapes.

use super::batch::{Batch, BatchMut};
use super::copies::{Copies, Lying};
use super::matrices::Matrices;
use super::normalize::Normalize;
use super::pairwise::Repeated;
use super::reduce::Reduce;
use super::scratch::Scratch;
use super::softmax::Softmax;
use crate::kernels::gemm::Buffer;
use crate::kernels::map::Map;
use crate::kernels::simd::Isa;
use crate::spec::{Fill, Op};

/// A value of a plain op: its shape, and where it and its gradient lie.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct Side {
    pub(in crate::kernels) shape: Vec<usize>,
    pub(in crate::kernels) values: Map,
    pub(in crate::kernels) gradient: Map,
}

impl Side {
    fn lying(&self, map: fn(&Self) -> Map) -> Lying<'_> {
        (&self.shape, map(self))
    }
}

/// An op on values of any rank.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct Plain {
    kind: Kind,
    /// Elements of each operand.
    operands: Vec<usize>,
    result: Side,
}

#[derive(Clone, Debug)]
enum Kind {
    /// Of each operand, among values and among gradients; and what else is in the result.
    Copies {
        of_values: Vec<Copies>,
        of_gradients: Vec<Copies>,
        others: Option<f32>,
    },
    Pairwise(Repeated),
    Matrices(Matrices),
    Softmax(Softmax),
    Normalize(Normalize),
    Reduce(Reduce),
}

impl Plain {
    /// None of an op that is not plain. Values lie flat, but for those that are only moved. `matrices` numbers products of matrices.
    pub(in crate::kernels) fn new(op: &Op, operands: &[Side], result: &Side, matrices: &mut usize) -> Option<Self> {
        let kind = match (op, operands) {
            (&Op::Pairwise(function), [a, b]) => {
                Kind::Pairwise(Repeated::new(function, [&a.shape, &b.shape], &result.shape))
            }
            (Op::MatMul, [a, b]) => {
                *matrices += 1;
                Kind::Matrices(Matrices::new(*matrices - 1, [&a.shape, &b.shape], &result.shape)?)
            }
            (&Op::Softmax { axis }, [x]) => Kind::Softmax(Softmax::new(&x.shape, axis)),
            (&Op::Normalize { axis, epsilon }, [x]) => Kind::Normalize(Normalize::new(&x.shape, axis, epsilon)),
            (Op::Reduce { by, axes }, [x]) => Kind::Reduce(Reduce::new(&x.shape, *by, axes)),
            _ => {
                let others = match *op {
                    Op::Pad { fill: Fill::Value(value), .. } => Some(value),
                    _ => None,
                };
                let of_values = copies(op, operands, result, |side| side.values)?;
                let of_gradients = copies(op, operands, result, |side| side.gradient)?;
                Kind::Copies { of_values, of_gradients, others }
            }
        };
        let elements = |side: &Side| side.shape.iter().product();
        Some(Self { kind, operands: operands.iter().map(elements).collect(), result: result.clone() })
    }

    /// Computes the results of `images` images.
    pub(in crate::kernels) fn forward(
        &self,
        isa: Isa,
        images: usize,
        from: &[Batch<'_>],
        mut to: BatchMut<'_>,
        scratch: &mut Scratch,
    ) {
        let map = self.result.values;
        if let Kind::Copies { of_values, others, .. } = &self.kind {
            if let Some(value) = others {
                map.rows_mut(images, to.floats).for_each(|row| row.fill(*value));
            }
            of_values.iter().zip(from).for_each(|(copies, from)| copies.forward(images, *from, &mut to));
            return;
        }
        for image in 0..images {
            let operand = |at: usize| &from[at].image(image)[..self.operands[at]];
            let to = &mut to.image(image)[..map.content()];
            match &self.kind {
                Kind::Copies { .. } => {}
                Kind::Pairwise(op) => op.forward(isa, [operand(0), operand(1)], to),
                Kind::Matrices(op) => op.forward(isa, [operand(0), operand(1)], to, scratch),
                Kind::Softmax(op) => op.forward(isa, operand(0), to, &mut scratch.row),
                Kind::Normalize(op) => op.forward(isa, operand(0), to),
                Kind::Reduce(op) => op.forward(isa, operand(0), to),
            }
        }
    }

    /// The way back to an operand, of `images` images: from the operands, and from the results and their gradient. What it is is written
    /// where it is the first share of the operand's gradient, else added.
    #[expect(clippy::too_many_arguments, reason = "all that a way back may ask for")]
    pub(in crate::kernels) fn backward(
        &self,
        isa: Isa,
        images: usize,
        from: &[Batch<'_>],
        [y, d_y]: [Batch<'_>; 2],
        at: usize,
        mut d_x: BatchMut<'_>,
        is_first: bool,
        scratch: &mut Scratch,
    ) {
        if let Kind::Copies { of_gradients, .. } = &self.kind {
            return of_gradients[at].backward(images, d_y, &mut d_x, is_first);
        }
        for image in 0..images {
            let operand = |at: usize| &from[at].image(image)[..self.operands[at]];
            let [y, d_y] = [y, d_y].map(|batch| &batch.image(image)[..self.result.values.content()]);
            let d_x = &mut d_x.image(image)[..self.operands[at]];
            match &self.kind {
                Kind::Copies { .. } => {}
                Kind::Pairwise(op) => op.backward(isa, at, [operand(0), operand(1)], d_y, d_x, is_first),
                Kind::Matrices(op) => op.backward(isa, at, [operand(0), operand(1), d_y], d_x, is_first, scratch),
                Kind::Softmax(op) => op.backward(isa, [y, d_y], d_x, is_first, &mut scratch.row),
                Kind::Normalize(op) => op.backward(isa, [operand(0), d_y], d_x, is_first),
                Kind::Reduce(op) => op.backward([operand(0), d_y], d_x, is_first, &mut scratch.places),
            }
        }
    }

    /// Scratch for all of these ops.
    pub(in crate::kernels) fn scratch(isa: Isa, ops: &[Self]) -> Scratch {
        let mut scratch = Scratch::default();
        let (mut wide, mut row) = (0, 0);
        for op in ops {
            match &op.kind {
                Kind::Matrices(op) => {
                    wide = wide.max(op.wide(isa));
                    scratch.packed.push(op.packed(isa));
                }
                Kind::Softmax(op) => row = row.max(op.scratch()),
                Kind::Reduce(op) => scratch.places.resize(scratch.places.len().max(op.results()), 0),
                Kind::Copies { .. } | Kind::Pairwise(_) | Kind::Normalize(_) => {}
            }
        }
        (scratch.wide, scratch.row) = (Buffer::zeroed(wide), Buffer::zeroed(row));
        scratch
    }
}

/// The copies of each operand, in these maps.
fn copies(op: &Op, operands: &[Side], result: &Side, map: fn(&Side) -> Map) -> Option<Vec<Copies>> {
    let to = result.lying(map);
    match (op, operands) {
        (Op::Transpose { order }, [x]) => Some(vec![Copies::transpose(order, x.lying(map), to)]),
        (Op::Select { axis, indices }, [x]) => Some(vec![Copies::select(*axis, indices, x.lying(map), to)]),
        (Op::Broadcast { .. }, [x]) => Some(vec![Copies::broadcast(x.lying(map), to)]),
        (Op::Pad { before, fill, .. }, [x]) => Some(vec![Copies::pad(before, *fill, x.lying(map), to)]),
        (&Op::Concatenate { axis }, _) => {
            let mut first = 0;
            let part = |operand: &Side| {
                first += operand.shape[axis];
                Copies::part(axis, first - operand.shape[axis], operand.lying(map), to)
            };
            Some(operands.iter().map(part).collect())
        }
        _ => None,
    }
}
