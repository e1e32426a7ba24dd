//! Images of another size: bilinear with antialiasing, as Pillow's `Image.resize(size, BILINEAR)`.
//!
//! A new pixel is the mean of the old ones around its place, weighted by a triangle that is as wide as two new pixels where the image
//! shrinks and as two old ones where it grows; first along rows, then along columns, bytes rounded in between.

use crate::level::{Level, Weights};

/// The step from images of one size to those of another.
pub(crate) struct Resampler {
    from: [usize; 2],
    columns: Vec<(usize, usize, Weights)>,
    rows: Vec<(usize, usize, Weights)>,
}

impl Resampler {
    /// From one `[height, width]` to another.
    pub(crate) fn new(from: [usize; 2], to: [usize; 2]) -> Self {
        Self { from, rows: triangles(from[0], to[0]), columns: triangles(from[1], to[1]) }
    }

    /// Appends a plane of the new size, made of a plane of the old size.
    pub(crate) fn append<L: Level>(&self, plane: &[L], resized: &mut Vec<L>) {
        let [_, width] = self.from;
        let mut narrow = Vec::with_capacity(self.from[0] * self.columns.len());
        for row in plane.chunks_exact(width) {
            let mixed =
                self.columns.iter().map(|(first, end, weights)| L::mix(row[*first..*end].iter().copied(), weights));
            narrow.extend(mixed);
        }
        let width = self.columns.len();
        for (first, end, weights) in &self.rows {
            let column = |x: usize| narrow[first * width..end * width].iter().skip(x).step_by(width).copied();
            resized.extend((0..width).map(|x| L::mix(column(x), weights)));
        }
    }
}

/// For every new place the old ones that it is made of, from the first to the end (exclusive), and their weights.
fn triangles(from: usize, to: usize) -> Vec<(usize, usize, Weights)> {
    let scale = from as f64 / to as f64;
    let reach = scale.max(1.0);
    let triangle = |place| {
        let centre = (place as f64 + 0.5) * scale;
        let first = (centre - reach + 0.5).max(0.0) as usize;
        let end = ((centre + reach + 0.5) as usize).min(from);
        let height = |old: usize| (1.0 - ((old as f64 - centre + 0.5) * (1.0 / reach)).abs()).max(0.0);
        let sum: f64 = (first..end).map(height).sum();
        let weights: Vec<f64> = (first..end).map(|old| height(old) / sum).collect();
        (first, end, Weights::new(&weights))
    };
    (0..to).map(triangle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pillow 13, byte for byte, where it takes rows first, as older versions always do; some other sizes it takes the other way round, and is then
    /// within 1. The sum of the bytes, each times its place modulo 97 and one.
    ///
    /// ```python
    /// import numpy as np
    /// from PIL import Image
    /// x = (np.arange(31 * 23) * 7919 % 251).astype(np.uint8).reshape(23, 31)
    /// for w, h in [(31, 23), (28, 28), (32, 32), (16, 16), (8, 8), (1, 1), (2, 3), (5, 7), (7, 5), (31, 1), (1, 23), (30, 22),
    ///              (32, 24), (62, 46), (64, 64), (93, 30), (10, 69), (15, 40), (40, 30), (3, 100)]:
    ///     r = np.asarray(Image.fromarray(x).resize((w, h), Image.BILINEAR)).astype(int).ravel()
    ///     print(f"([{h}, {w}], {int((r * (np.arange(len(r)) % 97 + 1)).sum())}),")
    /// ```
    #[test]
    fn bytes_are_those_of_pillow_at_20_sizes() {
        let image: Vec<u8> = (0..31 * 23).map(|at| (at * 7919 % 251) as u8).collect();
        let floats: Vec<f32> = image.iter().map(|&level| crate::pixel(level)).collect();
        for (to, expected) in [
            ([23, 31], 4218829),
            ([28, 28], 4758030),
            ([32, 32], 6138689),
            ([16, 16], 1431537),
            ([8, 8], 260334),
            ([1, 1], 125),
            ([3, 2], 2628),
            ([7, 5], 78757),
            ([5, 7], 78862),
            ([1, 31], 62300),
            ([23, 1], 34523),
            ([22, 30], 4009249),
            ([24, 32], 4684719),
            ([46, 62], 17384403),
            ([64, 64], 24987412),
            ([30, 93], 17070655),
            ([69, 10], 4165918),
            ([40, 15], 3600126),
            ([30, 40], 7227383),
            ([100, 3], 1782524),
        ] {
            let resampler = Resampler::new([23, 31], to);
            let (mut bytes, mut same) = (Vec::new(), Vec::new());
            resampler.append(&image, &mut bytes);
            resampler.append(&floats, &mut same);
            let sum: u64 = (0..).zip(&bytes).map(|(at, &level)| u64::from(level) * (at % 97 + 1)).sum();
            assert_eq!((bytes.len(), sum), (to[0] * to[1], expected), "{to:?}");
            let far = |(&level, float): (&u8, f32)| (f32::from(level) - 255.0 * float).abs() > 1.001;
            assert!(!bytes.iter().zip(same).any(far), "floats are only not rounded: {to:?}");
        }
    }
}
