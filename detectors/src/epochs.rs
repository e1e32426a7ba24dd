//! What the trainings of small networks have in common: which image comes next ([`Shuffled`]: all of them in a random order, then all of them in
//! another), and how far a step goes ([`falling`]).

use rand::Rng;
use rand::seq::SliceRandom;

/// The learning rate of a step of so many: from `start` down to 0 along half a cosine.
pub(crate) fn falling(start: f64, step: usize, steps: usize) -> f64 {
    start * (1.0 + (std::f64::consts::PI * step as f64 / steps as f64).cos()) / 2.0
}

pub(crate) struct Shuffled<R> {
    images: usize,
    /// Those that are left, the next one last.
    left: Vec<usize>,
    rng: R,
}

impl<R: Rng> Shuffled<R> {
    /// Of so many images, one at least.
    pub(crate) fn new(images: usize, rng: R) -> Self {
        Self { images, left: Vec::new(), rng }
    }

    /// The numbers of the next `count` images.
    pub(crate) fn next(&mut self, count: usize) -> Vec<usize> {
        let mut found = Vec::with_capacity(count);
        while found.len() < count {
            if self.left.is_empty() {
                self.left.extend(0..self.images.max(1));
                self.left.shuffle(&mut self.rng);
            }
            found.extend(self.left.pop());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use robust_attacks::random::stream;

    use super::Shuffled;

    #[test]
    fn every_image_comes_once_before_any_comes_again() {
        let mut shuffled = Shuffled::new(7, stream(3, "shuffle", &[]));
        let orders = [(); 3].map(|()| [shuffled.next(4), shuffled.next(3)].concat());
        for order in &orders {
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3, 4, 5, 6]);
        }
        assert!(orders[0] != orders[1] && orders[1] != orders[2], "{orders:?}");
    }
}
