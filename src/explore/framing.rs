//! [`Framing`]: how the characters of a dataset lie in their 28x28 pixels, so that a drawn one can be laid out alike.
//!
//! MNIST's digits fill a box of 20x20 pixels and have their centre of mass in the middle (LeCun et al. 1998, section III); those
//! of EMNIST are larger and have the middle of their box there (Cohen et al. 2017, arXiv:1702.05373). Both are measured from the
//! images at hand rather than believed, which serves any other dataset too.

use robust_attacks::ImageShape;
use robust_data::written::{bounds, mass};
use robust_data::{Split, pixel};
use robust_networks::{PIXELS, SIDE};

use crate::study::measure::Shape;

/// Images looked at, spread over the split.
const SAMPLE: usize = 1000;
/// Levels above it are ink: half of full ink, so that a soft edge counts where the eye sees it.
const INK: f32 = 127.0;

/// What of a character lies in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Centre {
    /// The centre of mass of its ink.
    Mass,
    /// The centre of the box around it.
    Box,
}

/// The layout of characters, in pixels; pixel `i` has its centre at `i`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Framing {
    /// The longer side of the box around a character.
    pub(crate) side: f32,
    /// What lies in the middle.
    pub(crate) centre: Centre,
    /// Where the middle is, in x and in y.
    pub(crate) at: [f32; 2],
    /// How thick strokes are.
    pub(crate) pen: f32,
}

impl Framing {
    /// Measures it, if the network takes images of the shape of written characters and these are some.
    pub(crate) fn for_network(taken: ImageShape, split: &Split) -> Option<Self> {
        let robust_data::ImageShape { channels, height, width } = split.shape();
        let is_taken = taken == ImageShape::new(channels, height, width);
        (is_taken && Shape::is_of(taken)).then(|| Self::of(split))
    }

    /// Measures it: medians over at most a thousand images. Without any ink it is MNIST's.
    fn of(split: &Split) -> Self {
        let (images, _) = split.pixels().as_chunks::<PIXELS>();
        let sample: Vec<_> = images.iter().step_by(images.len().div_ceil(SAMPLE).max(1)).collect();
        let levels: Vec<[f32; PIXELS]> = sample.iter().map(|image| image.map(f32::from)).collect();
        let boxes = levels.iter().filter_map(|image| bounds(image, SIDE, INK));
        let boxes: Vec<[f32; 4]> = boxes.map(|sides| sides.map(|side| side as f32)).collect();
        if boxes.is_empty() {
            return Self { side: 20.0, centre: Centre::Mass, at: [14.0; 2], pen: 2.5 };
        }
        let masses = levels.iter().map(|image| mass(image, SIDE)).filter(|centre| centre.iter().all(|x| x.is_finite()));
        let masses: Vec<[f32; 2]> = masses.collect();
        let middles: Vec<[f32; 2]> =
            boxes.iter().map(|[top, left, bottom, right]| [(top + bottom) / 2.0, (left + right) / 2.0]).collect();
        let (centre, places) =
            if spread(&masses) < spread(&middles) { (Centre::Mass, masses) } else { (Centre::Box, middles) };
        // The middle is a pixel, or lies between two.
        let at = [1, 0].map(|axis| (2.0 * median(places.iter().map(|place| place[axis]))).round() / 2.0);
        let side = median(boxes.iter().map(|[top, left, bottom, right]| (right - left).max(bottom - top) + 1.0));
        let thickness = |image: &&[u8; PIXELS]| Shape::of(&image.map(pixel)).thickness;
        let pen = median(sample.iter().map(thickness).map(|thickness| thickness as f32)).clamp(1.0, 6.0);
        Self { side, centre, at, pen }
    }
}

/// The variance of places around their mean, both axes together.
fn spread(places: &[[f32; 2]]) -> f32 {
    let mean = |axis: usize| places.iter().map(|place| place[axis]).sum::<f32>() / places.len() as f32;
    let variance = |axis: usize| {
        let mean = mean(axis);
        places.iter().map(|place| (place[axis] - mean).powi(2)).sum::<f32>() / places.len() as f32
    };
    variance(0) + variance(1)
}

/// The middle value; the upper of two. There is at least one.
fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use robust_data::{Dataset, SplitName};

    use super::*;

    #[test]
    fn digits_of_mnist_fill_twenty_pixels_around_their_centre_of_mass() {
        let split = Dataset::open("mnist", None).unwrap().split(SplitName::Test).unwrap();
        let Framing { side, centre, at, pen } = Framing::of(&split);
        assert_eq!((side, centre, at), (20.0, Centre::Mass, [14.0, 14.0]));
        assert!((2.0..3.5).contains(&pen), "{pen}");
    }
}
