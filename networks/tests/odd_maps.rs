//! Networks of ops on maps that random ones rarely are: more channels than a register holds, images that are prepared first, values that
//! are repeated, and what is done to a layer's result.

mod cases;
mod reference;

use candle_core::Result;
use robust_attacks::random::stream;
use robust_networks::kernels::{Isa, Memory, Network};
use robust_networks::{Function, Op, Pairwise, Window};

use cases::{Case, convolution, linear, spec};

/// A grouped convolution of a square kernel.
fn grouped(in_channels: usize, out_channels: usize, groups: usize, kernel: usize, stride: usize) -> Op {
    Op::Convolution { in_channels, out_channels, groups, window: Window::square(kernel, stride, kernel / 2) }
}

fn constant(shape: &[usize]) -> Op {
    Op::Constant { shape: shape.to_vec() }
}

const ADD: Op = Op::Pairwise(Pairwise::Add);
const MULTIPLY: Op = Op::Pairwise(Pairwise::Multiply);
const RELU6: Op = Op::Function(Function::Clip { low: 0.0, high: 6.0 });
const SILU: Op = Op::Function(Function::Silu);

fn layers() -> Vec<Case> {
    use Op::{Flatten, Relu};
    let asymmetric = |padding| Op::Convolution {
        in_channels: 20,
        out_channels: 20,
        groups: 1,
        window: Window { padding, ..Window::square(3, 1, 0) },
    };
    vec![
        (
            "an inverted residual block",
            &[20, 9, 7],
            vec![
                ("a", convolution(20, 40, 1, 1, 0), &["x"]),
                ("a6", RELU6, &["a"]),
                ("b", grouped(40, 40, 40, 3, 1), &["a6"]),
                ("b6", RELU6, &["b"]),
                ("c", convolution(40, 20, 1, 1, 0), &["b6"]),
                ("sum", ADD, &["c", "x"]),
                ("d", grouped(20, 60, 20, 5, 2), &["sum"]),
                ("r", Relu, &["d"]),
            ],
            &["r"],
        ),
        (
            "a residual sum of every channel on its own, and one that is gated",
            &[24, 6, 6],
            vec![
                ("a", convolution(24, 24, 1, 1, 0), &["x"]),
                ("ra", Relu, &["a"]),
                ("b", grouped(24, 24, 24, 3, 1), &["ra"]),
                ("sum", ADD, &["ra", "b"]),
                ("r", Relu, &["sum"]),
                ("c", grouped(24, 24, 24, 3, 1), &["r"]),
                ("d", convolution(24, 24, 1, 1, 0), &["r"]),
                ("end", ADD, &["c", "d"]),
            ],
            &["end"],
        ),
        (
            "groups in one part, in parts of several, and in parts of one",
            &[32, 8, 8],
            vec![
                ("a", grouped(32, 32, 8, 3, 1), &["x"]),
                ("r", Relu, &["a"]),
                ("b", grouped(32, 96, 4, 3, 2), &["r"]),
                ("sigmoid", Op::Sigmoid, &["b"]),
                ("c", grouped(96, 80, 2, 3, 1), &["sigmoid"]),
                ("d", grouped(80, 160, 16, 1, 1), &["c"]),
                ("again", Relu, &["d"]),
                ("e", convolution(80, 160, 1, 1, 0), &["c"]),
                ("sum", ADD, &["again", "e"]),
            ],
            &["sum"],
        ),
        (
            "a block with squeeze and excitation",
            &[18, 7, 9],
            vec![
                ("a", grouped(18, 18, 18, 5, 1), &["x"]),
                ("s", SILU, &["a"]),
                ("mean", Op::global_average(), &["s"]),
                ("pixel", Op::Reshape { shape: vec![18, 1, 1] }, &["mean"]),
                ("less", convolution(18, 5, 1, 1, 0), &["pixel"]),
                ("ls", SILU, &["less"]),
                ("more", convolution(5, 18, 1, 1, 0), &["ls"]),
                ("gate", Op::Sigmoid, &["more"]),
                ("gated", MULTIPLY, &["gate", "s"]),
                ("b", convolution(18, 33, 1, 1, 0), &["gated"]),
            ],
            &["b"],
        ),
        (
            "paddings that differ by side",
            &[20, 11, 8],
            vec![
                ("a", asymmetric([[0, 2], [1, 0]]), &["x"]),
                ("b", asymmetric([[2, 0], [0, 1]]), &["a"]),
                ("c", asymmetric([[1, 4], [2, 3]]), &["b"]),
                ("d", asymmetric([[3, 0], [0, 0]]), &["c"]),
            ],
            &["d"],
        ),
        (
            "a scale of maps, of vectors, and of other shapes",
            &[24, 5, 5],
            vec![
                ("a", Op::ScaleShift { channels: 24 }, &["x"]),
                ("r", Relu, &["a"]),
                ("rows", Op::Reshape { shape: vec![6, 100] }, &["r"]),
                ("b", Op::ScaleShift { channels: 6 }, &["rows"]),
                ("four", Op::Reshape { shape: vec![12, 2, 5, 5] }, &["b"]),
                ("c", Op::ScaleShift { channels: 12 }, &["four"]),
                ("flat", Flatten, &["c"]),
                ("l", linear(600, 20), &["flat"]),
                ("d", Op::ScaleShift { channels: 20 }, &["l"]),
                ("sum", ADD, &["d", "l"]),
            ],
            &["sum", "rows"],
        ),
    ]
}

/// What comes before the first layer, after which the way back is by shares.
fn prepared() -> Vec<Case> {
    let of = |name: &'static str, nodes: Vec<(&'static str, Op, &'static [&'static str])>| -> Case {
        let layers = [("a", convolution(3, 16, 3, 1, 1), &["prepared"][..]), ("r", Op::Relu, &["a"])];
        (name, &[3, 8, 6], [nodes, layers.to_vec()].concat(), &["r"])
    };
    let affine = Op::Function(Function::Affine { scale: 2.0, shift: -1.0 });
    vec![
        of("a scaled image", vec![("prepared", Op::ScaleShift { channels: 3 }, &["x"])]),
        of("an image from -1 to 1", vec![("prepared", affine, &["x"])]),
        of(
            "an image less a mean, times constants",
            vec![
                ("mean", constant(&[3, 1, 1]), &[]),
                ("less", Op::Pairwise(Pairwise::Subtract), &["x", "mean"]),
                ("factor", constant(&[3, 8, 6]), &[]),
                ("prepared", MULTIPLY, &["factor", "less"]),
            ],
        ),
        of(
            "an image that others read too",
            vec![
                ("own", grouped(3, 6, 3, 3, 1), &["x"]),
                ("less", convolution(6, 3, 1, 1, 0), &["own"]),
                ("scaled", Op::ScaleShift { channels: 3 }, &["x"]),
                ("prepared", ADD, &["scaled", "less"]),
            ],
        ),
        of(
            "an image of which each channel is seen on its own",
            vec![("scaled", Op::ScaleShift { channels: 3 }, &["x"]), ("prepared", grouped(3, 3, 3, 3, 1), &["scaled"])],
        ),
        of("an image that is bent", vec![("prepared", Op::Function(Function::Tanh), &["x"])]),
    ]
}

#[test]
fn odd_maps_agree_with_the_graph() -> Result<()> {
    for case in layers().into_iter().chain(prepared()) {
        for batch in [1, 5] {
            let found = reference::check(case.0, &spec(&case), batch, true, &mut stream(5, case.0, &[]))?;
            assert_eq!(found, batch, "{}", case.0);
        }
    }
    Ok(())
}

#[test]
fn an_empty_batch_gives_empty_gradients() {
    let case: Case = (
        "every kind of layer",
        &[4, 6, 6],
        vec![
            ("a", Op::ScaleShift { channels: 4 }, &["x"]),
            ("b", grouped(4, 8, 2, 3, 1), &["a"]),
            ("c", grouped(8, 8, 8, 3, 1), &["b"]),
            ("d", constant(&[8, 1, 1]), &[]),
            ("e", MULTIPLY, &["c", "d"]),
        ],
        &["e"],
    );
    for isa in Isa::available() {
        let network = Network::new(isa, &spec(&case)).unwrap();
        let weights: Vec<f32> = (0..network.floats()).map(|at| 0.1 + (at % 7) as f32).collect();
        let network = network.filled(&weights);
        let mut memory = Memory::new(&network, 2);
        for images in [2, 0] {
            let mut gradients = vec![9.0; network.floats()];
            network.forward(&[&vec![0.5; 144 * images]], &mut memory);
            let d = vec![1.0; 288 * images];
            network.backward(&[Some(&d)], &mut memory, &mut [None], Some(&mut gradients));
            assert!(
                gradients.iter().all(|slope| (*slope == 0.0) == (images == 0)),
                "{isa}, {images} images: {gradients:?}"
            );
        }
    }
}

#[test]
fn the_way_back_to_an_image_that_is_prepared_is_that_to_an_image() {
    for case in &prepared()[..3] {
        for isa in Isa::available() {
            let network = Network::new(isa, &spec(case)).unwrap();
            let algorithms = network.algorithms();
            let (_, algorithm) = algorithms.iter().find(|(layer, _)| *layer == "a").unwrap();
            assert!(algorithm.ends_with("back shares"), "{}: {algorithm}", case.0);
        }
    }
}
