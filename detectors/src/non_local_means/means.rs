//! The weighted means: an image without its noise.

use robust_attacks::Bounds;

use super::patches::{compare, extended, weights};
use crate::lab::{lab, rgb};

/// One image of planes of `[height, width]` without its noise, once for each strength: how different patches may be, in levels of a byte.
pub(super) fn denoised<const S: usize>(
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
    size: [usize; 2],
    strengths: [f32; S],
) -> [[Vec<u8>; N]; S] {
    let area = size[0] * size[1];
    let mut sums = strengths.map(|strength| Sums {
        weights: weights(N, strength),
        planes: [(); N].map(|()| vec![0; area]),
        total: vec![0; area],
    });
    let planes = planes.map(|plane| extended(&plane, size));
    compare(&planes, size, |at, distance, neighbour| {
        for sums in &mut sums {
            sums.add(at, distance, &planes, neighbour);
        }
    });
    sums.map(|Sums { planes, total, .. }| {
        let mean = |(sum, total): (&u32, &u32)| ((sum + total / 2) / total) as u8;
        planes.map(|sums| sums.iter().zip(&total).map(mean).collect())
    })
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

/// Pixels as bytes.
pub(super) fn bytes(image: &[f32], Bounds { min, max }: Bounds) -> Vec<u8> {
    image.iter().map(|pixel| ((pixel - min) / (max - min) * 255.0).round_ties_even() as u8).collect()
}

/// Lightness and the two planes of colour.
pub(super) fn lab_planes(image: [&[u8]; 3]) -> [Vec<u8>; 3] {
    let area = image[0].len();
    let mut labs = [(); 3].map(|()| Vec::with_capacity(area));
    for at in 0..area {
        labs.iter_mut().zip(lab(image.map(|plane| plane[at]))).for_each(|(plane, level)| plane.push(level));
    }
    labs
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::non_local_means) const SIZE: [usize; 2] = [6, 7];

    /// A slope with noise on it, other noise for each seed.
    pub(in crate::non_local_means) fn noisy(mut seed: u32) -> Vec<u8> {
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
