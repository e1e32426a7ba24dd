//! Slopes where there is no single one, or where an intermediate value is infinite; and single precision.

use candle_core::{DType, Device, Result, Tensor, Var};
use robust_networks::{Fill, Function, Graph, Op, Pairwise, Reduction, Window};

use super::specs::{average, pad, reduce, spec_of};

/// The result for one image, and the slopes of its sum.
fn slopes(op: &Op, shapes: &[&[usize]], values: &[&[f64]]) -> Result<(Vec<f64>, Vec<Vec<f64>>)> {
    let vars = shapes
        .iter()
        .zip(values)
        .map(|(&shape, values)| Var::from_tensor(&Tensor::from_slice(values, [&[1], shape].concat(), &Device::Cpu)?));
    let vars = vars.collect::<Result<Vec<_>>>()?;
    let result = Graph::new(&spec_of(op, shapes), &[])?.run(&vars.iter().map(Var::as_tensor).collect::<Vec<_>>())?;
    let gradients = result[0].sum_all()?.backward()?;
    let slopes = vars.iter().map(|var| match gradients.get(var) {
        Some(slopes) => slopes.flatten_all()?.to_vec1(),
        None => Ok(vec![0.0; var.elem_count()]),
    });
    Ok((result[0].flatten_all()?.to_vec1()?, slopes.collect::<Result<_>>()?))
}

#[test]
fn slopes_at_corners_are_those_that_the_ops_say() -> Result<()> {
    let function = Op::Function;
    for (op, x, result, slope) in [
        (Op::Relu, 0.0, 0.0, 0.0),
        (function(Function::Clip { low: 0.0, high: 1.0 }), 0.0, 0.0, 0.0),
        (function(Function::Clip { low: 0.0, high: 1.0 }), 1.0, 1.0, 0.0),
        (function(Function::Clip { low: f32::NEG_INFINITY, high: f32::INFINITY }), 1.0, 1.0, 1.0),
        (function(Function::LeakyRelu { slope: 0.25 }), 0.0, 0.0, 0.25),
        (function(Function::Elu { alpha: 1.0 }), 0.0, 0.0, 1.0),
        (function(Function::Elu { alpha: 1.0 }), 1000.0, 1000.0, 1.0),
        (function(Function::Silu), 1000.0, 1000.0, 1.0),
        (function(Function::Silu), -1000.0, 0.0, 0.0),
        (function(Function::Gelu), 1000.0, 1000.0, 1.0),
        (function(Function::GeluTanh), -1000.0, 0.0, 0.0),
        (function(Function::Softplus), 0.0, 2.0_f64.ln(), 0.5),
        (function(Function::Softplus), 1000.0, 1000.0, 1.0),
        (function(Function::Softplus), -1000.0, 0.0, 0.0),
        (function(Function::SquareRoot), 0.0, 0.0, 0.0),
        (function(Function::Absolute), 0.0, 0.0, 0.0),
        (function(Function::Power { exponent: 0.0 }), 0.0, 1.0, 0.0),
        (function(Function::Power { exponent: 1.0 }), 0.0, 0.0, 1.0),
        (function(Function::Power { exponent: 3.0 }), -2.0, -8.0, 12.0),
        (function(Function::Affine { scale: 0.0, shift: 2.0 }), 1.0, 2.0, 0.0),
    ] {
        let (found, slopes) = slopes(&op, &[&[1]], &[&[x]])?;
        assert_eq!((found[0], slopes[0][0]), (result, slope), "{op:?} at {x}");
    }
    let equal = [2.0, 2.0, 1.0, 2.0];
    for pairwise in [Pairwise::Larger, Pairwise::Smaller] {
        let (_, shared) = slopes(&Op::Pairwise(pairwise), &[&[1], &[1]], &[&[2.0], &[2.0]])?;
        assert_eq!(shared, [[0.5], [0.5]], "{pairwise:?}");
    }
    let (_, first) = slopes(&reduce(Reduction::Largest, &[0]), &[&[4]], &[&equal])?;
    assert_eq!(first, [[1.0, 0.0, 0.0, 0.0]]);
    let (_, first) = slopes(&Op::MaxPool { window: Window::square(2, 1, 0) }, &[&[1, 2, 2]], &[&equal])?;
    assert_eq!(first, [[1.0, 0.0, 0.0, 0.0]]);
    Ok(())
}

#[test]
fn single_precision_is_kept() -> Result<()> {
    let mut spec = spec_of(&Op::Function(Function::Clip { low: 0.0, high: 1.0 }), &[&[2, 4, 4]]);
    let window = Window::square(2, 2, 0);
    let pooled = spec.add("pooled", Op::MaxPool { window }, &["node"]);
    let padded = spec.add("padded", pad(&[0; 3], &[1; 3], Fill::Value(0.5)), &[&pooled]);
    spec.outputs = vec![spec.add("mean", average(window, [[0; 2]; 2]), &[&padded])];
    let x = Tensor::full(0.25_f32, (3, 2, 4, 4), &Device::Cpu)?;
    let mean = &Graph::new(&spec, &[])?.run(&[&x])?[0];
    assert_eq!((mean.dtype(), mean.dims()), (DType::F32, &[3, 3, 1, 1][..]));
    assert_eq!(mean.flatten_all()?.to_vec1::<f32>()?[..3], [0.25, 0.25, 0.5]);
    Ok(())
}
