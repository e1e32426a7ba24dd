//! Random networks of ops on values of any rank, mixed with convolutions.

use candle_core::{Error, Result};
use rand::Rng;
use rand::seq::SliceRandom;
use robust_attacks::random::stream;
use robust_networks::{Fill, Function, Op, Pairwise, Reduction, Spec, Window};

use super::reference;

/// The most elements of a value.
const MOST: usize = 3000;

/// A network under construction: its nodes are numbered, and the shape of the last value is known.
struct Net {
    spec: Spec,
    last: String,
    shape: Vec<usize>,
    /// Whether sums may be the same for all images, and slopes of theirs nothing but rounding.
    is_balanced: bool,
}

impl Net {
    fn add(&mut self, op: Op, operands: &[&str]) -> Result<()> {
        let name = format!("n{}", self.spec.nodes.len());
        self.last = self.spec.add(name, op, operands);
        self.shape = self.spec.shapes().map_err(Error::wrap)?.pop().unwrap_or_default();
        Ok(())
    }

    fn then(&mut self, op: Op) -> Result<()> {
        let last = self.last.clone();
        self.add(op, &[&last])
    }

    /// A parameter that is repeated along some axes, or not.
    fn with_constant(&mut self, pairwise: Pairwise, rng: &mut impl Rng) -> Result<()> {
        let lacks = rng.random_range(0..self.shape.len());
        let shape = self.shape[lacks..].iter().map(|&size| if rng.random_bool(0.3) { 1 } else { size }).collect();
        let constant = self.spec.add(format!("c{}", self.spec.nodes.len()), Op::Constant { shape }, &[]);
        let last = self.last.clone();
        match rng.random_bool(0.5) {
            true => self.add(Op::Pairwise(pairwise), &[&last, &constant]),
            false => self.add(Op::Pairwise(pairwise), &[&constant, &last]),
        }
    }

    fn reshape(&mut self, rng: &mut impl Rng) -> Result<()> {
        let mut left: usize = self.shape.iter().product();
        let mut shape = Vec::new();
        while left > 1 && shape.len() < 4 {
            let divisors: Vec<usize> = (1..=left).filter(|size| left.is_multiple_of(*size)).collect();
            shape.push(divisors[rng.random_range(0..divisors.len())]);
            left /= shape[shape.len() - 1];
        }
        shape.push(left);
        self.then(Op::Reshape { shape })
    }

    fn step(&mut self, rng: &mut impl Rng) -> Result<()> {
        let (rank, shape, before) = (self.shape.len(), self.shape.clone(), self.last.clone());
        let axis = rng.random_range(0..rank);
        let elements: usize = shape.iter().product();
        match rng.random_range(0..17) {
            0 | 1 => self.reshape(rng),
            2 | 3 => {
                let mut order: Vec<usize> = (0..rank).collect();
                order.shuffle(rng);
                self.then(Op::Transpose { order })
            }
            4 => {
                let slices = (MOST * shape[axis] / elements).min(shape[axis] + 2);
                let indices = (0..rng.random_range(1..=slices.max(1))).map(|_| rng.random_range(0..shape[axis]));
                self.then(Op::Select { axis, indices: indices.collect() })
            }
            5 => {
                let mut more = || -> Vec<usize> { (0..rank).map(|_| rng.random_range(0..2)).collect() };
                let (before, behind) = (more(), more());
                let fill = [Fill::Value(0.5), Fill::Edge, Fill::Reflect][rng.random_range(0..3)];
                let is_near = fill != Fill::Reflect || shape.iter().all(|&size| size > 1);
                if is_near && elements * 4 < MOST { self.then(Op::Pad { before, behind, fill }) } else { Ok(()) }
            }
            6 if shape[axis] > 1 && !self.is_balanced => {
                self.is_balanced = true;
                self.then(Op::Softmax { axis })
            }
            7 if shape[axis..].iter().product::<usize>() > 2 && !self.is_balanced => {
                self.is_balanced = true;
                self.then(Op::Normalize { axis, epsilon: 0.1 })
            }
            8 if elements > 40 && !self.is_balanced => {
                let by = [Reduction::Mean, Reduction::Sum][rng.random_range(0..2)];
                let axes: Vec<usize> = (0..rank).filter(|_| rng.random_bool(0.4)).collect();
                if axes.is_empty() { Ok(()) } else { self.then(Op::Reduce { by, axes }) }
            }
            9 | 10 => {
                let in_features = shape[rank - 1];
                let out_features = rng.random_range(1..=40.min(MOST * in_features / elements));
                self.then(Op::Linear { in_features, out_features })
            }
            11 if rank > 1 => {
                let columns = rng.random_range(1..=(MOST * shape[rank - 1] / elements).min(20));
                let ahead = if rng.random_bool(0.5) { &shape[..rank - 2] } else { &[] };
                let shape = [ahead, &[shape[rank - 1], columns]].concat();
                let constant = self.spec.add(format!("c{}", self.spec.nodes.len()), Op::Constant { shape }, &[]);
                self.add(Op::MatMul, &[&before, &constant])
            }
            12 => self.with_constant(Pairwise::Multiply, rng),
            13 => self.with_constant(Pairwise::Subtract, rng),
            14 => {
                self.is_balanced = false;
                self.then(Op::Function([Function::Gelu, Function::Tanh, Function::Silu][rng.random_range(0..3)]))
            }
            15 if elements * 2 < MOST => {
                self.then(Op::Sigmoid)?;
                let last = self.last.clone();
                self.add(Op::Concatenate { axis }, &[&before, &last, &before])
            }
            16 if rank == 3 => {
                let window = Window::square(3, 1, 1);
                self.then(Op::Convolution { in_channels: shape[0], out_channels: 6, groups: 1, window })
            }
            _ => {
                self.then(Op::Sigmoid)?;
                let last = self.last.clone();
                self.add(Op::Pairwise(Pairwise::Add), &[&last, &before])
            }
        }
    }
}

#[test]
fn random_networks_of_values_of_any_rank_agree_with_the_graph() -> Result<()> {
    for number in 0..300 {
        let rng = &mut stream(number, "plain networks", &[]);
        let shape: Vec<usize> = (0..rng.random_range(2..5)).map(|_| rng.random_range(2..7)).collect();
        let mut net =
            Net { spec: Spec::new(&[("image", &shape)]), last: "image".to_owned(), shape, is_balanced: false };
        for _ in 0..rng.random_range(3..10) {
            net.step(rng)?;
        }
        // A result of few elements may be the small rest of large sums: none to compare with.
        let in_features = net.shape[net.shape.len() - 1];
        net.then(Op::Linear { in_features, out_features: 33 })?;
        net.spec.outputs = vec![net.last.clone()];
        let batch = [1, 3, 8][number as usize % 3];
        let images = reference::check(&format!("network {number}"), &net.spec, batch, number < 20, rng)?;
        assert_eq!(images, batch, "images of network {number}");
    }
    Ok(())
}
