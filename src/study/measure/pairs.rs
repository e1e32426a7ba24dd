//! Pairs of images of one class, to interpolate between.

use rand::Rng;
use robust_attacks::random::stream;

use super::{Gallery, squared_distance};

/// Two images of one class, by position in the gallery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair {
    /// Where the interpolation starts.
    pub(crate) from: usize,
    /// Where it ends.
    pub(crate) to: usize,
}

/// Of every class the two images whose styles are farthest apart, among its first `among` images; classes with fewer
/// than two images have none.
pub(crate) fn farthest_pairs(gallery: &Gallery, among: usize) -> Vec<Pair> {
    let farthest = |label: u32| {
        let mut images = gallery.of_class(label);
        images.truncate(among);
        let pairs =
            images.iter().enumerate().flat_map(|(i, &from)| images[i + 1..].iter().map(move |&to| Pair { from, to }));
        let apart = |pair: &Pair| squared_distance(gallery.style(pair.from), gallery.style(pair.to));
        pairs.max_by(|a, b| apart(a).total_cmp(&apart(b)))
    };
    (0..gallery.classes() as u32).filter_map(farthest).collect()
}

/// `count` pairs of every class that has two images, drawn at random.
pub(crate) fn random_pairs(gallery: &Gallery, count: usize, seed: u64) -> Vec<Pair> {
    let of_class = |label: u32| {
        let images = gallery.of_class(label);
        let mut rng = stream(seed, "pairs", &[u64::from(label)]);
        let pairs = if images.len() < 2 { 0 } else { count };
        (0..pairs).map(move |_| {
            let from = rng.random_range(0..images.len());
            let to = (from + rng.random_range(1..images.len())) % images.len();
            Pair { from: images[from], to: images[to] }
        })
    };
    (0..gallery.classes() as u32).flat_map(of_class).collect()
}

/// The letters whose capital and small forms differ so much that EMNIST keeps them apart in its merged sets (Cohen,
/// Afshar, Tapson and van Schaik 2017, section II).
const INCONGRUOUS: &str = "ABDEFGHNQRT";

/// From a capital to a small letter: of every incongruous letter the first correctly classified image of each form
/// (the paper's figure 11). Empty where the written characters are not known.
pub(crate) fn form_pairs(gallery: &Gallery) -> Vec<Pair> {
    let first = |form: char| {
        let mut positions = 0..gallery.characters.len();
        positions.find(|&i| gallery.characters[i] == Some(form) && gallery.is_correct(i))
    };
    let pair = |capital: char| Some(Pair { from: first(capital)?, to: first(capital.to_ascii_lowercase())? });
    INCONGRUOUS.chars().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::measure::toy::gallery;

    #[test]
    fn the_farthest_pair_lies_at_the_ends_of_the_first_images() {
        let gallery =
            gallery(&[(0, 0, 0.4), (1, 1, 0.0), (0, 0, 0.1), (0, 0, 0.5), (0, 0, 0.9), (1, 2, 1.0), (2, 2, 0.0)]);
        let pairs = |among| farthest_pairs(&gallery, among).iter().map(|pair| (pair.from, pair.to)).collect::<Vec<_>>();
        assert_eq!(pairs(100), [(2, 4), (1, 5)], "a class with one image has no pair");
        assert_eq!(pairs(3), [(2, 3), (1, 5)]);
        assert_eq!(pairs(1), []);
    }

    #[test]
    fn random_pairs_join_two_images_of_one_class_and_repeat() {
        let images: Vec<(u32, u32, f32)> = (0..31).map(|i| (i % 3, 0, 0.0)).chain([(1, 0, 0.0)]).collect();
        let gallery = gallery(&images);
        let pairs = random_pairs(&gallery, 50, 7);
        assert_eq!(pairs.len(), 150);
        assert!(pairs.iter().all(|pair| pair.from != pair.to && gallery.labels[pair.from] == gallery.labels[pair.to]));
        assert_eq!(pairs, random_pairs(&gallery, 50, 7));
        assert_ne!(pairs, random_pairs(&gallery, 50, 8));
    }

    #[test]
    fn forms_go_from_the_first_capital_seen_right_to_the_first_small_letter() {
        let mut gallery =
            gallery(&[(0, 1, 0.0), (0, 0, 0.1), (0, 0, 0.2), (0, 0, 0.3), (1, 1, 0.4), (2, 2, 0.5), (2, 2, 0.6)]);
        assert_eq!(form_pairs(&gallery), []);
        gallery.characters = "AAaABcC".chars().map(Some).collect();
        gallery.characters[2] = None;
        gallery.characters[3] = Some('a');
        // 'A' at 0 is misclassified, 'B' has no small form here, and 'C' and 'c' look alike.
        assert_eq!(form_pairs(&gallery), [Pair { from: 1, to: 3 }]);
    }
}
