//! What gradients of the means are as gradients of the image, if the weights are taken for constants.
//!
//! A mean `y_i = sum over j of w_ij x_j / W_i`, `W_i = sum over j of w_ij`, hands the gradient `g_i` on to the pixels that it is the mean of:
//! `sum over i of w_ij g_i / W_i`. Colours go there and back through the derivatives of their [Lab](crate::lab) values. The derivatives of the weights are left
//! out, and rounding to bytes counts as the identity (BPDA, Athalye, Carlini and Wagner 2018, section 4.1).

use robust_attacks::Bounds;

use super::means::{bytes, lab_planes};
use super::patches::{compare, extended, weights};
use crate::lab::{lab, lab_back, rgb_back};

/// The gradient of an image from those of what each strength makes of it. All are of the image's size, in the model's units.
pub(super) fn adjoint<const S: usize>(
    image: &[f32],
    size: [usize; 2],
    bounds: Bounds,
    strengths: [f32; S],
    denoised: [&[f32]; S],
    gradients: [&[f32]; S],
) -> Vec<f32> {
    let area = size[0] * size[1];
    let bytes_of_image = bytes(image, bounds);
    let planes: Vec<&[u8]> = bytes_of_image.chunks_exact(area).collect();
    if let [red, green, blue] = planes[..] {
        return coloured([red, green, blue], size, strengths, denoised.map(|one| bytes(one, bounds)), gradients);
    }
    let of_plane = |(channel, plane): (usize, &[u8])| {
        let own = gradients.map(|gradient| [gradient[channel * area..][..area].to_vec()]);
        let [found] = handed_on(&[plane.to_vec()], size, strengths, own);
        found
    };
    planes.into_iter().enumerate().flat_map(of_plane).collect()
}

/// The same of red, green and blue.
fn coloured<const S: usize>(
    image: [&[u8]; 3],
    size: [usize; 2],
    strengths: [f32; S],
    denoised: [Vec<u8>; S],
    gradients: [&[f32]; S],
) -> Vec<f32> {
    let area = size[0] * size[1];
    let (mut of_lightness, mut of_colours) =
        ([(); S].map(|()| [Vec::new()]), [(); S].map(|()| [Vec::new(), Vec::new()]));
    for strength in 0..S {
        for at in 0..area {
            let colour = std::array::from_fn(|channel| denoised[strength][channel * area + at]);
            let own = std::array::from_fn(|channel| gradients[strength][channel * area + at]);
            let [lightness, a, b] = rgb_back(lab(colour), own);
            of_lightness[strength][0].push(lightness);
            of_colours[strength][0].push(a);
            of_colours[strength][1].push(b);
        }
    }
    let [lightness, a, b] = lab_planes(image);
    let [of_lightness] = handed_on(&[lightness], size, strengths, of_lightness);
    let [of_a, of_b] = handed_on(&[a, b], size, strengths, of_colours);
    let mut found = vec![0.0; 3 * area];
    for at in 0..area {
        let back = lab_back(image.map(|plane| plane[at]), [of_lightness[at], of_a[at], of_b[at]]);
        back.into_iter().enumerate().for_each(|(channel, slope)| found[channel * area + at] = slope);
    }
    found
}

/// The sum over the strengths of what is handed on of gradients of planes that are compared together.
fn handed_on<const N: usize, const S: usize>(
    planes: &[Vec<u8>; N],
    size: [usize; 2],
    strengths: [f32; S],
    mut gradients: [[Vec<f32>; N]; S],
) -> [Vec<f32>; N] {
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
    for (planes, totals) in gradients.iter_mut().zip(&totals) {
        for plane in planes {
            plane.iter_mut().zip(totals).for_each(|(slope, &total)| *slope /= total as f32);
        }
    }
    let mut found = [(); N].map(|()| vec![0.0; area]);
    compare(&extended_planes, size, |at, distance, neighbour| {
        for (weights, gradients) in weights.iter().zip(&gradients) {
            let Some(&weight) = weights.get(distance as usize) else { continue };
            for (found, gradient) in found.iter_mut().zip(gradients) {
                found[places[neighbour]] += weight as f32 * gradient[at];
            }
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::non_local_means::means::{
        denoised,
        tests::{SIZE, noisy},
    };

    fn pixels(planes: &[u32]) -> Vec<f32> {
        planes.iter().flat_map(|&seed| noisy(seed)).map(|level| f32::from(level) / 255.0).collect()
    }

    fn of(image: &[f32], strengths: [f32; 1], slopes: &[f32]) -> Vec<f32> {
        let [denoised] = denoised(image, SIZE, Bounds::UNIT, strengths);
        adjoint(image, SIZE, Bounds::UNIT, strengths, [&denoised], [slopes])
    }

    #[test]
    fn what_the_pixels_add_to_a_mean_is_the_mean() {
        let image = pixels(&[1]);
        let [means] = denoised(&image, SIZE, Bounds::UNIT, [20.0]);
        for (at, &expected) in means.iter().enumerate() {
            let one: Vec<f32> = (0..42).map(|pixel| f32::from(u8::from(pixel == at))).collect();
            let shares = of(&image, [20.0], &one);
            let mean: f32 = shares.iter().zip(&image).map(|(share, pixel)| share * pixel).sum();
            // But for the rounding to a byte.
            assert!(255.0 * (mean - expected).abs() <= 0.51, "{at}: {mean} and {expected}");
            assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn strengths_add_up_and_any_size_is_taken() {
        let (image, slopes) = (pixels(&[1]), (0..42).map(|at| (at as f32).sin()).collect::<Vec<_>>());
        let [light, strong] = denoised(&image, SIZE, Bounds::UNIT, [4.0, 20.0]);
        let both = adjoint(&image, SIZE, Bounds::UNIT, [4.0, 20.0], [&light, &strong], [&slopes, &slopes]);
        let apart = [4.0, 20.0].map(|strength| of(&image, [strength], &slopes));
        assert!(both.iter().enumerate().all(|(at, both)| (both - apart[0][at] - apart[1][at]).abs() < 1e-5));
        for size in [[1, 1], [1, 5], [2, 3], [40, 2]] {
            for planes in 1..5 {
                let image = vec![1.0; planes * size[0] * size[1]];
                let found = adjoint(&image, size, Bounds::UNIT, [4.0], [&image], [&image]);
                let (found, expected): (f32, f32) = (found.iter().sum(), image.iter().sum());
                assert!((found - expected).abs() < 2e-3 * expected, "{planes} planes of {size:?}: {found}, {expected}");
            }
        }
    }

    /// A grey image, dark on the left and light on the right: to the lightness its halves have nothing in common, to the colours they are one.
    #[test]
    fn lightness_stays_on_its_side_of_an_edge_and_colours_cross_it() {
        let level = |at: usize| if at % SIZE[1] < 3 { 0.25 } else { 0.75 };
        let image: Vec<f32> = (0..126).map(|at| level(at % 42)).collect();
        // At the first pixel, which is dark: luminance, which no colour changes, and red against green, which on grey no lightness does.
        for (slopes, crosses) in [([0.212_671, 0.715_16, 0.072_169], false), ([1.0, -1.0, 0.0], true)] {
            let one: Vec<f32> = (0..126).map(|at| if at % 42 == 0 { slopes[at / 42] } else { 0.0 }).collect();
            let found = of(&image, [4.0], &one);
            let size = |is_light: bool| -> f32 {
                let half = (0..126).filter(|at| (level(at % 42) > 0.5) == is_light);
                half.map(|at| found[at].abs()).sum()
            };
            assert!(size(false) > 0.1, "{slopes:?}: {}", size(false));
            assert_eq!(size(true) > 1e-3, crosses, "{slopes:?}: {}", size(true));
        }
    }

    /// Where all patches are alike every mean is that of the whole window, whatever the colours: the gradient of a plain image of one colour is the same
    /// mean of the gradients of each channel.
    #[test]
    fn on_a_plain_colour_each_channel_keeps_its_own_gradient() {
        let image: Vec<f32> = [0.8, 0.3, 0.2].iter().flat_map(|&level| vec![level; 42]).collect();
        let slopes: Vec<f32> = (0..126).map(|at| (at as f32).cos()).collect();
        let found = of(&image, [4.0], &slopes);
        for channel in 0..3 {
            let grey = of(&image[..42], [4.0], &slopes[42 * channel..][..42]);
            for (found, expected) in found[42 * channel..].iter().zip(grey) {
                assert!((found - expected).abs() < 0.02, "{channel}: {found} and {expected}");
            }
        }
    }
}
