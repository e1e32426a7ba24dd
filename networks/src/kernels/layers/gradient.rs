//! The weight gradient of windows of any kind, as sums of outer products, and that of a bias.

use crate::kernels::gemm::{Former, Side, accumulate};
use crate::kernels::map::Map;
use crate::kernels::simd::Isa;
use crate::kernels::windows::Windows;

/// Sums the weight gradient of `images` pairs of maps, laid out `[ky][kx][l][s]`.
pub(super) fn sum_products(
    isa: Isa,
    windows: &Windows,
    images: usize,
    large: &[f32],
    small: &[f32],
    former: Former,
    sums: &mut [f32],
) {
    former.clear(sums);
    let Windows { large: from, small: to, kernel, stride, dilation, .. } = *windows;
    let ([y, x], columns) = (windows.origin(), columns(windows));
    // Without gaps a row of a window is one run.
    let (across, run) = if dilation[1] == 1 { (1, kernel[1] * from.pixel) } else { (kernel[1], from.pixel) };
    for image in 0..images {
        let right = Side {
            floats: &small[image * to.floats() + to.at(0, 0)..],
            strides: [to.row(), to.pixel],
            length: columns,
        };
        for (number, sums) in sums.chunks_exact_mut(run * columns).enumerate() {
            let first = windows.tap(number / across, number % across);
            let left = Side {
                floats: &large[image * from.floats() + from.at(y, x) + first..],
                strides: [stride[0] * from.row(), stride[1] * from.pixel],
                length: run,
            };
            accumulate(isa, to.size, left, right, Former::Kept, sums, columns);
        }
    }
}

/// Floats from one row of sums to the next: whole registers where a pixel has them, whose last sums nobody reads.
fn columns(windows: &Windows) -> usize {
    windows.small.pixel.min(windows.small.channels.next_multiple_of(16))
}

/// Floats of the sums.
pub(super) fn sums(windows: &Windows) -> usize {
    windows.taps() * windows.large.pixel * columns(windows)
}

/// Writes `[ky][kx][l][s]` sums to a gradient `[s][l][ky][kx]`.
pub(super) fn write_products(windows: &Windows, sums: &[f32], gradient: &mut [f32]) {
    let Windows { large, small, kernel, .. } = *windows;
    let columns = columns(windows);
    for (tap, sums) in sums.chunks_exact(large.pixel * columns).enumerate() {
        for (l, sums) in sums.chunks_exact(columns).take(large.channels).enumerate() {
            for (s, sum) in sums.iter().take(small.channels).enumerate() {
                gradient[windows.weight(s, l, tap / kernel[1], tap % kernel[1])] = *sum;
            }
        }
    }
}

/// Sums the bias gradient: all pixels of `images` maps, for each channel.
pub(in crate::kernels) fn bias_gradient(map: Map, images: usize, floats: &[f32], former: Former, sums: &mut [f32]) {
    former.clear(sums);
    for image in floats.chunks_exact(map.floats()).take(images) {
        for y in 0..map.size[0] {
            let row = &image[map.at(y as isize, 0)..][..map.length()];
            for pixel in row.chunks(map.pixel) {
                sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
            }
        }
    }
}
