//! Networks whose values have any rank: transformers, and convolutional ones that transpose, select and join, against candle's graph.

mod reference;

use candle_core::{Device, Error, Result, Var};
use robust_attacks::random::stream;
use robust_networks::kernels::{Isa, Memory, Network};
use robust_networks::{Fill, Function, Graph, Op, Pairwise, Reduction, Spec, Window};

/// A network under construction, whose nodes are numbered.
struct Net(Spec);

impl Net {
    fn of(image: &[usize]) -> Self {
        Self(Spec::new(&[("image", image)]))
    }

    fn op(&mut self, op: Op, operands: &[&str]) -> String {
        let name = format!("n{}", self.0.nodes.len());
        self.0.add(name, op, operands)
    }

    fn constant(&mut self, shape: &[usize]) -> String {
        self.op(Op::Constant { shape: shape.to_vec() }, &[])
    }

    fn pair(&mut self, pairwise: Pairwise, a: &str, b: &str) -> String {
        self.op(Op::Pairwise(pairwise), &[a, b])
    }

    fn linear(&mut self, in_features: usize, out_features: usize, x: &str) -> String {
        self.op(Op::Linear { in_features, out_features }, &[x])
    }

    fn reshape(&mut self, shape: &[usize], x: &str) -> String {
        self.op(Op::Reshape { shape: shape.to_vec() }, &[x])
    }

    fn transpose(&mut self, order: &[usize], x: &str) -> String {
        self.op(Op::Transpose { order: order.to_vec() }, &[x])
    }

    fn select(&mut self, axis: usize, indices: &[usize], x: &str) -> String {
        self.op(Op::Select { axis, indices: indices.to_vec() }, &[x])
    }

    /// A layer normalization from an axis on, of so many elements of the last dimension.
    fn normalize(&mut self, axis: usize, features: usize, x: &str) -> String {
        let normal = self.op(Op::Normalize { axis, epsilon: 1e-3 }, &[x]);
        let [gain, bias] = [0, 1].map(|_| self.constant(&[features]));
        let scaled = self.pair(Pairwise::Multiply, &normal, &gain);
        self.pair(Pairwise::Add, &scaled, &bias)
    }

    fn check(mut self, name: &str, outputs: &[&str]) -> Result<()> {
        self.0.outputs = outputs.iter().map(|&output| output.to_owned()).collect();
        for batch in [1, 5] {
            let rng = &mut stream(batch as u64, name, &[]);
            assert_eq!(reference::check(name, &self.0, batch, true, rng)?, batch, "{name}: images");
        }
        Ok(())
    }
}

#[test]
fn a_vision_transformer() -> Result<()> {
    let mut net = Net::of(&[3, 12, 12]);
    let (tokens, features, heads, each) = (10, 20, 4, 5);
    let patches = net.op(Op::convolution([3, features], 4, 4, 0), &["image"]);
    let patches = net.reshape(&[features, 9], &patches);
    let patches = net.transpose(&[1, 0], &patches);
    let token = net.constant(&[1, features]);
    let all = net.op(Op::Concatenate { axis: 0 }, &[&token, &patches]);
    let position = net.constant(&[tokens, features]);
    let mut x = net.pair(Pairwise::Add, &all, &position);
    for _ in 0..2 {
        let normal = net.normalize(1, features, &x);
        let three = net.linear(features, 3 * features, &normal);
        let three = net.reshape(&[tokens, 3, heads, each], &three);
        let three = net.transpose(&[1, 2, 0, 3], &three);
        let [query, key, value] = [0, 1, 2].map(|which| {
            let one = net.select(0, &[which], &three);
            net.reshape(&[heads, tokens, each], &one)
        });
        let key = net.transpose(&[0, 2, 1], &key);
        let scores = net.op(Op::MatMul, &[&query, &key]);
        let scores = net.op(Op::Function(Function::Affine { scale: 0.45, shift: 0.0 }), &[&scores]);
        let shares = net.op(Op::Softmax { axis: 2 }, &[&scores]);
        let seen = net.op(Op::MatMul, &[&shares, &value]);
        let seen = net.transpose(&[1, 0, 2], &seen);
        let seen = net.reshape(&[tokens, features], &seen);
        let seen = net.linear(features, features, &seen);
        x = net.pair(Pairwise::Add, &x, &seen);
        let normal = net.normalize(1, features, &x);
        let wide = net.linear(features, 48, &normal);
        let wide = net.op(Op::Function(Function::Gelu), &[&wide]);
        let narrow = net.linear(48, features, &wide);
        x = net.pair(Pairwise::Add, &narrow, &x);
    }
    let token = net.select(0, &[0], &x);
    let token = net.normalize(1, features, &token);
    let token = net.reshape(&[features], &token);
    let logits = net.linear(features, 37, &token);
    net.check("a vision transformer", &[&logits])
}

#[test]
fn a_convnext() -> Result<()> {
    let mut net = Net::of(&[3, 18, 14]);
    let mut x = net.op(Op::convolution([3, 20], 2, 2, 0), &["image"]);
    for _ in 0..2 {
        let window = Window::square(3, 1, 1);
        let each = net.op(Op::Convolution { in_channels: 20, out_channels: 20, groups: 20, window }, &[&x]);
        let last = net.transpose(&[1, 2, 0], &each);
        let normal = net.normalize(2, 20, &last);
        let wide = net.linear(20, 48, &normal);
        let wide = net.op(Op::Function(Function::GeluTanh), &[&wide]);
        let narrow = net.linear(48, 20, &wide);
        let gain = net.constant(&[20]);
        let narrow = net.pair(Pairwise::Multiply, &gain, &narrow);
        let first = net.transpose(&[2, 0, 1], &narrow);
        x = net.pair(Pairwise::Add, &x, &first);
    }
    let down = net.op(Op::convolution([20, 32], 2, 2, 0), &[&x]);
    let mean = net.op(Op::global_average(), &[&down]);
    let logits = net.linear(32, 33, &mean);
    net.check("a ConvNeXt", &[&logits, &x])
}

#[test]
fn squeeze_and_excitation() -> Result<()> {
    let mut net = Net::of(&[3, 9, 10]);
    let x = net.op(Op::convolution([3, 18], 3, 1, 1), &["image"]);
    let mean = net.op(Op::global_average(), &[&x]);
    let narrow = net.linear(18, 5, &mean);
    let narrow = net.op(Op::Function(Function::Silu), &[&narrow]);
    let wide = net.linear(5, 18, &narrow);
    let gate = net.op(Op::Sigmoid, &[&wide]);
    let gate = net.reshape(&[18, 1, 1], &gate);
    let gated = net.pair(Pairwise::Multiply, &x, &gate);
    // A gate for every pixel: the largest and the mean of its channels.
    let largest = net.op(Op::Reduce { by: Reduction::Largest, axes: vec![0] }, &[&gated]);
    let mean = net.op(Op::Reduce { by: Reduction::Mean, axes: vec![0] }, &[&gated]);
    let [largest, mean] = [largest, mean].map(|map| net.reshape(&[1, 9, 10], &map));
    let both = net.op(Op::Concatenate { axis: 0 }, &[&largest, &mean]);
    let gate = net.op(Op::convolution([2, 1], 3, 1, 1), &[&both]);
    let gate = net.op(Op::Sigmoid, &[&gate]);
    let gated = net.pair(Pairwise::Multiply, &gate, &gated);
    let result = net.op(Op::convolution([18, 7], 3, 2, 1), &[&gated]);
    net.check("squeeze and excitation", &[&result])
}

#[test]
fn channels_that_are_joined_and_shuffled() -> Result<()> {
    let mut net = Net::of(&[3, 10, 9]);
    let mut x = net.op(Op::convolution([3, 16], 3, 1, 1), &["image"]);
    for _ in 0..2 {
        let kept = net.select(0, &(0..8).collect::<Vec<_>>(), &x);
        let other = net.select(0, &(8..16).collect::<Vec<_>>(), &x);
        let window = Window::square(3, 1, 1);
        let other = net.op(Op::Convolution { in_channels: 8, out_channels: 8, groups: 8, window }, &[&other]);
        let other = net.op(Op::ScaleShift { channels: 8 }, &[&other]);
        let both = net.op(Op::Concatenate { axis: 0 }, &[&kept, &other]);
        let groups = net.reshape(&[2, 8, 10, 9], &both);
        let groups = net.transpose(&[1, 0, 2, 3], &groups);
        x = net.reshape(&[16, 10, 9], &groups);
    }
    let mut all = vec![x.clone()];
    for channels in [16, 21, 26] {
        let joined = net.op(Op::Concatenate { axis: 0 }, &all.iter().map(String::as_str).collect::<Vec<_>>());
        let normal = net.op(Op::ScaleShift { channels }, &[&joined]);
        let normal = net.op(Op::Function(Function::Tanh), &[&normal]);
        all.push(net.op(Op::convolution([channels, 5], 3, 1, 1), &[&normal]));
    }
    let joined = net.op(Op::Concatenate { axis: 0 }, &all.iter().map(String::as_str).collect::<Vec<_>>());
    let response = net.op(Op::LocalResponse { size: 5, alpha: 0.5, beta: 0.75, bias: 1.0 }, &[&joined]);
    let padded = Op::Pad { before: vec![0, 1, 2], behind: vec![0, 0, 1], fill: Fill::Reflect };
    let padded = net.op(padded, &[&response]);
    let result = net.op(Op::convolution([31, 9], 3, 2, 0), &[&padded]);
    net.check("joined and shuffled", &[&result])
}

#[test]
fn every_plain_op() -> Result<()> {
    // Rows, columns, channels: as Keras has them.
    let mut net = Net::of(&[6, 7, 4]);
    let channels_first = net.transpose(&[2, 0, 1], "image");
    let map = net.op(Op::convolution([4, 6], 3, 1, 1), &[&channels_first]);
    let rows = net.reshape(&[6, 42], &map);
    let mixed = net.linear(42, 19, &rows);
    let shares = net.op(Op::Softmax { axis: 0 }, &[&mixed]);
    let bent = net.op(Op::Function(Function::Tanh), &[&shares]);
    let column = net.op(Op::Reduce { by: Reduction::Sum, axes: vec![1] }, &[&bent]);
    let column = net.reshape(&[6, 1], &column);
    let mut x = mixed;
    for pairwise in [Pairwise::Add, Pairwise::Subtract, Pairwise::Multiply, Pairwise::Larger, Pairwise::Smaller] {
        x = net.pair(pairwise, &x, &column);
        x = net.pair(pairwise, &column, &x);
    }
    let above = net.op(Op::Function(Function::Exponential), &[&bent]);
    let x = net.pair(Pairwise::Divide, &x, &above);
    let x = net.op(Op::Normalize { axis: 0, epsilon: 0.01 }, &[&x]);
    let x = net.reshape(&[2, 3, 19], &x);
    let largest = net.op(Op::Reduce { by: Reduction::Largest, axes: vec![0, 2] }, &[&x]);
    let repeated = net.op(Op::Broadcast { shape: vec![2, 19, 3] }, &[&largest]);
    let x = net.transpose(&[0, 2, 1], &x);
    let matrix = net.constant(&[3, 5]);
    let product = net.op(Op::MatMul, &[&x, &matrix]);
    let matrices = net.constant(&[4, 1, 5, 19]);
    let squares = net.op(Op::MatMul, &[&matrices, &product]);
    let squares = net.op(Op::Reduce { by: Reduction::Mean, axes: vec![0, 2] }, &[&squares]);
    let x = net.op(Op::Concatenate { axis: 2 }, &[&x, &product, &repeated]);
    let mut padded = x;
    for fill in [Fill::Value(0.25), Fill::Reflect, Fill::Edge] {
        padded = net.op(Op::Pad { before: vec![1, 0, 2], behind: vec![0, 1, 1], fill }, &[&padded]);
    }
    let picked = net.select(2, &[3, 3, 0, 14], &padded);
    let wide = Op::Pad { before: vec![0, 1, 1], behind: vec![0, 1, 1], fill: Fill::Value(0.0) };
    let map = net.op(wide, &[&map]);
    let map = net.op(Op::Softmax { axis: 0 }, &[&map]);
    let map = net.op(Op::convolution([6, 3], 3, 1, 0), &[&map]);
    net.check("every plain op", &[&map, &picked, &squares])
}

#[test]
fn equal_elements_share_a_slope_or_the_first_has_it() -> Result<()> {
    let mut net = Net::of(&[2, 3]);
    let largest = net.op(Op::Reduce { by: Reduction::Largest, axes: vec![1] }, &["image"]);
    let row = net.select(0, &[0], "image");
    let larger = net.pair(Pairwise::Larger, "image", &row);
    let smaller = net.pair(Pairwise::Smaller, &row, "image");
    net.0.outputs = vec![largest, larger, smaller];
    let x = [1.0, 2.0, 2.0, 1.0, 3.0, 2.0];
    let var = Var::from_slice(&x, (1, 2, 3), &Device::Cpu)?;
    let outputs = Graph::new(&net.0, &[])?.run(&[&var])?;
    let sums = outputs.iter().map(|output| output.sum_all()).collect::<Result<Vec<_>>>()?;
    let loss = ((&sums[0] + &sums[1])? + &sums[2])?;
    let slopes = loss.backward()?.get(&var).map_or(Ok(Vec::new()), |slopes| slopes.flatten_all()?.to_vec1::<f32>())?;
    for isa in Isa::available() {
        let network = Network::new(isa, &net.0).map_err(Error::wrap)?;
        let mut memory = Memory::new(&network, 1);
        network.forward(&[&x], &mut memory);
        for (number, output) in outputs.iter().enumerate() {
            assert_eq!(memory.output(number), output.flatten_all()?.to_vec1::<f32>()?, "output {number}");
        }
        let (mut d_x, ones) = ([9.0; 6], [1.0; 6]);
        let d_outputs = [Some(&ones[..2]), Some(&ones[..]), Some(&ones[..])];
        network.backward(&d_outputs, &mut memory, &mut [Some(&mut d_x)], None);
        assert_eq!(d_x[..], slopes, "{isa:?}");
    }
    Ok(())
}
