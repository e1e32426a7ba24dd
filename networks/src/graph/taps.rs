//! [`taps`]: the pixels that one tap of every window sees, as a map.

use candle_core::{Result, Tensor};

use super::shapes::{filled, selected};
use crate::spec::Window;

/// For each tap of a window, row by row, the map of the pixels that it sees at all positions; outside of `x` is `outside`.
pub(super) fn taps(x: &Tensor, window: &Window, outside: f64) -> Result<Vec<Tensor>> {
    let Some(positions) = window.positions([x.dim(2)?, x.dim(3)?]) else {
        candle_core::bail!("{window:?} on a map of shape {:?}", x.dims());
    };
    let x = filled(&filled(x, 2, window.padding[0], outside)?, 3, window.padding[1], outside)?;
    let along = |x: &Tensor, way: usize, tap: usize| {
        let first = tap * window.dilation[way];
        if window.stride[way] == 1 {
            return x.narrow(way + 2, first, positions[way]);
        }
        let indices: Vec<usize> = (0..positions[way]).map(|at| first + at * window.stride[way]).collect();
        selected(x, way + 2, &indices)
    };
    let mut taps = Vec::with_capacity(window.size[0] * window.size[1]);
    for row in 0..window.size[0] {
        let rows = along(&x, 0, row)?;
        for column in 0..window.size[1] {
            taps.push(along(&rows, 1, column)?);
        }
    }
    Ok(taps)
}
