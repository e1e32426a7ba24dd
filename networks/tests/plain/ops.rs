//! Every plain op, and slopes where there is no single one.

use candle_core::{Device, Error, Result, Var};
use robust_networks::kernels::{Isa, Memory, Network};
use robust_networks::{Fill, Function, Graph, Op, Pairwise, Reduction};

use super::net::Net;

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
