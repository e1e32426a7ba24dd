//! Style interpolation within a class (the paper's figures 9 to 11), and the way that its frames take through image space, beside the
//! straight line between its ends.
//!
//! Between two images of a class with styles `m_a` and `m_b`, the frames are drawn from the class, one-hot, and the style
//! `m(lambda) = (1 - lambda) m_a + lambda m_b`.

use anyhow::Result;

use super::{Artist, Codes, Gallery, Pair, distance, share};

/// Where the frames lie: the start, and the paper's 0.1 to 1.0.
pub(crate) const LAMBDAS: [f32; 11] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
/// Of the images that are worked on at once, pairs that are drawn at once.
const SHARE: usize = 16;

/// One interpolation, measured.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Walk {
    /// Between which images.
    pub(crate) pair: Pair,
    /// The way through image space.
    pub(crate) path: Path,
    /// What the classifier says of the frames.
    pub(crate) style: Frames,
    /// The same on the straight line, that is on blends of the pixels of the first and the last frame.
    pub(crate) straight: Frames,
}

/// The eleven images of a way, as the classifier sees them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frames {
    /// `(11)`: its probability of the pair's class.
    pub(crate) confidences: Vec<f32>,
    /// `(11)`: whether that is its class.
    hits: Vec<bool>,
}

impl Frames {
    /// Share of the images that are classified as the pair's class.
    pub(crate) fn accepted(&self) -> f64 {
        share(&self.hits, |&hit| hit).unwrap_or(0.0)
    }
}

/// `(1 - lambda) a + lambda b` for every lambda, one after the other.
fn blends(a: &[f32], b: &[f32]) -> Vec<f32> {
    let blend = |lambda: f32| a.iter().zip(b).map(move |(a, b)| (1.0 - lambda) * a + lambda * b);
    LAMBDAS.iter().flat_map(|&lambda| blend(lambda)).collect()
}

/// The eleven frames of every pair, one after the other.
pub(crate) fn style_path(artist: Artist, gallery: &Gallery, pairs: &[Pair]) -> Result<Vec<f32>> {
    let labels: Vec<u32> = pairs.iter().flat_map(|pair| [gallery.labels[pair.from]; LAMBDAS.len()]).collect();
    let styles: Vec<f32> =
        pairs.iter().flat_map(|pair| blends(gallery.style(pair.from), gallery.style(pair.to))).collect();
    artist.draw_as(&labels, &styles)
}

/// For frames of one pair, `(11, P)`, the straight line between the first and the last, `(11, P)`.
pub(crate) fn straight_path(frames: &[f32]) -> Vec<f32> {
    let pixels = frames.len() / LAMBDAS.len();
    blends(&frames[..pixels], &frames[frames.len() - pixels..])
}

/// Interpolates between the images of every pair.
pub(crate) fn walks(artist: Artist, gallery: &Gallery, pairs: &[Pair]) -> Result<Vec<Walk>> {
    let mut walks = Vec::with_capacity(pairs.len());
    for pairs in pairs.chunks(artist.batch().div_ceil(SHARE)) {
        let frames = style_path(artist, gallery, pairs)?;
        let of_pair = LAMBDAS.len() * gallery.pixels();
        let straight: Vec<f32> = frames.chunks(of_pair).flat_map(straight_path).collect();
        let (codes, straight_codes) = (artist.read(&frames)?, artist.read(&straight)?);
        for (row, (&pair, frames)) in pairs.iter().zip(frames.chunks(of_pair)).enumerate() {
            let label = gallery.labels[pair.from];
            let places = row * LAMBDAS.len()..(row + 1) * LAMBDAS.len();
            let seen = |codes: &Codes| Frames {
                confidences: (places.clone())
                    .map(|place| codes.distributions[place * gallery.classes() + label as usize])
                    .collect(),
                hits: codes.predictions[places.clone()].iter().map(|(prediction, _)| *prediction == label).collect(),
            };
            let path = Path::of(&frames.chunks(gallery.pixels()).collect::<Vec<_>>());
            walks.push(Walk { pair, path, style: seen(&codes), straight: seen(&straight_codes) });
        }
    }
    Ok(walks)
}

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
    use crate::study::measure::toy::{artist, gallery};

    #[test]
    fn a_decoder_that_is_linear_in_the_style_walks_straight() {
        let gallery = gallery(&[(1, 1, 0.1), (0, 0, 0.9), (1, 0, 0.7)]);
        let found = walks(artist(), &gallery, &[Pair { from: 0, to: 2 }]).unwrap();
        let walk = &found[0];
        assert!((walk.path.chord - 0.6).abs() < 1e-6 && walk.path.largest_deviation() < 1e-6, "{walk:?}");
        assert!((walk.path.unevenness().unwrap() - 1.0).abs() < 1e-5);
        assert_eq!((walk.style.accepted(), walk.straight.accepted()), (1.0, 1.0));
        let sure = 20_f32.exp() / (20_f32.exp() + 2.0);
        assert!(walk.style.confidences.iter().chain(&walk.straight.confidences).all(|p| (p - sure).abs() < 1e-6));
    }

    #[test]
    fn blends_go_from_one_end_to_the_other_in_tenths() {
        let frames = blends(&[0.0, 1.0], &[1.0, 0.5]);
        assert_eq!((frames.len(), &frames[..2], &frames[20..]), (22, &[0.0, 1.0][..], &[1.0, 0.5][..]));
        assert_eq!(frames[10..12], [0.5, 0.75]);
    }

    #[test]
    fn the_straight_path_of_straight_frames_is_themselves() {
        let frames: Vec<f32> = LAMBDAS.iter().flat_map(|&lambda| vec![lambda; 784]).collect();
        let straight = straight_path(&frames);
        assert!(straight.iter().zip(&frames).all(|(a, b)| (a - b).abs() < 1e-6));
    }

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
