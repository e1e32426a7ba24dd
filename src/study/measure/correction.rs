//! Misclassified images, drawn under the prediction and under the true label (the paper's figures 5 and 6).

use anyhow::Result;

use super::{Artist, Gallery, squared_distance};

/// A misclassified image and its two drawings.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Correction {
    /// Its position in the gallery.
    pub(crate) position: usize,
    /// `||x̂ - x||²` drawn from the label distribution.
    pub(crate) error_predicted: f64,
    /// The same drawn from the true label, one-hot.
    pub(crate) error_corrected: f64,
    /// What the classifier says of the drawing from the label distribution.
    pub(crate) seen_predicted: u32,
    /// What it says of the drawing from the true label.
    pub(crate) seen_corrected: u32,
    /// The drawing from the true label, `(P)`.
    pub(crate) corrected: Vec<f32>,
}

/// All misclassified images of the gallery, in order.
pub(crate) fn corrections(artist: Artist, gallery: &Gallery) -> Result<Vec<Correction>> {
    let wrong: Vec<usize> = (0..gallery.len()).filter(|&i| !gallery.is_correct(i)).collect();
    let labels: Vec<u32> = wrong.iter().map(|&i| gallery.labels[i]).collect();
    let predicted: Vec<f32> = wrong.iter().flat_map(|&i| gallery.reconstruction(i)).copied().collect();
    let corrected = artist.draw_as(&labels, &gallery.styles_of(&wrong))?;
    let (seen_predicted, seen_corrected) = (artist.read(&predicted)?.predictions, artist.read(&corrected)?.predictions);
    let drawn = wrong.into_iter().zip(corrected.chunks(gallery.pixels())).enumerate();
    Ok(drawn
        .map(|(row, (position, corrected))| Correction {
            position,
            error_predicted: gallery.errors[position],
            error_corrected: squared_distance(corrected, gallery.image(position)),
            seen_predicted: seen_predicted[row].0,
            seen_corrected: seen_corrected[row].0,
            corrected: corrected.to_vec(),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::measure::toy::{artist, gallery};

    #[test]
    fn a_wrong_image_drawn_as_its_label_is_seen_as_its_label() {
        let gallery = gallery(&[(0, 0, 0.5), (0, 2, 0.5), (1, 1, 0.2)]);
        let found = corrections(artist(), &gallery).unwrap();
        assert_eq!(found.len(), 1);
        let one = &found[0];
        assert_eq!((one.position, one.seen_predicted, one.seen_corrected), (1, 2, 0));
        // Ink at the wrong place instead of the right one: two pixels differ by 1.
        assert!((one.error_corrected - 2.0).abs() < 1e-6 && one.error_predicted == 0.25, "{one:?}");
        assert_eq!(one.corrected[..4], [1.0, 0.0, 0.0, 0.5]);
    }
}
