//! Gaussian blur, rows first, then columns.

/// Four standard deviations hold all of the bell but 0.006 %.
const REACH: f64 = 4.0;

/// Blurs a plane of this height and width, in place. Beyond the border the nearest pixel goes on.
pub(super) fn blur(plane: &mut [f32], (height, width): (usize, usize), sigma: f64) {
    let bell = bell(sigma);
    let mut pixels: Vec<f64> = plane.iter().map(|&pixel| f64::from(pixel)).collect();
    for row in 0..height {
        smooth(&mut pixels, row * width, 1, width, &bell);
    }
    for column in 0..width {
        smooth(&mut pixels, column, width, height, &bell);
    }
    plane.iter_mut().zip(pixels).for_each(|(pixel, blurred)| *pixel = blurred as f32);
}

/// The weights of the neighbours at distance 0, 1, 2, ..., those on both sides summing to 1.
fn bell(sigma: f64) -> Vec<f64> {
    let reach = (REACH * sigma).round() as usize;
    let heights: Vec<f64> = (0..=reach).map(|distance| (-0.5 * (distance as f64 / sigma).powi(2)).exp()).collect();
    let sum = heights[0] + 2.0 * heights[1..].iter().sum::<f64>();
    heights.into_iter().map(|height| height / sum).collect()
}

/// Convolves the line of `length` pixels that starts at `start` and goes on every `stride`.
fn smooth(pixels: &mut [f64], start: usize, stride: usize, length: usize, bell: &[f64]) {
    let line: Vec<f64> = (0..length).map(|position| pixels[start + position * stride]).collect();
    for position in 0..length {
        let pair = |(distance, weight): (usize, &f64)| {
            let (before, after) = (position.saturating_sub(distance), (position + distance).min(length - 1));
            weight * (line[before] + line[after])
        };
        let neighbours: f64 = bell.iter().enumerate().skip(1).map(pair).sum();
        pixels[start + position * stride] = bell[0] * line[position] + neighbours;
    }
}
