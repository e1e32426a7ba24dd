//! Convolutions, pools, and blocks of pixels.

use candle_core::{Result, Tensor};
use candle_nn::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig, Module};

use super::taps::taps;
use crate::spec::Window;

/// A convolution of any window and any number of groups.
pub(super) fn convolution(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    groups: usize,
    window: &Window,
) -> Result<Tensor> {
    let Window { stride, dilation, padding, .. } = *window;
    // candle knows one number for both ways, and computes groups one by one.
    let is_even = stride[0] == stride[1] && dilation[0] == dilation[1] && padding == [[padding[0][0]; 2]; 2];
    if groups > 1 || !is_even {
        return tap_by_tap(x, weight, bias, groups, window);
    }
    let [padding, stride, dilation] = [padding[0][0], stride[0], dilation[0]];
    let config = Conv2dConfig { padding, stride, dilation, groups, cudnn_fwd_algo: None };
    Conv2d::new(weight.clone(), Some(bias.clone()), config).forward(&evened(x, window)?)
}

/// Images with zeros at their ends where windows leave over more rows than columns, or fewer: candle's way back supposes as many. No
/// window reaches the zeros.
fn evened(x: &Tensor, window: &Window) -> Result<Tensor> {
    let left_over = |way: usize| {
        let reach = (window.size[way] - 1) * window.dilation[way] + 1;
        Ok::<_, candle_core::Error>(
            (x.dim(way + 2)? + window.padding[way][0] + window.padding[way][1]).saturating_sub(reach)
                % window.stride[way],
        )
    };
    match (left_over(0)?, left_over(1)?) {
        (rows, columns) if rows < columns => x.pad_with_zeros(2, 0, columns - rows),
        (rows, columns) if columns < rows => x.pad_with_zeros(3, 0, rows - columns),
        _ => Ok(x.clone()),
    }
}

/// The sum over all taps of what each sees times its weights.
fn tap_by_tap(x: &Tensor, weight: &Tensor, bias: &Tensor, groups: usize, window: &Window) -> Result<Tensor> {
    let (outputs, inputs, height, width) = weight.dims4()?;
    let weights = weight.reshape((groups, outputs / groups, inputs, height * width))?;
    let mut sum = bias.reshape((1, groups, outputs / groups, 1))?;
    let (mut rows, mut columns) = (0, 0);
    for (tap, seen) in taps(x, window, 0.0)?.into_iter().enumerate() {
        (rows, columns) = (seen.dim(2)?, seen.dim(3)?);
        let seen = seen.reshape((x.dim(0)?, groups, inputs, rows * columns))?;
        let weight = weights.narrow(3, tap, 1)?.squeeze(3)?.contiguous()?;
        let product = match inputs {
            1 => seen.broadcast_mul(&weight)?,
            _ => weight.unsqueeze(0)?.broadcast_matmul(&seen)?,
        };
        sum = sum.broadcast_add(&product)?;
    }
    sum.reshape((x.dim(0)?, outputs, rows, columns))
}

/// A transposed convolution of a square kernel.
pub(super) fn transposed(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    [stride, padding]: [usize; 2],
    [rows, columns]: [usize; 2],
) -> Result<Tensor> {
    // candle knows one output padding for both ways; what is too many is cut off.
    let output_padding = rows.max(columns);
    let config = ConvTranspose2dConfig { padding, output_padding, stride, dilation: 1 };
    let mut result = ConvTranspose2d::new(weight.clone(), Some(bias.clone()), config).forward(x)?;
    for (axis, excess) in [(2, output_padding - rows), (3, output_padding - columns)] {
        if excess > 0 {
            result = result.narrow(axis, 0, result.dim(axis)? - excess)?;
        }
    }
    Ok(result)
}

/// The mean of each window: the sum of what lies in it, over how many of its taps see the map or what counts as zeros around it.
pub(super) fn means(x: &Tensor, window: &Window, counted: [[usize; 2]; 2]) -> Result<Tensor> {
    let sum = |x: &Tensor, window: &Window| {
        let mut taps = taps(x, window, 0.0)?.into_iter();
        let first = taps.next().ok_or_else(|| candle_core::Error::Msg(format!("{window:?} has no tap")))?;
        taps.try_fold(first, |sum, tap| sum + tap)
    };
    let size = |way: usize| Ok::<_, candle_core::Error>(counted[way][0] + x.dim(way + 2)? + counted[way][1]);
    let ones = Tensor::ones((1, 1, size(0)?, size(1)?), x.dtype(), x.device())?;
    let beyond = |way: usize, side: usize| window.padding[way][side] - counted[way][side];
    let padding = [0, 1].map(|way| [beyond(way, 0), beyond(way, 1)]);
    sum(x, window)?.broadcast_div(&sum(&ones, &Window { padding, ..*window })?)
}

/// The largest pixel of each window; the first of equal ones has the slope.
pub(super) fn largest(x: &Tensor, window: &Window) -> Result<Tensor> {
    let mut taps = taps(x, window, f64::NEG_INFINITY)?.into_iter();
    let first = taps.next().ok_or_else(|| candle_core::Error::Msg(format!("{window:?} has no tap")))?;
    taps.try_fold(first, |most, tap| tap.gt(&most)?.where_cond(&tap, &most))
}

/// Every pixel as a block. (The gradient of candle's own upsampling is not summed over a block.)
pub(super) fn blocks(x: &Tensor, size: usize, [rows, columns]: [usize; 2]) -> Result<Tensor> {
    let (batch, channels, height, width) = x.dims4()?;
    let blocks = x.unsqueeze(4)?.unsqueeze(3)?.broadcast_as((batch, channels, height, size, width, size))?;
    let whole = blocks.reshape((batch, channels, height * size, width * size))?;
    whole.narrow(2, 0, rows)?.narrow(3, 0, columns)
}
