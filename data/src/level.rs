//! What a pixel's value is: a byte, or a float in [0, 1]; and the two ways in which values are mixed, each as Pillow does it.

/// Bits after the point of a byte's weights (Pillow, `src/libImaging/Resample.c`, `PRECISION_BITS`).
const BITS: u32 = 22;

/// The share that each of some neighbouring pixels has in a new one; together 1.
pub(crate) struct Weights {
    exact: Vec<f32>,
    fixed: Vec<i32>,
}

impl Weights {
    pub(crate) fn new(weights: &[f64]) -> Self {
        let fixed = |weight: &f64| (weight * f64::from(1 << BITS)).round() as i32;
        Self {
            exact: weights.iter().map(|&weight| weight as f32).collect(),
            fixed: weights.iter().map(fixed).collect(),
        }
    }
}

/// The value of a pixel in one channel.
pub(crate) trait Level: Copy {
    /// The weighted sum of as many levels as weights.
    fn mix(levels: impl Iterator<Item = Self>, weights: &Weights) -> Self;

    /// How bright a colour is: ITU-R BT.601's luma, 0.299 red + 0.587 green + 0.114 blue.
    fn luma(red: Self, green: Self, blue: Self) -> Self;
}

impl Level for u8 {
    fn mix(levels: impl Iterator<Item = Self>, weights: &Weights) -> Self {
        let sum: i32 = levels.zip(&weights.fixed).map(|(level, weight)| i32::from(level) * weight).sum();
        ((sum + (1 << (BITS - 1))) >> BITS).clamp(0, 255) as Self
    }

    /// In the 16 bits after the point of Pillow's `convert("L")`.
    fn luma(red: Self, green: Self, blue: Self) -> Self {
        ((u32::from(red) * 19_595 + u32::from(green) * 38_470 + u32::from(blue) * 7_471 + 0x8000) >> 16) as Self
    }
}

impl Level for f32 {
    fn mix(levels: impl Iterator<Item = Self>, weights: &Weights) -> Self {
        levels.zip(&weights.exact).map(|(level, weight)| level * weight).sum::<Self>().clamp(0.0, 1.0)
    }

    fn luma(red: Self, green: Self, blue: Self) -> Self {
        (0.299 * red + 0.587 * green + 0.114 * blue).clamp(0.0, 1.0)
    }
}
