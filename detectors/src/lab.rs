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

/// The cube root, and near 0 the straight line that continues it.
fn root(x: f32) -> f32 {
    if x > 0.008_856 { x.cbrt() } else { 7.787 * x + 16.0 / 116.0 }
}

/// The inverse of [`root`].
fn cube(x: f32) -> f32 {
    if x > 0.206_893 { x.powi(3) } else { (x - 16.0 / 116.0) / 7.787 }
}

fn product(row: [f32; 3], column: [f32; 3]) -> f32 {
    row.iter().zip(column).map(|(a, b)| a * b).sum()
}
