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
        let height = |old: usize| (1.0 - ((old as f64 - centre + 0.5) / reach).abs()).max(0.0);
        let sum: f64 = (first..end).map(height).sum();
        let weights: Vec<f64> = (first..end).map(|old| height(old) / sum).collect();
        (first, end, Weights::new(&weights))
    };
    (0..to).map(triangle).collect()
}
