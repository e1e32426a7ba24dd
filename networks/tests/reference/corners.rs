//! Where slopes jump: how far an op's operands are from it.

use candle_core::{Result, Tensor};
use robust_networks::{Function, Op, Pairwise, Reduction, Window};

/// The least distance of what an op sees from a place where its slope jumps, as a share of the largest of it. What lies exactly there does
/// so with any rounding: a ReLU of a ReLU.
pub(super) fn clearance(op: &Op, operands: &[Tensor]) -> Result<f64> {
    let from = |places: &[f64]| -> Result<Vec<f64>> {
        let seen = flat(&operands[0])?;
        Ok(places.iter().flat_map(|place| seen.iter().map(move |value| (value - place).abs())).collect())
    };
    let distances = match op {
        Op::Relu | Op::Function(Function::LeakyRelu { .. } | Function::Elu { .. } | Function::Absolute) => {
            from(&[0.0])?
        }
        Op::Function(Function::Clip { low, high }) => from(&[f64::from(*low), f64::from(*high)])?,
        Op::Function(Function::HardSwish) => from(&[-3.0, 3.0])?,
        Op::Pairwise(Pairwise::Larger | Pairwise::Smaller) => flat(&difference(&operands[0], &operands[1])?.abs()?)?,
        Op::MaxPool { window } => gaps(&operands[0], window)?,
        Op::Reduce { by: Reduction::Largest, axes } if axes[..] == [1, 2] => {
            let (_, _, rows, columns) = operands[0].dims4()?;
            gaps(&operands[0], &Window { size: [rows, columns], ..Window::square(1, 1, 0) })?
        }
        _ => return Ok(f64::INFINITY),
    };
    let largest = flat(&operands[0])?.into_iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    Ok(distances.into_iter().filter(|distance| *distance > 0.0).fold(f64::INFINITY, f64::min) / largest)
}

/// The dimensions that one lacks are its first, behind that of the batch.
fn difference(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let rank = a.rank().max(b.rank());
    let padded = |x: &Tensor| x.reshape([&x.dims()[..1], &vec![1; rank - x.rank()], &x.dims()[1..]].concat());
    padded(a)?.broadcast_sub(&padded(b)?)
}

fn flat(x: &Tensor) -> Result<Vec<f64>> {
    x.flatten_all()?.to_vec1()
}

/// By how much the largest pixel of each window is larger than the others.
fn gaps(x: &Tensor, window: &Window) -> Result<Vec<f64>> {
    let (_, _, rows, columns) = x.dims4()?;
    let taps = |way: usize, position: usize, size: usize| -> Vec<usize> {
        let at = |tap: usize| position * window.stride[way] + tap * window.dilation[way];
        let inside = |tap: usize| at(tap).checked_sub(window.padding[way][0]).filter(|at| *at < size);
        (0..window.size[way]).filter_map(inside).collect()
    };
    let positions = |way: usize, size: usize| {
        let reach = (window.size[way] - 1) * window.dilation[way] + 1;
        (size + window.padding[way][0] + window.padding[way][1] - reach) / window.stride[way] + 1
    };
    let mut gaps = Vec::new();
    for map in flat(x)?.chunks(rows * columns) {
        for y in 0..positions(0, rows) {
            for x in 0..positions(1, columns) {
                let columns_seen = taps(1, x, columns);
                let pixels = taps(0, y, rows).into_iter().flat_map(|y| columns_seen.iter().map(move |x| (y, *x)));
                let pixels: Vec<f64> = pixels.map(|(y, x)| map[y * columns + x]).collect();
                let largest = pixels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                gaps.extend(pixels.iter().map(|pixel| largest - pixel));
            }
        }
    }
    Ok(gaps)
}
