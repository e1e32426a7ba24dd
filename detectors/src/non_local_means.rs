//! Non-local means: each pixel becomes the mean of the pixels around it, weighted by how alike their patches are.
//!
//! Buades, Coll and Morel, "A non-local algorithm for image denoising", CVPR 2005, as OpenCV's `fastNlMeansDenoisingColored` has it, which the
//! authors of feature squeezing used: on bytes, lightness apart from the two colours, in their parameters for colours (11-3-4). Not for
//! grey images, whose best squeezers are others.

use robust_attacks::Bounds;

use crate::lab::{lab, rgb};

/// The side of the window in which patches are compared.
const SEARCH: usize = 11;
/// The side of a patch.
const PATCH: usize = 3;
/// How different patches may be, in levels of a byte.
const STRENGTH: f32 = 4.0;
/// How far a pixel's neighbours and their patches reach beyond it.
const REACH: usize = SEARCH / 2 + PATCH / 2;
/// The weight of equal patches: all of a window, times the highest level, stay below 2^31.
const FULL: u32 = i32::MAX as u32 / (SEARCH * SEARCH * u8::MAX as usize) as u32;
/// Squared differences of a patch are divided by this power of two.
const SHIFT: u32 = (PATCH * PATCH).next_power_of_two().ilog2();

/// One image of three planes (red, green, blue) of `[height, width]` without its noise.
pub(crate) fn denoised(image: &[f32], size: [usize; 2], Bounds { min, max }: Bounds) -> Vec<f32> {
    let byte = |pixel: f32| ((pixel - min) / (max - min) * 255.0).round_ties_even() as u8;
    let area = size[0] * size[1];
    let mut labs = [(); 3].map(|()| Vec::with_capacity(area));
    for at in 0..area {
        let coloured = lab([0, 1, 2].map(|channel| byte(image[channel * area + at])));
        labs.iter_mut().zip(coloured).for_each(|(plane, level)| plane.push(level));
    }
    let [lightness, a, b] = labs;
    let ([lightness], [a, b]) = (means([lightness], size), means([a, b], size));
    let mut found = vec![0.0; image.len()];
    for at in 0..area {
        for (channel, level) in rgb([lightness[at], a[at], b[at]]).into_iter().enumerate() {
            found[channel * area + at] = f32::from(level) / 255.0 * (max - min) + min;
        }
    }
    found
}

/// The weighted means of planes that are compared together.
fn means<const N: usize>(planes: [Vec<u8>; N], [height, width]: [usize; 2]) -> [Vec<u8>; N] {
    let area = height * width;
    let weights = weights(N);
    let planes = planes.map(|plane| extended(&plane, [height, width]));
    let wide = width + 2 * REACH;
    // Squared differences of all pixels that some patch holds, between the image and the image moved.
    let [rows, columns] = [height + PATCH - 1, width + PATCH - 1];
    let mut squares = vec![0_u32; rows * columns];
    let mut sums = [(); N].map(|()| vec![0_u32; area]);
    let mut total = vec![0_u32; area];
    for (down, across) in (0..SEARCH * SEARCH).map(|place| (place / SEARCH, place % SEARCH)) {
        squares.fill(0);
        for plane in &planes {
            for (row, squares) in squares.chunks_exact_mut(columns).enumerate() {
                let here = &plane[(row + SEARCH / 2) * wide + SEARCH / 2..][..columns];
                let there = &plane[(row + down) * wide + across..][..columns];
                for ((square, here), there) in squares.iter_mut().zip(here).zip(there) {
                    *square += u32::from(here.abs_diff(*there)).pow(2);
                }
            }
        }
        for row in 0..height {
            let window: [&[u32]; PATCH] = std::array::from_fn(|i| &squares[(row + i) * columns..][..columns]);
            for column in 0..width {
                let distance: u32 = window.iter().flat_map(|squares| &squares[column..][..PATCH]).sum();
                let Some(weight) = weights.get((distance >> SHIFT) as usize) else { continue };
                let at = row * width + column;
                let neighbour = (row + down + PATCH / 2) * wide + column + across + PATCH / 2;
                total[at] += weight;
                for (sums, plane) in sums.iter_mut().zip(&planes) {
                    sums[at] += weight * u32::from(plane[neighbour]);
                }
            }
        }
    }
    sums.map(|sums| sums.iter().zip(&total).map(|(sum, total)| ((sum + total / 2) / total) as u8).collect())
}

/// The weight of a patch by its distance: `exp(-d / (h² N))` for a mean squared difference `d` of `N` planes. None below a thousandth.
fn weights(planes: usize) -> Vec<u32> {
    let unit = f64::from(1 << SHIFT) / (PATCH * PATCH) as f64;
    let scale = f64::from(STRENGTH).powi(2) * planes as f64;
    let weight = |distance: u32| f64::from(FULL) * (-f64::from(distance) * unit / scale).exp();
    (0..)
        .map(|distance| weight(distance).round_ties_even())
        .take_while(|&weight| weight >= 0.001 * f64::from(FULL))
        .map(|weight| weight as u32)
        .collect()
}

/// A plane with what lies beyond its edges: its mirror image, without the edge itself.
fn extended(plane: &[u8], [height, width]: [usize; 2]) -> Vec<u8> {
    let mirrored = |side: usize| {
        let period = (2 * (side - 1)).max(1) as isize;
        (0..side + 2 * REACH).map(move |at| {
            let at = (at as isize - REACH as isize).rem_euclid(period) as usize;
            if at < side { at } else { period as usize - at }
        })
    };
    mirrored(height).flat_map(|row| mirrored(width).map(move |column| plane[row * width + column])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: [usize; 2] = [6, 7];

    /// A slope with noise on it, other noise for each seed.
    fn noisy(mut seed: u32) -> Vec<u8> {
        let mut level = |at: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (60 + 9 * (at % 7) + (seed >> 24) % 8) as u8
        };
        (0..42).map(&mut level).collect()
    }

    // cv2.fastNlMeansDenoising(noisy(1), None, 4, 3, 11), and of numpy.dstack([noisy(2), noisy(3)])
    #[test]
    fn golden_planes_of_opencv() {
        let [grey] = means([noisy(1)], SIZE);
        assert_eq!(
            grey,
            [
                64, 73, 81, 89, 101, 109, 118, 64, 72, 81, 89, 101, 110, 118, 64, 72, 81, 89, 101, 109, 118, 64, 72,
                81, 89, 101, 109, 117, 64, 72, 82, 89, 101, 109, 117, 64, 73, 81, 89, 101, 109, 117
            ]
        );
        let [a, b] = means([noisy(2), noisy(3)], SIZE);
        assert_eq!(
            a,
            [
                63, 73, 80, 93, 100, 108, 116, 62, 74, 81, 92, 100, 109, 116, 63, 73, 80, 93, 100, 109, 116, 63, 73,
                81, 93, 100, 109, 116, 62, 74, 81, 93, 100, 109, 116, 63, 73, 80, 93, 100, 109, 116
            ]
        );
        assert_eq!(
            b,
            [
                62, 72, 82, 91, 100, 108, 117, 62, 71, 81, 90, 100, 108, 117, 62, 71, 82, 91, 100, 108, 116, 62, 71,
                81, 91, 100, 108, 116, 62, 71, 81, 90, 100, 108, 117, 62, 71, 82, 91, 100, 108, 117
            ]
        );
    }

    // cv2.fastNlMeansDenoisingColored(numpy.dstack([noisy(3), noisy(2), noisy(1)]), None, 4, 4, 3, 11), which is blue first
    #[test]
    fn golden_colours_of_opencv() {
        let expected: [[u8; 42]; 3] = [
            [
                63, 72, 80, 90, 100, 109, 114, 63, 72, 80, 92, 100, 109, 114, 63, 72, 80, 92, 100, 109, 114, 63, 72,
                80, 92, 101, 109, 114, 62, 72, 80, 92, 101, 109, 114, 63, 72, 80, 92, 101, 109, 114,
            ],
            [
                63, 72, 80, 91, 100, 108, 114, 63, 72, 80, 92, 100, 108, 114, 63, 72, 80, 92, 100, 108, 114, 63, 72,
                80, 92, 101, 108, 114, 62, 72, 80, 92, 101, 108, 114, 63, 72, 80, 92, 101, 108, 114,
            ],
            [
                63, 72, 80, 90, 100, 108, 114, 63, 72, 80, 92, 100, 108, 114, 63, 72, 80, 92, 100, 108, 114, 63, 72,
                80, 92, 101, 108, 114, 62, 72, 80, 92, 101, 108, 114, 63, 72, 80, 92, 101, 108, 114,
            ],
        ];
        let wide = Bounds { min: -1.0, max: 3.0 };
        for bounds in [Bounds::UNIT, wide] {
            let pixel = |byte: u8| f32::from(byte) / 255.0 * (bounds.max - bounds.min) + bounds.min;
            let image: Vec<f32> = [noisy(1), noisy(2), noisy(3)].concat().into_iter().map(pixel).collect();
            for (found, expected) in denoised(&image, SIZE, bounds).into_iter().zip(expected.concat()) {
                let levels = (found - pixel(expected)).abs() / (bounds.max - bounds.min) * 255.0;
                assert!(levels < 1.01, "{found} is not {}", pixel(expected));
            }
        }
    }

    #[test]
    fn any_size_is_taken() {
        for size in [[1, 1], [1, 5], [2, 3], [40, 2]] {
            let image = vec![1.0; 3 * size[0] * size[1]];
            assert_eq!(denoised(&image, size, Bounds::UNIT), image, "{size:?}");
        }
    }
}
