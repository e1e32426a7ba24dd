//! Non-local means: each pixel becomes the mean of the pixels around it, weighted by how alike their patches are.
//!
//! Buades, Coll and Morel, "A non-local algorithm for image denoising", CVPR 2005, as OpenCV's `fastNlMeansDenoising` and
//! `fastNlMeansDenoisingColored` have it, which the authors of feature squeezing used: on bytes, of colours the lightness apart from the other
//! two, with their search window of 11x11 and patches of 3x3. Planes that are not red, green and blue are each a grey image.

use robust_attacks::Bounds;

use crate::lab::{lab, rgb};

/// The side of the window in which patches are compared.
const SEARCH: usize = 11;
/// The side of a patch.
const PATCH: usize = 3;
/// How far a pixel's neighbours and their patches reach beyond it.
const REACH: usize = SEARCH / 2 + PATCH / 2;
/// The weight of equal patches: all of a window, times the highest level, stay below 2^31.
const FULL: u32 = i32::MAX as u32 / (SEARCH * SEARCH * u8::MAX as usize) as u32;
/// Squared differences of a patch are divided by this power of two.
const SHIFT: u32 = (PATCH * PATCH).next_power_of_two().ilog2();

/// One image of planes of `[height, width]` without its noise, once for each strength: how different patches may be, in levels of a byte.
pub(crate) fn denoised<const S: usize>(
    image: &[f32],
    size: [usize; 2],
    bounds: Bounds,
    strengths: [f32; S],
) -> [Vec<f32>; S] {
    let Bounds { min, max } = bounds;
    let pixel = |level: u8| f32::from(level) / 255.0 * (max - min) + min;
    let area = size[0] * size[1];
    let bytes = bytes(image, bounds);
    let planes = bytes.chunks_exact(area);
    if let [red, green, blue] = planes.clone().collect::<Vec<_>>()[..] {
        return coloured([red, green, blue], size, strengths).map(|bytes| bytes.into_iter().map(pixel).collect());
    }
    let mut found = [(); S].map(|()| Vec::with_capacity(image.len()));
    for plane in planes {
        for (found, [plane]) in found.iter_mut().zip(means([plane.to_vec()], size, strengths)) {
            found.extend(plane.into_iter().map(pixel));
        }
    }
    found
}

/// Gradients of what [`denoised`] makes of an image, one for each strength, as the gradient of the image: the weights are taken for constants, since their own
/// slopes lead from one neighbour to the next. Of red, green and blue the mean gradient is handed on by the weights of the lightness, what each is off it by
/// those of the colours.
pub(crate) fn gradient<const S: usize>(
    image: &[f32],
    size: [usize; 2],
    bounds: Bounds,
    strengths: [f32; S],
    gradients: [&[f32]; S],
) -> Vec<f32> {
    let area = size[0] * size[1];
    let bytes = bytes(image, bounds);
    let planes: Vec<&[u8]> = bytes.chunks_exact(area).collect();
    let mut found = vec![0.0; image.len()];
    let mut add = |channel: usize, gradient: &[f32]| {
        found[channel * area..][..area].iter_mut().zip(gradient).for_each(|(found, &one)| *found += one);
    };
    if let [red, green, blue] = planes[..] {
        let [lightness, a, b] = lab_planes([red, green, blue]);
        let means = gradients.map(|gradient| {
            [(0..area)
                .map(|at| (0..3).map(|channel| gradient[channel * area + at]).sum::<f32>() / 3.0)
                .collect::<Vec<_>>()]
        });
        let off = |strength: usize| -> [Vec<f32>; 3] {
            std::array::from_fn(|channel| {
                let own = &gradients[strength][channel * area..][..area];
                own.iter().zip(&means[strength][0]).map(|(own, mean)| own - mean).collect()
            })
        };
        // The colours are compared by two planes and handed on as three.
        let off: [[Vec<f32>; 3]; S] = std::array::from_fn(off);
        let of_lightness = handed_on(&[lightness], size, strengths, &means);
        let of_colours = handed_on(&[a, b], size, strengths, &off);
        for (mean, colours) in of_lightness.iter().zip(&of_colours) {
            for (channel, colour) in colours.iter().enumerate() {
                add(channel, &mean[0]);
                add(channel, colour);
            }
        }
        return found;
    }
    for (channel, plane) in planes.into_iter().enumerate() {
        let own = gradients.map(|gradient| [gradient[channel * area..][..area].to_vec()]);
        for [one] in handed_on(&[plane.to_vec()], size, strengths, &own) {
            add(channel, &one);
        }
    }
    found
}

/// Pixels as bytes.
fn bytes(image: &[f32], Bounds { min, max }: Bounds) -> Vec<u8> {
    image.iter().map(|pixel| ((pixel - min) / (max - min) * 255.0).round_ties_even() as u8).collect()
}

/// Lightness and the two planes of colour.
fn lab_planes(image: [&[u8]; 3]) -> [Vec<u8>; 3] {
    let area = image[0].len();
    let mut labs = [(); 3].map(|()| Vec::with_capacity(area));
    for at in 0..area {
        labs.iter_mut().zip(lab(image.map(|plane| plane[at]))).for_each(|(plane, level)| plane.push(level));
    }
    labs
}

/// The same of red, green and blue.
fn coloured<const S: usize>(image: [&[u8]; 3], size: [usize; 2], strengths: [f32; S]) -> [Vec<u8>; S] {
    let area = size[0] * size[1];
    let [lightness, a, b] = lab_planes(image);
    let (lightness, colours) = (means([lightness], size, strengths), means([a, b], size, strengths));
    let mut each = lightness.into_iter().zip(colours);
    [(); S].map(|()| {
        let mut found = vec![0; 3 * area];
        if let Some(([lightness], [a, b])) = each.next() {
            for at in 0..area {
                let colour = rgb([lightness[at], a[at], b[at]]);
                colour.into_iter().enumerate().for_each(|(channel, level)| found[channel * area + at] = level);
            }
        }
        found
    })
}

/// Weighted sums of the planes, and of the weights.
struct Sums<const N: usize> {
    weights: Vec<u32>,
    planes: [Vec<u32>; N],
    total: Vec<u32>,
}

/// The weighted means of planes that are compared together, for each strength.
fn means<const N: usize, const S: usize>(
    planes: [Vec<u8>; N],
    [height, width]: [usize; 2],
    strengths: [f32; S],
) -> [[Vec<u8>; N]; S] {
    let area = height * width;
    let mut sums = strengths.map(|strength| Sums {
        weights: weights(N, strength),
        planes: [(); N].map(|()| vec![0; area]),
        total: vec![0; area],
    });
    let planes = planes.map(|plane| extended(&plane, [height, width]));
    compare(&planes, [height, width], |at, distance, neighbour| {
        for sums in &mut sums {
            sums.add(at, distance, &planes, neighbour);
        }
    });
    sums.map(|Sums { planes, total, .. }| {
        let mean = |(sum, total): (&u32, &u32)| ((sum + total / 2) / total) as u8;
        planes.map(|sums| sums.iter().zip(&total).map(mean).collect())
    })
}

/// Hands on every pixel with each of its neighbours: the pixel's place, how far their patches are apart, and the neighbour's place in the extended planes.
fn compare<const N: usize>(
    planes: &[Vec<u8>; N],
    [height, width]: [usize; 2],
    mut pair: impl FnMut(usize, u32, usize),
) {
    let wide = width + 2 * REACH;
    // Squared differences of all pixels that some patch holds, between the image and the image moved; then their sums down a patch.
    let [rows, columns] = [height + PATCH - 1, width + PATCH - 1];
    let mut squares = vec![0_u32; rows * columns];
    let mut down_patch = vec![0_u32; columns];
    for (down, across) in (0..SEARCH * SEARCH).map(|place| (place / SEARCH, place % SEARCH)) {
        squares.fill(0);
        for plane in planes {
            for (row, squares) in squares.chunks_exact_mut(columns).enumerate() {
                let here = &plane[(row + SEARCH / 2) * wide + SEARCH / 2..][..columns];
                let there = &plane[(row + down) * wide + across..][..columns];
                for ((square, here), there) in squares.iter_mut().zip(here).zip(there) {
                    *square += u32::from(here.abs_diff(*there)).pow(2);
                }
            }
        }
        for row in 0..height {
            down_patch.copy_from_slice(&squares[row * columns..][..columns]);
            for below in squares[(row + 1) * columns..].chunks_exact(columns).take(PATCH - 1) {
                down_patch.iter_mut().zip(below).for_each(|(sum, square)| *sum += square);
            }
            let neighbours = (row + down + PATCH / 2) * wide + across + PATCH / 2;
            for (column, patch) in down_patch.windows(PATCH).enumerate() {
                pair(row * width + column, patch.iter().sum::<u32>() >> SHIFT, neighbours + column);
            }
        }
    }
}

/// What gradients of the means are as gradients of the planes that are averaged, for each strength, if the weights are taken for constants: each pixel's is
/// handed on to its neighbours by their weights.
fn handed_on<const N: usize, const M: usize, const S: usize>(
    planes: &[Vec<u8>; N],
    size: [usize; 2],
    strengths: [f32; S],
    gradients: &[[Vec<f32>; M]; S],
) -> [[Vec<f32>; M]; S] {
    let area = size[0] * size[1];
    let extended_planes = planes.each_ref().map(|plane| extended(plane, size));
    let places = extended(&(0..area).collect::<Vec<_>>(), size);
    let weights = strengths.map(|strength| weights(N, strength));
    let mut totals = [(); S].map(|()| vec![0_u32; area]);
    compare(&extended_planes, size, |at, distance, _| {
        for (weights, totals) in weights.iter().zip(&mut totals) {
            totals[at] += weights.get(distance as usize).unwrap_or(&0);
        }
    });
    let mut found = [(); S].map(|()| [(); M].map(|()| vec![0.0; area]));
    compare(&extended_planes, size, |at, distance, neighbour| {
        for (strength, weights) in weights.iter().enumerate() {
            let Some(&weight) = weights.get(distance as usize) else { continue };
            let share = weight as f32 / totals[strength][at] as f32;
            for (found, gradient) in found[strength].iter_mut().zip(&gradients[strength]) {
                found[places[neighbour]] += share * gradient[at];
            }
        }
    });
    found
}

impl<const N: usize> Sums<N> {
    /// Adds a neighbour at so great a distance to a pixel's sums.
    fn add(&mut self, at: usize, distance: u32, planes: &[Vec<u8>; N], neighbour: usize) {
        let Some(weight) = self.weights.get(distance as usize) else { return };
        self.total[at] += weight;
        for (sums, plane) in self.planes.iter_mut().zip(planes) {
            sums[at] += weight * u32::from(plane[neighbour]);
        }
    }
}

/// The weight of a patch by its distance: `exp(-d / (h² N))` for a strength `h` and a mean squared difference `d` of `N` planes. None below a thousandth.
fn weights(planes: usize, strength: f32) -> Vec<u32> {
    let unit = f64::from(1 << SHIFT) / (PATCH * PATCH) as f64;
    let scale = f64::from(strength).powi(2) * planes as f64;
    let weight = |distance: u32| f64::from(FULL) * (-f64::from(distance) * unit / scale).exp();
    (0..)
        .map(|distance| weight(distance).round_ties_even())
        .take_while(|&weight| weight >= 0.001 * f64::from(FULL))
        .map(|weight| weight as u32)
        .collect()
}

/// A plane with what lies beyond its edges: its mirror image, without the edge itself.
fn extended<T: Copy>(plane: &[T], [height, width]: [usize; 2]) -> Vec<T> {
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

    // cv2.fastNlMeansDenoising(noisy(1), None, h, 3, 11) for h in (4, 20), and of numpy.dstack([noisy(2), noisy(3)]) for 4
    #[test]
    fn golden_planes_of_opencv() {
        let [[grey], [strong]] = means([noisy(1)], SIZE, [4.0, 20.0]);
        assert_eq!(
            strong,
            [
                77, 78, 82, 90, 99, 105, 106, 76, 78, 82, 90, 99, 104, 106, 76, 77, 82, 90, 98, 104, 106, 76, 77, 82,
                91, 99, 104, 105, 76, 78, 82, 91, 99, 104, 105, 76, 78, 83, 92, 99, 104, 105
            ]
        );
        assert_eq!(
            grey,
            [
                64, 73, 81, 89, 101, 109, 118, 64, 72, 81, 89, 101, 110, 118, 64, 72, 81, 89, 101, 109, 118, 64, 72,
                81, 89, 101, 109, 117, 64, 72, 82, 89, 101, 109, 117, 64, 73, 81, 89, 101, 109, 117
            ]
        );
        let [[a, b]] = means([noisy(2), noisy(3)], SIZE, [4.0]);
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
            let [found] = denoised(&image, SIZE, bounds, [4.0]);
            for (found, expected) in found.into_iter().zip(expected.concat()) {
                let levels = (found - pixel(expected)).abs() / (bounds.max - bounds.min) * 255.0;
                assert!(levels < 1.01, "{found} is not {}", pixel(expected));
            }
        }
    }

    #[test]
    fn a_gradient_is_handed_on_to_the_pixels_of_each_mean_and_none_of_it_is_lost() {
        let size = [6, 7];
        let plane = |seed: u32| -> Vec<f32> { noisy(seed).into_iter().map(|level| f32::from(level) / 255.0).collect() };
        let slopes: Vec<f32> = (0..42).map(|at| (at as f32).sin()).collect();
        let grey = gradient(&plane(1), size, Bounds::UNIT, [20.0], [&slopes]);
        assert!((grey.iter().sum::<f32>() - slopes.iter().sum::<f32>()).abs() < 1e-4);
        // What the pixels add to a mean, each by its share, is the mean before it is rounded to a byte.
        let [[level]] = means([noisy(1)], size, [20.0]);
        for (at, &expected) in level.iter().enumerate() {
            let one: Vec<f32> = (0..42).map(|pixel| f32::from(u8::from(pixel == at))).collect();
            let shares = gradient(&plane(1), size, Bounds::UNIT, [20.0], [&one]);
            let mean: f32 = shares.iter().zip(plane(1)).map(|(share, pixel)| share * pixel * 255.0).sum();
            assert!((mean - f32::from(expected)).abs() <= 0.51, "{at}: {mean} and {expected}");
        }
        // In colour, of a grey image: the lightness alone moves, and alike in all three.
        let image = plane(1).repeat(3);
        let [same, of_red]: [Vec<f32>; 2] = [slopes.repeat(3), slopes.iter().copied().chain([0.0; 84]).collect()];
        let found = gradient(&image, size, Bounds::UNIT, [20.0], [&same]);
        assert_eq!((&found[..42], &found[..42]), (&found[42..84], &found[84..]));
        let found = gradient(&image, size, Bounds::UNIT, [20.0], [&of_red]);
        assert!((found.iter().sum::<f32>() - slopes.iter().sum::<f32>()).abs() < 1e-4);
        // Strengths add up.
        let both = gradient(&plane(1), size, Bounds::UNIT, [20.0, 20.0], [&slopes, &slopes]);
        assert!(both.iter().zip(&grey).all(|(both, one)| (both - 2.0 * one).abs() < 1e-5));
    }

    #[test]
    fn any_size_is_taken() {
        for size in [[1, 1], [1, 5], [2, 3], [40, 2]] {
            for planes in 1..5 {
                let image = vec![1.0; planes * size[0] * size[1]];
                for found in denoised(&image, size, Bounds::UNIT, [4.0, 20.0]) {
                    assert_eq!(found, image, "{planes} planes of {size:?}");
                }
            }
        }
    }
}
