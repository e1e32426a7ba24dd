//! [`Bounds`]: where pixels live.

/// The closed interval that pixels live in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Smallest pixel value.
    pub min: f32,
    /// Largest pixel value.
    pub max: f32,
}

impl Bounds {
    /// Pixels in [0, 1], the usual case.
    pub const UNIT: Self = Self { min: 0.0, max: 1.0 };

    /// Moves each pixel to the nearest value within the bounds.
    pub fn clip(self, pixels: &mut [f32]) {
        for pixel in pixels {
            *pixel = pixel.max(self.min).min(self.max);
        }
    }
}
