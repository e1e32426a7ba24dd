//! Style transfer: the style of one image under the label of another class, and whether the classifier accepts the drawing as
//! that class.

use anyhow::Result;

use super::{Artist, Gallery};

/// Images times labels that are drawn at most.
const DRAWINGS: usize = 100_000;

/// Counts by class of the style and label drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Transfer {
    classes: usize,
    /// `(K)`: images whose style was used, by their class.
    images: Vec<usize>,
    /// `(K, K)`: drawings accepted as their label, by class of the style and label.
    accepted: Vec<usize>,
}

/// Draws the styles of images spread over the gallery under every label.
pub(crate) fn transfer(artist: Artist, gallery: &Gallery) -> Result<Transfer> {
    let classes = gallery.classes();
    let chosen = gallery.spread(DRAWINGS / classes);
    let styles = gallery.styles_of(&chosen);
    let mut transfer = Transfer { classes, images: vec![0; classes], accepted: vec![0; classes * classes] };
    for &image in &chosen {
        transfer.images[gallery.labels[image] as usize] += 1;
    }
    for label in 0..classes {
        let batches = chosen.chunks(artist.batch()).zip(styles.chunks(artist.batch() * gallery.styles()));
        for (chosen, styles) in batches {
            let drawings = artist.draw_as(&vec![label as u32; chosen.len()], styles)?;
            for (&image, (seen, _)) in chosen.iter().zip(artist.read(&drawings)?.predictions) {
                let place = gallery.labels[image] as usize * classes + label;
                transfer.accepted[place] += usize::from(seen as usize == label);
            }
        }
    }
    Ok(transfer)
}

impl Transfer {
    /// Images of class `from` whose styles were used.
    pub(crate) fn images(&self, from: usize) -> usize {
        self.images[from]
    }

    /// Share of the drawings of label `to` in styles of class `from` that are classified as `to`; none without images.
    pub(crate) fn rate(&self, from: usize, to: usize) -> Option<f64> {
        let images = self.images[from];
        (images > 0).then(|| self.accepted[from * self.classes + to] as f64 / images as f64)
    }

    /// Share of all drawings under another label than the image's own that are classified as that label.
    pub(crate) fn rate_across(&self) -> Option<f64> {
        self.share(|from, to| from != to)
    }

    /// Share of all drawings under the image's own label that are classified as it.
    pub(crate) fn rate_within(&self) -> Option<f64> {
        self.share(|from, to| from == to)
    }

    fn share(&self, counts: impl Fn(usize, usize) -> bool) -> Option<f64> {
        let (mut accepted, mut asked) = (0, 0);
        for from in 0..self.classes {
            for to in (0..self.classes).filter(|&to| counts(from, to)) {
                accepted += self.accepted[from * self.classes + to];
                asked += self.images[from];
            }
        }
        (asked > 0).then(|| accepted as f64 / asked as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::measure::toy::{artist, gallery};

    #[test]
    fn a_decoder_that_heeds_the_label_is_always_accepted() {
        let found = transfer(artist(), &gallery(&[(0, 0, 0.3), (0, 1, 0.5), (2, 2, 0.9)])).unwrap();
        assert_eq!([0, 1, 2].map(|class| found.images(class)), [2, 0, 1]);
        assert_eq!((found.rate_across(), found.rate_within(), found.rate(1, 0)), (Some(1.0), Some(1.0), None));
    }

    #[test]
    fn rates_count_drawings() {
        let transfer = Transfer { classes: 2, images: vec![4, 2], accepted: vec![4, 1, 2, 1] };
        assert_eq!(transfer.rate(0, 1), Some(0.25));
        assert_eq!(transfer.rate_across(), Some(3.0 / 6.0));
        assert_eq!(transfer.rate_within(), Some(5.0 / 6.0));
        let none = Transfer { classes: 2, images: vec![0, 3], accepted: vec![0; 4] };
        assert_eq!((none.rate(0, 1), none.rate(1, 0)), (None, Some(0.0)));
    }
}
