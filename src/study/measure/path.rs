//! [`Path`]: the way that a row of images takes through image space, beside the straight line between its ends.

use super::distance;

/// Steps and deviations of a row of frames.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Path {
    /// Distances between neighbouring frames; one fewer than frames.
    pub(crate) steps: Vec<f64>,
    /// Each frame's distance from the straight line through the first and the last, as a share of the chord.
    pub(crate) deviations: Vec<f64>,
    /// Distance between the first and the last frame.
    pub(crate) chord: f64,
}

impl Path {
    /// Measures frames of equal length, at least two.
    pub(crate) fn of(frames: &[&[f32]]) -> Self {
        let (Some(&first), Some(&last)) = (frames.first(), frames.last()) else {
            return Self { steps: Vec::new(), deviations: Vec::new(), chord: 0.0 };
        };
        let chord = distance(first, last);
        let deviation = |frame: &&[f32]| {
            if chord == 0.0 {
                return 0.0;
            }
            // With u = frame - first and v the chord's vector, the rest of u across v is ||u - (u·v / v·v) v||.
            let ends = || first.iter().zip(last).map(|(&a, &b)| (f64::from(a), f64::from(b)));
            let along: f64 = frame.iter().zip(ends()).map(|(&f, (a, b))| (f64::from(f) - a) * (b - a)).sum();
            let share = along / (chord * chord);
            let across = frame.iter().zip(ends()).map(|(&f, (a, b))| (f64::from(f) - a - share * (b - a)).powi(2));
            across.sum::<f64>().sqrt() / chord
        };
        Self {
            steps: frames.windows(2).map(|pair| distance(pair[0], pair[1])).collect(),
            deviations: frames.iter().map(deviation).collect(),
            chord,
        }
    }

    /// Length along the frames.
    pub(crate) fn length(&self) -> f64 {
        self.steps.iter().sum()
    }

    /// Length along the frames over the chord: 1 on a straight line; none where both ends are one.
    pub(crate) fn detour(&self) -> Option<f64> {
        (self.chord > 0.0).then(|| self.length() / self.chord)
    }

    /// The largest step over the mean step: 1 where all are equal; none where nothing moves.
    pub(crate) fn unevenness(&self) -> Option<f64> {
        let largest = self.steps.iter().copied().fold(0.0, f64::max);
        (self.length() > 0.0).then(|| largest * self.steps.len() as f64 / self.length())
    }

    pub(crate) fn largest_deviation(&self) -> f64 {
        self.deviations.iter().copied().fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: &[f64], expected: &[f64]) {
        let near = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6);
        assert!(found.len() == expected.len() && near, "{found:?} is not {expected:?}");
    }

    #[test]
    fn a_straight_path_deviates_nowhere() {
        let path = Path::of(&[&[0.0, 1.0], &[3.0, 5.0], &[6.0, 9.0]]);
        close(&path.steps, &[5.0, 5.0]);
        close(&path.deviations, &[0.0; 3]);
        close(&[path.chord, path.detour().unwrap(), path.unevenness().unwrap()], &[10.0, 1.0, 1.0]);
    }

    #[test]
    fn a_right_angle_deviates_by_its_height() {
        // 3, 4, 5: the corner lies 12/5 off the hypotenuse, whose length is 5.
        let path = Path::of(&[&[3.0, 0.0], &[0.0, 0.0], &[0.0, 4.0]]);
        close(&path.steps, &[3.0, 4.0]);
        close(&path.deviations, &[0.0, 12.0 / 25.0, 0.0]);
        close(&[path.unevenness().unwrap(), path.largest_deviation(), path.detour().unwrap()], &[8.0 / 7.0, 0.48, 1.4]);
    }

    #[test]
    fn standing_still_is_no_path() {
        let path = Path::of(&[&[1.0], &[1.0], &[1.0]]);
        assert_eq!((path.detour(), path.unevenness(), path.largest_deviation()), (None, None, 0.0));
    }
}
