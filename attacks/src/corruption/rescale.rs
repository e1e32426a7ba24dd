//! Smaller and back: every pixel of the small image is the mean of its area, and the large one interpolates between their centres.

/// Rescales a plane of this height and width, in place: rows first, then columns, since both steps are apart in them.
pub(super) fn rescale(plane: &mut [f32], (height, width): (usize, usize), share: f64) {
    let there_and_back = |line: &[f64]| {
        let small = (line.len() as f64 * share).round().max(1.0) as usize;
        enlarge(&shrink(line, small), line.len())
    };
    let mut pixels: Vec<f64> = plane.iter().map(|&pixel| f64::from(pixel)).collect();
    for row in pixels.chunks_exact_mut(width) {
        row.copy_from_slice(&there_and_back(row));
    }
    for column in 0..width {
        let line: Vec<f64> = (0..height).map(|row| pixels[row * width + column]).collect();
        for (row, pixel) in there_and_back(&line).into_iter().enumerate() {
            pixels[row * width + column] = pixel;
        }
    }
    plane.iter_mut().zip(pixels).for_each(|(pixel, rescaled)| *pixel = rescaled as f32);
}

/// The means over `small` stretches of equal length, of pixels by the share of them that lies within.
fn shrink(line: &[f64], small: usize) -> Vec<f64> {
    let length = line.len() as f64 / small as f64;
    let mean = |at: usize| {
        let (start, end) = (at as f64 * length, (at + 1) as f64 * length);
        let within = |pixel: usize| (end.min(pixel as f64 + 1.0) - start.max(pixel as f64)).max(0.0);
        let pixels = start as usize..(end.ceil() as usize).min(line.len());
        pixels.map(|pixel| within(pixel) * line[pixel]).sum::<f64>() / length
    };
    (0..small).map(mean).collect()
}

/// Between the centres of the small line's pixels on straight lines; beyond the outer ones the nearest goes on.
fn enlarge(small: &[f64], length: usize) -> Vec<f64> {
    let pixel = |at: usize| {
        let place = (at as f64 + 0.5) * small.len() as f64 / length as f64 - 0.5;
        let place = place.clamp(0.0, (small.len() - 1) as f64);
        let (before, share) = (place as usize, place.fract());
        let after = (before + 1).min(small.len() - 1);
        small[before] * (1.0 - share) + small[after] * share
    };
    (0..length).map(pixel).collect()
}
