//! Networks of windows of any shape, groups, pools, functions, pairs and constants on the kernels, against candle's graph of them in
//! double precision, on every instruction set: some that were thought of, and random ones.

mod reference;

use candle_core::Result;
use rand::Rng;
use robust_attacks::random::stream;
use robust_networks::{Function, Op, Pairwise, Reduction, Spec, Window};

/// A function of positive numbers only, or of small ones.
fn is_partial(function: Function) -> bool {
    use Function::{Exponential, Logarithm, Power, Reciprocal, SquareRoot};
    matches!(function, Exponential | Logarithm | Power { .. } | Reciprocal | SquareRoot)
}

const FUNCTIONS: [Function; 21] = [
    Function::Affine { scale: -1.5, shift: 0.25 },
    Function::Clip { low: -0.5, high: 0.75 },
    Function::Clip { low: 0.0, high: f32::INFINITY },
    Function::LeakyRelu { slope: 0.1 },
    Function::LeakyRelu { slope: -0.1 },
    Function::Elu { alpha: 1.0 },
    Function::Elu { alpha: -0.5 },
    Function::HardSwish,
    Function::Silu,
    Function::Gelu,
    Function::GeluTanh,
    Function::Tanh,
    Function::Softplus,
    Function::Erf,
    Function::Exponential,
    Function::Logarithm,
    Function::SquareRoot,
    Function::Reciprocal,
    Function::Absolute,
    Function::Power { exponent: 3.0 },
    Function::Power { exponent: -0.5 },
];
const PAIRS: [Pairwise; 6] =
    [Pairwise::Add, Pairwise::Subtract, Pairwise::Multiply, Pairwise::Divide, Pairwise::Larger, Pairwise::Smaller];

/// A network that grows; the last value is the operand of what is added.
struct Growing {
    spec: Spec,
    last: String,
}

impl Growing {
    fn new(input: &[usize]) -> Self {
        Self { spec: Spec::new(&[("x", input)]), last: "x".to_owned() }
    }

    fn shape(&self, name: &str) -> Vec<usize> {
        let shapes = self.spec.shapes().unwrap_or_default();
        self.spec.names().zip(shapes).find(|(other, _)| *other == name).map_or(Vec::new(), |(_, shape)| shape)
    }

    fn add(&mut self, op: Op, operands: &[&str]) -> String {
        let name = format!("n{}", self.spec.nodes.len());
        self.spec.add(name, op, operands)
    }

    /// Adds an op of the last value, if there is such a result.
    fn then(&mut self, op: Op) -> bool {
        let (before, last) = (self.spec.clone(), self.last.clone());
        self.last = self.add(op, &[&last]);
        let fits =
            self.spec.shapes().is_ok_and(|shapes| shapes.iter().all(|shape| shape.iter().product::<usize>() < 9000));
        if !fits {
            (self.spec, self.last) = (before, last);
        }
        fits
    }

    /// Numbers of at least a half.
    fn positive(&mut self, of: &str) -> String {
        let positive = self.add(Op::Function(Function::Softplus), &[of]);
        self.add(Op::Function(Function::Affine { scale: 1.0, shift: 0.5 }), &[&positive])
    }

    fn function(&mut self, function: Function) {
        if is_partial(function) {
            let bounded = self.add(Op::Function(Function::Tanh), &[&self.last.clone()]);
            self.last = self.positive(&bounded);
        }
        self.then(Op::Function(function));
    }

    /// The last value and another one; the second is kept from zero where it divides.
    fn pair(&mut self, by: Pairwise, other: &str, is_first: bool) {
        let last = self.last.clone();
        let [a, mut b] = if is_first { [&last[..], other] } else { [other, &last] }.map(str::to_owned);
        if by == Pairwise::Divide {
            b = self.positive(&b);
        }
        self.last = self.add(Op::Pairwise(by), &[&a, &b]);
    }

    /// A gate for each channel: squeeze and excitation.
    fn squeeze(&mut self) {
        let shape = self.shape(&self.last);
        let (map, channels) = (self.last.clone(), shape[0]);
        self.then(Op::global_average());
        self.then(Op::Linear { in_features: channels, out_features: channels });
        self.then(Op::Sigmoid);
        self.then(Op::Reshape { shape: vec![channels, 1, 1] });
        self.pair(Pairwise::Multiply, &map, true);
    }

    fn finish(mut self, outputs: &[&str]) -> Spec {
        self.spec.outputs = outputs.iter().map(|&name| name.to_owned()).chain([self.last]).collect();
        self.spec
    }
}

fn convolution(channels: [usize; 2], groups: usize, window: Window) -> Op {
    Op::Convolution { in_channels: channels[0], out_channels: channels[1], groups, window }
}

fn window(rng: &mut impl Rng, most: usize) -> Window {
    let mut two = |from: usize, to: usize| [0; 2].map(|_| rng.random_range(from..to));
    let (size, stride, dilation) = (two(1, most), two(1, 4), two(1, 3));
    let is_plain = two(0, 2) == [0, 0];
    Window {
        size,
        stride: if is_plain { [1, 1] } else { stride },
        dilation: if is_plain { [1, 1] } else { dilation },
        padding: [two(0, 3), two(0, 3)],
    }
}

/// Adds something.
fn grow(network: &mut Growing, rng: &mut impl Rng, earlier: &[String]) {
    let shape = network.shape(&network.last);
    let [channels, rows, columns] = shape[..] else { return };
    match rng.random_range(0..12) {
        0..4 => {
            let divisors: Vec<usize> = (1..=channels).filter(|groups| channels % groups == 0).collect();
            let groups = if rng.random_bool(0.4) { channels } else { divisors[rng.random_range(0..divisors.len())] };
            let out_channels = groups * rng.random_range(1..4);
            let window = if rng.random_bool(0.3) { Window::square(3, 1, 1) } else { window(rng, 5) };
            network.then(convolution([channels, out_channels], groups, window));
        }
        4 => drop(network.then(Op::MaxPool { window: window(rng, 4) })),
        5 => {
            let window = window(rng, 4);
            let counted = window.padding.map(|way| way.map(|pixels| rng.random_range(0..=pixels)));
            network.then(Op::AveragePool { window, counted });
        }
        6 => drop(network.then(Op::ScaleShift { channels })),
        7 => network.function(FUNCTIONS[rng.random_range(0..FUNCTIONS.len())]),
        8 => {
            let count = rng.random_range(1..=channels + 2);
            let indices = (0..count).map(|_| rng.random_range(0..channels)).collect();
            network.then(Op::Select { axis: 0, indices });
        }
        9 => network.squeeze(),
        10 => {
            let alike: Vec<&String> = earlier.iter().filter(|name| network.shape(name) == shape).collect();
            let other = alike[rng.random_range(0..alike.len())].clone();
            network.pair(PAIRS[rng.random_range(0..6)], &other, rng.random_bool(0.5));
        }
        _ => {
            let shapes =
                [vec![channels, 1, 1], vec![1, rows, columns], shape, vec![columns], vec![1], vec![1, 1, columns]];
            let constant = network.add(Op::Constant { shape: shapes[rng.random_range(0..6)].clone() }, &[]);
            network.pair(PAIRS[rng.random_range(0..6)], &constant, rng.random_bool(0.5));
        }
    }
}

fn random_spec(rng: &mut impl Rng) -> Spec {
    let input = [rng.random_range(1..10), rng.random_range(3..14), rng.random_range(3..14)];
    let mut network = Growing::new(&input);
    let mut earlier = vec!["x".to_owned()];
    for _ in 0..rng.random_range(2..7) {
        grow(&mut network, rng, &earlier);
        earlier.push(network.last.clone());
    }
    // Few elements may be the small rest of large sums: none to compare with.
    let [channels, rows, columns] = network.shape(&network.last)[..] else { return network.finish(&[]) };
    let width = match rng.random_range(0..3) {
        0 => {
            network.then(Op::Reduce { by: Reduction::Largest, axes: vec![1, 2] });
            channels
        }
        _ => {
            network.then(Op::Flatten);
            channels * rows * columns
        }
    };
    network.then(Op::Linear { in_features: width, out_features: 24 });
    network.finish(&[])
}

#[test]
fn random_networks_of_any_ops_on_maps_agree_with_the_graph() -> Result<()> {
    let (mut fewer, mut images) = (0, 0);
    for number in 0..300 {
        let rng = &mut stream(number, "maps", &[]);
        let spec = random_spec(rng);
        let batch = [1, 3, 9][number as usize % 3];
        let found = reference::check(&format!("network {number}"), &spec, batch, number < 20, rng)?;
        (fewer, images) = (fewer + usize::from(found < batch), images + found);
    }
    assert!(fewer <= 60 && images > 1000, "{fewer} networks of 300 had fewer images, {images} in all");
    Ok(())
}

#[test]
fn every_function_and_every_pair_agree_with_the_graph() -> Result<()> {
    for (number, function) in FUNCTIONS.into_iter().enumerate() {
        // In place of what a convolution gives, of an input, and of what others ask for too.
        let mut network = Growing::new(&[3, 5, 4]);
        network.function(function);
        network.then(convolution([3, 5], 1, Window::square(3, 1, 1)));
        network.function(function);
        let shared = network.last.clone();
        network.function(function);
        network.then(Op::Flatten);
        let spec = network.finish(&[&shared]);
        let rng = &mut stream(number as u64, "functions", &[]);
        assert_eq!(reference::check(&format!("{function:?}"), &spec, 3, true, rng)?, 3, "{function:?}");
    }
    Ok(())
}
