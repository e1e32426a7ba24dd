//! What each corruption does to an image.

use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{IndexOp, Tensor};
use robust_attacks::{Adversarials, Attack, Bounds, Budget, Corruption, FnModel, Goal, ImageShape, Norm, Signature};

use crate::models::{assert_close, budget, pixels, run, tensor, toy_of};

/// Corrupts images with pixels in [-1, 1], whose classes do not matter.
fn corrupted(corruption: Corruption, x: &Tensor, budget: Budget) -> Adversarials {
    let logits = |x: &Tensor| x.flatten_from(1)?.narrow(1, 0, 2);
    let shape = ImageShape::new(1, 1, x.elem_count() / x.dim(0).unwrap());
    let signature = Signature { shape, classes: 2, bounds: Bounds { min: -1.0, max: 1.0 } };
    let model = FnModel::new(signature, logits);
    run(&corruption, &model, x, &Goal::Untargeted { labels: vec![0; x.dim(0).unwrap()] }, budget)
}

fn images(corruption: Corruption, x: &Tensor) -> Vec<f32> {
    pixels(&corrupted(corruption, x, Budget::unbounded(Norm::Linf)).images)
}

/// Pixels in [0, 1).
fn uneven(count: usize) -> Vec<f32> {
    (0..count).map(|pixel| (pixel * 7 % 20) as f32 / 20.0).collect()
}

#[test]
fn noise_has_mean_zero_and_the_deviation_of_its_severity() {
    for (severity, sigma) in [(0, 0.05), (1, 0.08), (2, 0.12), (3, 0.18)] {
        let noise = images(Corruption::gaussian_noise(severity), &tensor(&[0.0; 10_000], (1, 100, 100)));
        let count = noise.len() as f32;
        let mean = noise.iter().sum::<f32>() / count;
        let deviation = (noise.iter().map(|noise| noise * noise).sum::<f32>() / count).sqrt();
        // Five standard errors.
        assert!(mean.abs() < 5.0 * sigma / count.sqrt(), "{severity}: {mean}");
        assert!((deviation / sigma - 1.0).abs() < 5.0 / (2.0 * count).sqrt(), "{severity}: {deviation}");
    }
}

// import numpy as np; from scipy.ndimage import gaussian_filter
// for sigma in (0.5, 1): print(gaussian_filter((np.arange(20) * 7 % 20 / 20).reshape(4, 5), sigma, mode="nearest"))
#[test]
fn blur_agrees_with_scipy() {
    for (severity, expected) in [
        (
            1,
            [
                0.106053, 0.334708, 0.577957, 0.213844, 0.347672, 0.596695, 0.279292, 0.450142, 0.620633, 0.303173,
                0.525677, 0.670837, 0.379303, 0.549974, 0.767297, 0.314131, 0.615006, 0.786063, 0.421979, 0.639302,
            ],
        ),
        (
            3,
            [
                0.257813, 0.353899, 0.418296, 0.380653, 0.354544, 0.426401, 0.432308, 0.458722, 0.466752, 0.450643,
                0.485655, 0.516898, 0.527146, 0.543651, 0.582386, 0.430055, 0.556483, 0.601521, 0.574027, 0.613595,
            ],
        ),
    ] {
        let found = images(Corruption::blur(severity), &tensor(&uneven(20), (1, 1, 4, 5)));
        assert_close(&found, &expected, 1e-6, &format!("severity {severity}"));
    }
}

#[test]
fn blur_keeps_what_is_constant_and_the_sum_of_what_is_far_from_the_border() {
    let dot: Vec<f32> = (0..2 * 21 * 21).map(|pixel| f32::from(u8::from(pixel == 21 * 10 + 10))).collect();
    for severity in 1..=5 {
        let blurred = images(Corruption::blur(severity), &tensor(&dot, (1, 2, 21, 21)));
        assert!((blurred.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{severity}");
        assert!(blurred[441..].iter().all(|&pixel| pixel == 0.0), "{severity}: one channel leaks into the other");
        let constant = images(Corruption::blur(severity), &tensor(&[-0.25; 12], (1, 3, 4)));
        assert_close(&constant, &[-0.25; 12], 1e-7, "a constant");
    }
}

#[test]
fn contrast_shrinks_around_the_mean_of_each_channel() {
    let x = [0.0, 0.5, 1.0, -0.5, -1.0, 0.0, 0.5, 0.1];
    // Means 0.25 and -0.1, factor 0.2.
    let expected = [0.2, 0.3, 0.4, 0.1, -0.28, -0.08, 0.02, -0.06];
    assert_close(&images(Corruption::contrast(3), &tensor(&x, (1, 2, 2, 2))), &expected, 1e-6, "contrast");
}

#[test]
fn brightness_adds_the_same_and_stops_at_the_bound() {
    let found = images(Corruption::brightness(0), &tensor(&[-1.0, 0.0, 0.5, 0.99], (1, 1, 2, 2)));
    assert_close(&found, &[-1.0 + 8.0 / 255.0, 8.0 / 255.0, 0.5 + 8.0 / 255.0, 1.0], 1e-6, "brightness");
}

#[test]
fn binarization_leaves_the_two_bounds() {
    // Thresholds at 0.5 and 0.8 of the range from -1 to 1.
    let x = tensor(&[-1.0, -0.01, 0.0, 0.59, 0.61, 1.0], (1, 1, 2, 3));
    for (severity, expected) in [(0, [-1.0, -1.0, 1.0, 1.0, 1.0, 1.0]), (3, [-1.0, -1.0, -1.0, -1.0, 1.0, 1.0])] {
        assert_eq!(images(Corruption::binarize(severity), &x), expected, "severity {severity}");
    }
}

// import io, numpy as np; from PIL import Image
// x = np.round((np.arange(80) * 7 % 20 / 20).reshape(8, 10) * 255).astype(np.uint8)
// for q in (50, 7): f = io.BytesIO(); Image.fromarray(x).save(f, "JPEG", quality=q); print(np.asarray(Image.open(f)).ravel().tolist())
#[test]
fn jpeg_loses_what_pillow_loses() {
    let grey: Vec<f32> = uneven(80).iter().map(|pixel| (pixel * 255.0).round() / 255.0 * 2.0 - 1.0).collect();
    for (severity, expected) in [(0, PILLOW_AT_50), (5, PILLOW_AT_7)] {
        let found = images(Corruption::jpeg(severity), &tensor(&grey, (1, 8, 10)));
        let bytes: Vec<f32> = found.iter().map(|pixel| (pixel + 1.0) / 2.0 * 255.0).collect();
        assert_close(&bytes, &expected, 2.01, &format!("severity {severity}"));
    }
}

#[test]
fn jpeg_keeps_what_is_constant_in_one_three_and_five_planes() {
    for planes in [1, 3, 5] {
        let level = |plane: usize| (40.0 + 30.0 * plane as f32) / 255.0 * 2.0 - 1.0;
        let x: Vec<f32> =
            (0..planes * 17 * 9).map(|pixel| level(if planes == 3 { 1 } else { pixel / (17 * 9) })).collect();
        let found = images(Corruption::jpeg(0), &tensor(&x, (1, planes, 17, 9)));
        assert_close(&found, &x, 2.01 / 127.5, &format!("{planes} planes"));
    }
}

// import numpy as np
// x = np.arange(6) * 7 % 20 / 20; half = x.reshape(3, 2).mean(1)
// print(np.interp((np.arange(6) + 0.5) / 2 - 0.5, np.arange(3), half))
// third = x.reshape(2, 3).mean(1); print(np.interp((np.arange(6) + 0.5) / 3 - 0.5, np.arange(2), third))
#[test]
fn rescaling_takes_means_and_straight_lines_between_them() {
    let line = tensor(&uneven(6), (1, 1, 1, 6));
    for (severity, expected) in
        [(0, [0.175, 0.225, 0.325, 0.425, 0.525, 0.575]), (2, [0.35, 0.35, 0.366_667, 0.383_333, 0.4, 0.4])]
    {
        assert_close(&images(Corruption::rescale(severity), &line), &expected, 1e-6, &format!("severity {severity}"));
    }
    let constant = images(Corruption::rescale(3), &tensor(&[0.3; 2 * 7 * 5], (1, 2, 7, 5)));
    assert_close(&constant, &[0.3; 2 * 7 * 5], 1e-6, "a constant");
}

#[test]
fn translation_goes_in_eight_directions_and_brings_in_the_smallest_value() {
    let image = uneven(64);
    let shifted = |down: i32, right: i32| -> Vec<f32> {
        let at = |row: i32, column: i32| {
            let inside = (0..8).contains(&row) && (0..8).contains(&column);
            if inside { image[(row * 8 + column) as usize] } else { -1.0 }
        };
        (0..8).flat_map(|row| (0..8).map(move |column| (row, column))).map(|(r, c)| at(r - down, c - right)).collect()
    };
    for severity in 1..=5 {
        let step = severity as i32;
        let expected: Vec<Vec<f32>> = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]
            .map(|(down, right)| shifted(step * down, step * right))
            .to_vec();
        let found = images(Corruption::translate(severity), &tensor(&image.repeat(100), (100, 1, 8, 8)));
        let mut seen = [0; 8];
        for image in found.chunks(64) {
            seen[expected.iter().position(|expected| expected == image).expect("one of eight shifts")] += 1;
        }
        assert!(seen.iter().all(|&count| count > 2), "{severity}: {seen:?}");
    }
}

/// Every kind at a severity.
fn kinds(severity: usize) -> [Corruption; 8] {
    [
        Corruption::gaussian_noise,
        Corruption::blur,
        Corruption::contrast,
        Corruption::brightness,
        Corruption::binarize,
        Corruption::jpeg,
        Corruption::rescale,
        Corruption::translate,
    ]
    .map(|kind| kind(severity))
}

#[test]
fn severities_rise() {
    // 0.11 at its border, 0.96 in the middle; thresholds lie from 0, half of the range from -1 to 1, to 0.8.
    let mut disc = [0.0; 28 * 28];
    for (pixel, value) in disc.iter_mut().enumerate() {
        let distance = (pixel / 28).abs_diff(14) + (pixel % 28).abs_diff(14);
        *value = 0.96 * (1.0 - 0.068 * distance as f32) * f32::from(u8::from(distance < 14));
    }
    let x = tensor(&disc, (1, 1, 28, 28));
    for kind in 0..kinds(0).len() {
        let change = |severity| corrupted(kinds(severity)[kind], &x, Budget::unbounded(Norm::L2)).l2[0];
        let changes: Vec<f64> = (0..=5).map(change).collect();
        assert!(changes.is_sorted_by(|less, more| less < more), "{}: {changes:?}", kinds(1)[kind].name());
    }
}

#[test]
fn corruptions_ask_nothing_and_keep_a_budget_that_they_are_given() {
    let x = tensor(&uneven(40), (2, 4, 5));
    for corruption in kinds(5) {
        let asked = AtomicUsize::new(0);
        let model = toy_of(20, 2, |x: &Tensor| {
            asked.fetch_add(x.dim(0)?, Ordering::Relaxed);
            x.flatten_from(1)?.narrow(1, 0, 2)
        });
        let result = run(&corruption, &model, &x, &Goal::Untargeted { labels: vec![0; 2] }, budget(Norm::L2, 0.25));
        assert!(result.traces.iter().all(|trace| trace.queries == 0));
        // To judge them.
        assert_eq!(asked.into_inner(), 2, "{}", corruption.name());
        assert!(result.l2.iter().all(|&l2| l2 <= 0.25 + 1e-6), "{}: {:?}", corruption.name(), result.l2);
    }
}

#[test]
fn every_image_draws_for_itself() {
    let x = tensor(&[0.0; 2 * 64], (2, 8, 8));
    let found = corrupted(Corruption::gaussian_noise(1), &x, Budget::unbounded(Norm::L2)).images;
    assert_ne!(pixels(&found.i(0).unwrap()), pixels(&found.i(1).unwrap()));
}

const PILLOW_AT_50: [f32; 80] = [
    3.0, 90.0, 179.0, 18.0, 96.0, 200.0, 24.0, 118.0, 205.0, 57.0, 119.0, 219.0, 44.0, 145.0, 223.0, 65.0, 153.0,
    235.0, 61.0, 162.0, 6.0, 96.0, 176.0, 19.0, 97.0, 197.0, 30.0, 122.0, 210.0, 42.0, 114.0, 217.0, 51.0, 154.0,
    233.0, 72.0, 151.0, 230.0, 75.0, 172.0, 14.0, 93.0, 172.0, 11.0, 90.0, 193.0, 27.0, 130.0, 206.0, 34.0, 122.0,
    214.0, 47.0, 147.0, 225.0, 68.0, 148.0, 238.0, 72.0, 164.0, 9.0, 91.0, 179.0, 21.0, 99.0, 200.0, 25.0, 125.0,
    220.0, 44.0, 126.0, 220.0, 44.0, 148.0, 226.0, 65.0, 154.0, 241.0, 77.0, 149.0,
];

const PILLOW_AT_7: [f32; 80] = [
    16.0, 112.0, 105.0, 44.0, 108.0, 114.0, 62.0, 155.0, 118.0, 88.0, 86.0, 176.0, 82.0, 151.0, 214.0, 91.0, 127.0,
    225.0, 88.0, 140.0, 13.0, 113.0, 181.0, 10.0, 73.0, 190.0, 63.0, 151.0, 250.0, 150.0, 130.0, 218.0, 73.0, 215.0,
    255.0, 82.0, 168.0, 255.0, 0.0, 92.0, 0.0, 88.0, 174.0, 0.0, 41.0, 183.0, 38.0, 126.0, 255.0, 168.0, 105.0, 193.0,
    66.0, 183.0, 246.0, 75.0, 143.0, 243.0, 29.0, 111.0, 31.0, 129.0, 165.0, 42.0, 105.0, 174.0, 80.0, 170.0, 190.0,
    121.0, 101.0, 194.0, 142.0, 148.0, 212.0, 151.0, 144.0, 240.0, 160.0, 173.0,
];
