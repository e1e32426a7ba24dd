//! Style interpolation within a class (the paper's figures 9 to 11).
//!
//! Between two images of a class with styles `m_a` and `m_b`, the frames are drawn from the class, one-hot, and the style
//! `m(lambda) = (1 - lambda) m_a + lambda m_b`.

use anyhow::Result;

use super::{Artist, Gallery, Pair, Path, share};
use robust_networks::PIXELS;

/// Where the frames lie: the start, and the paper's 0.1 to 1.0.
pub(crate) const LAMBDAS: [f32; 11] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
/// Pairs that are drawn at once.
const BATCH: usize = 64;

/// One interpolation, measured.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Walk {
    /// Between which images.
    pub(crate) pair: Pair,
    /// The way through image space.
    pub(crate) path: Path,
    /// `(11)`: the classifier's probability of the pair's class on every frame.
    pub(crate) confidences: Vec<f32>,
    /// `(11)`: the same on the straight line, that is on blends of the pixels of the first and the last frame.
    pub(crate) straight_confidences: Vec<f32>,
    /// `(11)`: whether the frame is classified as the pair's class.
    pub(crate) hits: Vec<bool>,
    /// The same on the straight line.
    pub(crate) straight_hits: Vec<bool>,
}

impl Walk {
    /// Share of the frames that are classified as the pair's class.
    pub(crate) fn accepted(&self) -> f64 {
        share(&self.hits, |&hit| hit).unwrap_or(0.0)
    }

    /// The same on the straight line.
    pub(crate) fn accepted_straight(&self) -> f64 {
        share(&self.straight_hits, |&hit| hit).unwrap_or(0.0)
    }
}

/// `(1 - lambda) a + lambda b` for every lambda, one after the other.
fn blends(a: &[f32], b: &[f32]) -> Vec<f32> {
    let blend = |lambda: f32| a.iter().zip(b).map(move |(a, b)| (1.0 - lambda) * a + lambda * b);
    LAMBDAS.iter().flat_map(|&lambda| blend(lambda)).collect()
}

/// The eleven frames of every pair, `(P, 11, 784)`.
pub(crate) fn style_path(artist: Artist, gallery: &Gallery, pairs: &[Pair]) -> Result<Vec<f32>> {
    let labels: Vec<u32> = pairs.iter().flat_map(|pair| [gallery.labels[pair.from]; LAMBDAS.len()]).collect();
    let styles: Vec<f32> =
        pairs.iter().flat_map(|pair| blends(gallery.style(pair.from), gallery.style(pair.to))).collect();
    artist.draw_as(&labels, &styles)
}

/// For frames of one pair, `(11, 784)`, the straight line between the first and the last, `(11, 784)`.
pub(crate) fn straight_path(frames: &[f32]) -> Vec<f32> {
    blends(&frames[..PIXELS], &frames[frames.len() - PIXELS..])
}

/// Interpolates between the images of every pair.
pub(crate) fn walks(artist: Artist, gallery: &Gallery, pairs: &[Pair]) -> Result<Vec<Walk>> {
    let mut walks = Vec::with_capacity(pairs.len());
    for pairs in pairs.chunks(BATCH) {
        let frames = style_path(artist, gallery, pairs)?;
        let of_pair = LAMBDAS.len() * PIXELS;
        let straight: Vec<f32> = frames.chunks(of_pair).flat_map(straight_path).collect();
        let (seen, seen_straight) = (artist.read(&frames)?, artist.read(&straight)?);
        for (row, (&pair, frames)) in pairs.iter().zip(frames.chunks(of_pair)).enumerate() {
            let label = gallery.labels[pair.from];
            let places = row * LAMBDAS.len()..(row + 1) * LAMBDAS.len();
            let confidences = |distributions: &[f32]| -> Vec<f32> {
                places.clone().map(|place| distributions[place * gallery.classes() + label as usize]).collect()
            };
            let hits = |predictions: &[(u32, f32)]| -> Vec<bool> {
                predictions[places.clone()].iter().map(|(prediction, _)| *prediction == label).collect()
            };
            walks.push(Walk {
                pair,
                path: Path::of(&frames.chunks(PIXELS).collect::<Vec<_>>()),
                confidences: confidences(&seen.distributions),
                straight_confidences: confidences(&seen_straight.distributions),
                hits: hits(&seen.predictions),
                straight_hits: hits(&seen_straight.predictions),
            });
        }
    }
    Ok(walks)
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
        assert_eq!((walk.accepted(), walk.accepted_straight()), (1.0, 1.0));
        let sure = 20_f32.exp() / (20_f32.exp() + 2.0);
        assert!(walk.confidences.iter().chain(&walk.straight_confidences).all(|p| (p - sure).abs() < 1e-6));
    }

    #[test]
    fn blends_go_from_one_end_to_the_other_in_tenths() {
        let frames = blends(&[0.0, 1.0], &[1.0, 0.5]);
        assert_eq!((frames.len(), &frames[..2], &frames[20..]), (22, &[0.0, 1.0][..], &[1.0, 0.5][..]));
        assert_eq!(frames[10..12], [0.5, 0.75]);
    }

    #[test]
    fn the_straight_path_of_straight_frames_is_themselves() {
        let frames: Vec<f32> = LAMBDAS.iter().flat_map(|&lambda| vec![lambda; PIXELS]).collect();
        let straight = straight_path(&frames);
        assert!(straight.iter().zip(&frames).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}
