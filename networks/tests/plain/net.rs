//! Networks written op by op, and held against candle's graph.

use candle_core::Result;
use robust_attacks::random::stream;
use robust_networks::{Op, Pairwise, Spec};

use super::reference;

/// A network under construction, whose nodes are numbered.
pub(crate) struct Net(pub(crate) Spec);

impl Net {
    pub(crate) fn of(image: &[usize]) -> Self {
        Self(Spec::new(&[("image", image)]))
    }

    pub(crate) fn op(&mut self, op: Op, operands: &[&str]) -> String {
        let name = format!("n{}", self.0.nodes.len());
        self.0.add(name, op, operands)
    }

    pub(crate) fn constant(&mut self, shape: &[usize]) -> String {
        self.op(Op::Constant { shape: shape.to_vec() }, &[])
    }

    pub(crate) fn pair(&mut self, pairwise: Pairwise, a: &str, b: &str) -> String {
        self.op(Op::Pairwise(pairwise), &[a, b])
    }

    pub(crate) fn linear(&mut self, in_features: usize, out_features: usize, x: &str) -> String {
        self.op(Op::Linear { in_features, out_features }, &[x])
    }

    pub(crate) fn reshape(&mut self, shape: &[usize], x: &str) -> String {
        self.op(Op::Reshape { shape: shape.to_vec() }, &[x])
    }

    pub(crate) fn transpose(&mut self, order: &[usize], x: &str) -> String {
        self.op(Op::Transpose { order: order.to_vec() }, &[x])
    }

    pub(crate) fn select(&mut self, axis: usize, indices: &[usize], x: &str) -> String {
        self.op(Op::Select { axis, indices: indices.to_vec() }, &[x])
    }

    /// A layer normalization from an axis on, of so many elements of the last dimension.
    pub(crate) fn normalize(&mut self, axis: usize, features: usize, x: &str) -> String {
        let normal = self.op(Op::Normalize { axis, epsilon: 1e-3 }, &[x]);
        let [gain, bias] = [0, 1].map(|_| self.constant(&[features]));
        let scaled = self.pair(Pairwise::Multiply, &normal, &gain);
        self.pair(Pairwise::Add, &scaled, &bias)
    }

    pub(crate) fn check(mut self, name: &str, outputs: &[&str]) -> Result<()> {
        self.0.outputs = outputs.iter().map(|&output| output.to_owned()).collect();
        for batch in [1, 5] {
            let rng = &mut stream(batch as u64, name, &[]);
            assert_eq!(reference::check(name, &self.0, batch, true, rng)?, batch, "{name}: images");
        }
        Ok(())
    }
}
