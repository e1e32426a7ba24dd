//! CIE L*a*b* in bytes: colours whose distances are those that one sees.
//!
//! As OpenCV's `COLOR_LRGB2Lab` and `COLOR_Lab2LRGB` have it, with levels taken for linear light and D65 for white. Its fixed-point tables may
//! round otherwise by one.

const XYZ: [[f32; 3]; 3] =
    [[0.412_453, 0.357_58, 0.180_423], [0.212_671, 0.715_16, 0.072_169], [0.019_334, 0.119_193, 0.950_227]];
const RGB: [[f32; 3]; 3] =
    [[3.240_479, -1.537_15, -0.498_535], [-0.969_256, 1.875_991, 0.041_556], [0.055_648, -0.204_043, 1.057_311]];
const WHITE: [f32; 3] = [0.950_456, 1.0, 1.088_754];

/// Lightness from 0 to 100 as 0 to 255, and the two colours around 128.
pub(crate) fn lab(rgb: [u8; 3]) -> [u8; 3] {
    let linear = rgb.map(|level| f32::from(level) / 255.0);
    let [x, y, z] = std::array::from_fn(|i| root(product(XYZ[i], linear) / WHITE[i]));
    [(116.0 * y - 16.0) * 2.55, 500.0 * (x - y) + 128.0, 200.0 * (y - z) + 128.0].map(|level| level.round() as u8)
}

/// Red, green and blue of such a colour.
pub(crate) fn rgb([lightness, a, b]: [u8; 3]) -> [u8; 3] {
    let y = (f32::from(lightness) / 2.55 + 16.0) / 116.0;
    let [x, z] = [y + (f32::from(a) - 128.0) / 500.0, y - (f32::from(b) - 128.0) / 200.0];
    let [x, y, z] = [x, y, z].map(cube);
    let xyz = [x * WHITE[0], y * WHITE[1], z * WHITE[2]];
    RGB.map(|row| (product(row, xyz) * 255.0).round() as u8)
}

/// The gradient of red, green and blue from that of what [`lab`] makes of them, all in levels of a byte.
pub(crate) fn lab_back(rgb: [u8; 3], [lightness, a, b]: [f32; 3]) -> [f32; 3] {
    let linear = rgb.map(|level| f32::from(level) / 255.0);
    let roots = [500.0 * a, 116.0 * 2.55 * lightness - 500.0 * a + 200.0 * b, -200.0 * b];
    let xyz: [f32; 3] = std::array::from_fn(|i| roots[i] * root_slope(product(XYZ[i], linear) / WHITE[i]) / WHITE[i]);
    std::array::from_fn(|channel| (0..3).map(|i| XYZ[i][channel] * xyz[i]).sum::<f32>() / 255.0)
}

/// The gradient of lightness and colours from that of what [`rgb`] makes of them. A level beyond a byte counts as one within.
pub(crate) fn rgb_back([lightness, a, b]: [u8; 3], gradient: [f32; 3]) -> [f32; 3] {
    let y = (f32::from(lightness) / 2.55 + 16.0) / 116.0;
    let roots = [y + (f32::from(a) - 128.0) / 500.0, y, y - (f32::from(b) - 128.0) / 200.0];
    let [x, y, z] = std::array::from_fn(|i| {
        let xyz: f32 = (0..3).map(|channel| RGB[channel][i] * gradient[channel]).sum();
        255.0 * WHITE[i] * cube_slope(roots[i]) * xyz
    });
    [(x + y + z) / (116.0 * 2.55), x / 500.0, -z / 200.0]
}

/// The cube root, and near 0 the straight line that continues it.
fn root(x: f32) -> f32 {
    if x > 0.008_856 { x.cbrt() } else { 7.787 * x + 16.0 / 116.0 }
}

/// The slope of [`root`].
fn root_slope(x: f32) -> f32 {
    if x > 0.008_856 { x.cbrt().powi(-2) / 3.0 } else { 7.787 }
}

/// The inverse of [`root`].
fn cube(x: f32) -> f32 {
    if x > 0.206_893 { x.powi(3) } else { (x - 16.0 / 116.0) / 7.787 }
}

/// The slope of [`cube`].
fn cube_slope(x: f32) -> f32 {
    if x > 0.206_893 { 3.0 * x.powi(2) } else { 1.0 / 7.787 }
}

fn product(row: [f32; 3], column: [f32; 3]) -> f32 {
    row.iter().zip(column).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::{lab, lab_back, rgb, rgb_back};

    #[test]
    fn gradients_are_differences_over_some_levels_and_undo_each_other() {
        for colour in [[200_u8, 60, 120], [90, 90, 90], [30, 180, 220], [128, 130, 60]] {
            let at = lab(colour);
            for i in 0..3 {
                let one: [f32; 3] = std::array::from_fn(|k| f32::from(u8::from(k == i)));
                let steps = |of: fn([u8; 3]) -> [u8; 3], at: [u8; 3], channel: usize| {
                    let moved = |up: bool| {
                        let mut at = at;
                        at[channel] = if up { at[channel] + 8 } else { at[channel] - 8 };
                        f32::from(of(at)[i])
                    };
                    (moved(true) - moved(false)) / 16.0
                };
                for channel in 0..3 {
                    let (found, expected) = (lab_back(colour, one)[channel], steps(lab, colour, channel));
                    assert!((found - expected).abs() < 0.12, "lab {i} by {channel} of {colour:?}: {found}, {expected}");
                    let (found, expected) = (rgb_back(at, one)[channel], steps(rgb, at, channel));
                    assert!((found - expected).abs() < 0.2, "rgb {i} by {channel} of {at:?}: {found}, {expected}");
                }
                // There and back is the identity, but for the rounding of the colour between.
                for (found, expected) in lab_back(colour, rgb_back(at, one)).into_iter().zip(one) {
                    assert!((found - expected).abs() < 0.05, "{colour:?}: {found}, {expected}");
                }
            }
        }
    }
}
