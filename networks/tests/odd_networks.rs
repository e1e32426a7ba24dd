//! Networks that random ones rarely are: views, values of many readers, windows that leave no room, and what no machine could run.

mod cases;
mod reference;

use candle_core::Result;
use robust_attacks::random::stream;
use robust_networks::kernels::{Isa, Memory, Network};
use robust_networks::{Op, Pairwise, Spec, Window};

use cases::{Case, convolution, linear, spec};

fn up(in_channels: usize, out_channels: usize, kernel: usize, stride: usize, padding: usize) -> Op {
    let output_padding = [usize::from(stride == 2); 2];
    Op::TransposedConvolution { in_channels, out_channels, kernel, stride, padding, output_padding }
}

fn cases() -> Vec<Case> {
    use Op::{Flatten, Relu, Sigmoid};
    const ADD: Op = Op::Pairwise(Pairwise::Add);
    const CONCATENATE: Op = Op::Concatenate { axis: 0 };
    let reshape = |shape: &[usize]| Op::Reshape { shape: shape.to_vec() };
    vec![
        (
            "a map one behind the other with a vector",
            &[4, 4, 4],
            vec![
                ("a", convolution(4, 5, 3, 1, 1), &["x"]),
                ("flat", Flatten, &["a"]),
                ("b", linear(80, 9), &["flat"]),
                ("both", CONCATENATE, &["flat", "b"]),
            ],
            &["both"],
        ),
        (
            "the sum of two flattened maps, and of one and a vector",
            &[4, 4, 4],
            vec![
                ("a", convolution(4, 5, 3, 1, 1), &["x"]),
                ("b", convolution(4, 5, 1, 1, 0), &["x"]),
                ("fa", Flatten, &["a"]),
                ("fb", Flatten, &["b"]),
                ("sum", ADD, &["fa", "fb"]),
                ("c", linear(80, 80), &["sum"]),
                ("d", convolution(4, 5, 3, 1, 1), &["x"]),
                ("fd", Flatten, &["d"]),
                ("end", ADD, &["fd", "c"]),
            ],
            &["end"],
        ),
        (
            "a ReLU behind a flattened logistic, and one of an image",
            &[3, 4, 4],
            vec![
                ("a", convolution(3, 5, 3, 1, 1), &["x"]),
                ("s", Sigmoid, &["a"]),
                ("f", Flatten, &["s"]),
                ("r", Relu, &["f"]),
                ("fx", Flatten, &["x"]),
                ("rx", Relu, &["fx"]),
                ("l", linear(80, 48), &["r"]),
                ("sum", ADD, &["l", "rx"]),
            ],
            &["sum"],
        ),
        (
            "vectors that become maps",
            &[4, 6, 6],
            vec![
                ("mean", Op::global_average(), &["x"]),
                ("l", linear(4, 12), &["mean"]),
                ("code", CONCATENATE, &["mean", "l"]),
                ("map", reshape(&[4, 2, 2]), &["code"]),
                ("a", convolution(4, 8, 3, 1, 1), &["map"]),
                ("r", Relu, &["l"]),
                ("again", reshape(&[3, 2, 2]), &["l"]),
                ("b", convolution(3, 8, 3, 1, 1), &["again"]),
                ("sum", ADD, &["a", "b"]),
            ],
            &["sum", "r"],
        ),
        (
            "a map of one pixel in another shape",
            &[4, 3, 3],
            vec![
                ("a", convolution(4, 16, 3, 1, 0), &["x"]),
                ("map", reshape(&[4, 2, 2]), &["a"]),
                ("b", convolution(4, 9, 3, 1, 1), &["map"]),
                ("other", reshape(&[2, 3, 6]), &["b"]),
                ("c", convolution(2, 3, 1, 1, 0), &["other"]),
            ],
            &["c"],
        ),
        (
            "a mean among zeros",
            &[4, 2, 3],
            vec![
                ("mean", Op::global_average(), &["x"]),
                ("map", reshape(&[4, 1, 1]), &["mean"]),
                ("a", up(4, 7, 3, 1, 0), &["map"]),
                ("b", convolution(4, 7, 3, 1, 1), &["map"]),
                ("fa", Flatten, &["a"]),
                ("fb", Flatten, &["b"]),
                ("l", linear(63, 7), &["fa"]),
                ("sum", ADD, &["l", "fb"]),
            ],
            &["sum", "a"],
        ),
        (
            "two layers by shares",
            &[1, 4, 4],
            vec![("a", convolution(1, 4, 3, 1, 1), &["x"]), ("b", up(4, 3, 5, 2, 2), &["a"])],
            &["b"],
        ),
        ("five taps and one register", &[1, 9, 9], vec![("a", convolution(1, 4, 5, 1, 0), &["x"])], &["a"]),
        ("five features to a register", &[4], vec![("a", linear(4, 5), &["x"]), ("b", linear(5, 9), &["a"])], &["b"]),
        (
            "one value for many, and twice for one",
            &[4, 5, 5],
            vec![
                ("a", convolution(4, 8, 3, 1, 1), &["x"]),
                ("r", Relu, &["a"]),
                ("b", convolution(8, 8, 3, 1, 1), &["r"]),
                ("sum", ADD, &["b", "r"]),
                ("twice", ADD, &["r", "r"]),
                ("pool", Op::AveragePool { window: Window::blocks(2, [5, 5]), counted: [[0; 2]; 2] }, &["r"]),
                ("rr", Relu, &["r"]),
                ("all", CONCATENATE, &["sum", "twice", "rr"]),
            ],
            &["all", "pool", "r", "all"],
        ),
        (
            "windows that leave rows out, and taps that reach none",
            &[3, 7, 8],
            vec![
                ("a", convolution(3, 9, 1, 3, 0), &["x"]),
                ("b", up(9, 5, 1, 3, 0), &["a"]),
                ("c", convolution(5, 17, 2, 2, 3), &["b"]),
            ],
            &["c"],
        ),
        ("an input that is an output", &[2, 3, 3], vec![("a", convolution(2, 9, 2, 1, 0), &["x"])], &["x", "a"]),
    ]
}

#[test]
fn odd_networks_agree_with_the_graph() -> Result<()> {
    for case in cases() {
        for batch in [1, 5] {
            let found = reference::check(case.0, &spec(&case), batch, true, &mut stream(7, case.0, &[]))?;
            assert_eq!(found, batch, "{}", case.0);
        }
    }
    Ok(())
}

#[test]
fn what_no_machine_could_run_is_refused() {
    // Few pixels, so many rows apart: planned at once, whatever lies between. A border that large is refused.
    for (name, input, op, refused) in [
        ("stride", vec![1, 1, 1], convolution(1, 1, 1, 1 << 28, 0), false),
        ("border", vec![1, 1, 1], convolution(1, 1, 1, 1 << 26, 1 << 26), true),
        ("weights", vec![1, 1, 1], convolution(1, 1, 1 << 15, 1, 1 << 14), true),
    ] {
        let mut spec = Spec::new(&[("x", &input)]);
        spec.add(name, op, &["x"]);
        spec.outputs = vec![name.to_owned()];
        for isa in Isa::available() {
            assert_eq!(Network::new(isa, &spec).is_err(), refused, "{name}");
        }
    }
    let mut spec = Spec::new(&[("x", &[4]), ("unused", &[3])]);
    spec.add("a", linear(4, 2), &["x"]);
    spec.outputs = vec!["a".to_owned()];
    assert_eq!(Network::new(Isa::PORTABLE, &spec).unwrap_err().to_string(), "unused: a value that leads nowhere");
}

#[test]
fn a_memory_serves_its_own_network_and_an_empty_batch_gives_empty_gradients() {
    let network = |isa: Isa, channels: usize| {
        let case = (
            "",
            &[1, 6, 6][..],
            vec![
                ("a", convolution(1, channels, 3, 1, 1), &["x"][..]),
                ("m", Op::global_average(), &["a"]),
                ("l", linear(channels, 2), &["m"]),
            ],
            &["l"][..],
        );
        Network::new(isa, &spec(&case)).unwrap()
    };
    for isa in Isa::available() {
        let (network, other) = (network(isa, 3), network(isa, 20));
        let mut memory = Memory::new(&network, 2);
        let refused = |memory: &mut Memory| {
            let run = std::panic::AssertUnwindSafe(|| other.forward(&[&[0.0; 36]], memory));
            std::panic::catch_unwind(run).is_err()
        };
        assert!(refused(&mut memory));
        network.forward(&[&[0.5; 72]], &mut memory);
        for (network, channels) in [(&network, 3), (&other, 20)] {
            // The input, the map and the mean, and their gradients; registers of any width may only add to it.
            let floats = 2 * (36 + channels * 36 + channels);
            assert!(network.bytes_per_image() >= 4 * floats, "{isa}, {channels} channels");
        }
        let mut gradients = vec![9.0; network.floats()];
        network.backward(&[None], &mut memory, &mut [None], Some(&mut gradients));
        assert!(gradients.iter().all(|&slope| slope == 0.0), "no gradient of the output is a gradient of zeros");
        gradients.fill(9.0);
        network.forward(&[&[]], &mut memory);
        network.backward(&[Some(&[])], &mut memory, &mut [Some(&mut [])], Some(&mut gradients));
        assert!(memory.output(0).is_empty() && gradients.iter().all(|&slope| slope == 0.0));
    }
}
