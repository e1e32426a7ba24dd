//! [`ErrorSlopes`]: gradients of reconstruction errors under every label, and what becomes of them.

/// Gradients of reconstruction errors, each that of its own error alone.
pub(super) struct ErrorSlopes {
    /// `(B, K, pixels)`, to the images that the labels stand for; that to the image drawn from is its negative.
    pub(super) d_images: Vec<f32>,
    /// `(B, K, S)`, to the style.
    pub(super) d_style: Vec<f32>,
}

impl ErrorSlopes {
    /// The gradients to images `(B, pixels)` and style `(B, S)` from that to the errors `(B, K)`.
    pub(super) fn combine(&self, d_errors: &[f32], classes: usize) -> (Vec<f32>, Vec<f32>) {
        if d_errors.is_empty() {
            return (Vec::new(), Vec::new());
        }
        let sum = |slopes: &[f32], width: usize, sign: f32| {
            let mut sums = vec![0.0; d_errors.len() / classes * width];
            for (pair, (&d, slopes)) in d_errors.iter().zip(slopes.chunks_exact(width)).enumerate() {
                let sum = &mut sums[pair / classes * width..][..width];
                sum.iter_mut().zip(slopes).for_each(|(sum, slope)| *sum += sign * d * slope);
            }
            sums
        };
        (
            sum(&self.d_images, self.d_images.len() / d_errors.len(), -1.0),
            sum(&self.d_style, self.d_style.len() / d_errors.len(), 1.0),
        )
    }
}
