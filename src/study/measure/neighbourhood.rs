//! What surrounds an image in image space and in style space (the paper's figures 7 and 8).

use anyhow::Result;

use super::{Gallery, Neighbour, distance, nearest};

/// The nearest images of one query in one space, summed up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Neighbourhood {
    /// Neighbours of the query's class.
    pub(crate) same_class: usize,
    /// Mean Euclidean distance between the query's pixels and theirs.
    pub(crate) image_distance: f64,
    /// Mean Euclidean distance between the query's style and theirs.
    pub(crate) style_distance: f64,
    /// The most frequent class among the nearest [`Neighbourhoods::VOTERS`], the nearest voter's class in a tie.
    pub(crate) vote: u32,
}

/// Every image's neighbours in a space.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Space {
    /// `(N)`: the nearest, nearest first.
    pub(crate) near: Vec<Vec<Neighbour>>,
    /// `(N)`: those summed up.
    pub(crate) sums: Vec<Neighbourhood>,
}

/// Every image's neighbours in both spaces.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Neighbourhoods {
    pub(crate) images: Space,
    pub(crate) styles: Space,
}

impl Neighbourhoods {
    /// Neighbours per image, as in the paper.
    pub(crate) const COUNT: usize = 97;
    /// Neighbours that vote on the class of an image.
    pub(crate) const VOTERS: usize = 5;

    /// Every image of the gallery as query among all others.
    pub(crate) fn of(gallery: &Gallery) -> Result<Self> {
        let space = |points, width| -> Result<Space> {
            let near = nearest(points, width, Self::COUNT)?;
            let sums = near.iter().enumerate().map(|(query, near)| Neighbourhood::of(gallery, query, near)).collect();
            Ok(Space { near, sums })
        };
        Ok(Self {
            images: space(&gallery.images, gallery.pixels())?,
            styles: space(&gallery.codes.styles, gallery.styles())?,
        })
    }

    /// Neighbours that every query has: [`Self::COUNT`], or fewer in a small gallery.
    pub(crate) fn count(&self) -> usize {
        self.images.near.first().map_or(0, Vec::len)
    }
}

impl Neighbourhood {
    /// Sums up the neighbours `near` of image `query`, the nearest first.
    pub(crate) fn of(gallery: &Gallery, query: usize, near: &[Neighbour]) -> Self {
        let label = |neighbour: &Neighbour| gallery.labels[neighbour.position];
        let mean = |between: &dyn Fn(usize) -> f64| {
            near.iter().map(|neighbour| between(neighbour.position)).sum::<f64>() / near.len().max(1) as f64
        };
        let voters = &near[..near.len().min(Neighbourhoods::VOTERS)];
        let votes = |class: u32| voters.iter().filter(|voter| label(voter) == class).count();
        // The last of the largest, hence backwards: the nearest voter wins a tie.
        let vote = voters.iter().rev().map(label).max_by_key(|&class| votes(class));
        Self {
            same_class: near.iter().filter(|neighbour| label(neighbour) == gallery.labels[query]).count(),
            image_distance: mean(&|other| distance(gallery.image(query), gallery.image(other))),
            style_distance: mean(&|other| distance(gallery.style(query), gallery.style(other))),
            vote: vote.unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::measure::toy::gallery;

    #[test]
    fn classes_and_distances_are_those_of_the_neighbours() {
        let gallery = gallery(&[(0, 0, 0.1), (0, 0, 0.4), (1, 1, 0.1), (1, 1, 0.3)]);
        let found = Neighbourhoods::of(&gallery).unwrap();
        assert_eq!(found.count(), 3);
        let order = |near: &[Neighbour]| near.iter().map(|neighbour| neighbour.position).collect::<Vec<_>>();
        // In image space two labels are sqrt(2) apart; in style space only the first neuron counts.
        assert_eq!(order(&found.images.near[0]), [1, 2, 3]);
        assert_eq!(order(&found.styles.near[0]), [2, 3, 1]);
        let one = found.styles.sums[0];
        assert_eq!((one.same_class, one.vote), (1, 1));
        let expected = (0.0 + 0.2 + 0.3) / 3.0;
        assert!((one.style_distance - expected).abs() < 1e-6, "{one:?}");
        let expected = (2_f64.sqrt() + 2.04_f64.sqrt() + 0.3) / 3.0;
        assert!((one.image_distance - expected).abs() < 1e-6, "{one:?}");
    }

    #[test]
    fn the_nearest_voter_breaks_a_tie() {
        let gallery =
            gallery(&[(0, 0, 0.0), (2, 0, 0.1), (1, 0, 0.2), (1, 0, 0.3), (2, 0, 0.4), (0, 0, 0.5), (1, 0, 0.6)]);
        // The five voters on image 0 are 2, 1, 1, 2, 0.
        assert_eq!(Neighbourhoods::of(&gallery).unwrap().styles.sums[0].vote, 2);
    }
}
