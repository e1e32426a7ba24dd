//! [`Plate`]: what a figure is called, which numbers it has in the paper, and how it is made.

use anyhow::Result;

use super::{Choice, generic, interpolation, misclassified, neighbours, path, reconstructions, transfer, traversal};
use crate::study::{Figure, Study};

/// A figure of the paper, for digits or letters, or one that it leaves open.
#[derive(Debug)]
pub(crate) struct Plate {
    /// What its files are called.
    pub(crate) name: &'static str,
    /// Its numbers in the paper, which shows digits first and letters next.
    numbers: &'static [&'static str],
    make: fn(Figure, &Study, &Choice) -> Result<Option<Figure>>,
}

/// What figure 11 is called, which alone needs the written characters.
pub(crate) const FORMS: &str = "forms";

/// All of them, in order.
pub(crate) static PLATES: [Plate; 9] = [
    Plate {
        name: "reconstructions",
        numbers: &["3", "4"],
        make: |f, study, _| reconstructions::make(f, study).map(Some),
    },
    Plate { name: "misclassified", numbers: &["5", "6"], make: |f, study, _| misclassified::make(f, study).map(Some) },
    Plate {
        name: "neighbours",
        numbers: &["7", "8"],
        make: |f, study, choice| neighbours::make(f, study, choice).map(Some),
    },
    Plate {
        name: "interpolation",
        numbers: &["9", "10"],
        make: |f, study, choice| interpolation::make(f, study, choice).map(Some),
    },
    Plate { name: FORMS, numbers: &["11"], make: |f, study, _| interpolation::make_forms(f, study) },
    Plate { name: "path", numbers: &[], make: |f, study, _| path::make(f, study).map(Some) },
    Plate { name: "transfer", numbers: &[], make: |f, study, _| transfer::make(f, study).map(Some) },
    Plate { name: "generic", numbers: &[], make: |f, study, _| generic::make(f, study).map(Some) },
    Plate { name: "traversal", numbers: &[], make: |f, study, _| traversal::make(f, study).map(Some) },
];

impl Plate {
    /// The figure of that name or number.
    pub(crate) fn find(text: &str) -> Option<&'static Self> {
        PLATES.iter().find(|plate| plate.name == text || plate.numbers.contains(&text))
    }

    /// Makes the figure; none if it is figure 11 and no letter is known in both of its forms.
    ///
    /// # Errors
    /// The choice names images that are not there or do not fit; whatever the network or the drawing reports.
    pub(crate) fn make(&self, study: &Study, choice: &Choice) -> Result<Option<Figure>> {
        (self.make)(Figure::new(self.name), study, choice)
    }
}

impl PartialEq for Plate {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;
    use robust_networks::{Parameters, StyleMemory, StyleMemorySpec};

    use super::{Choice, FORMS, PLATES, Plate};
    use crate::study::Study;
    use crate::study::claims::claims;
    use crate::study::measure::{Artist, Gallery};

    #[test]
    fn every_figure_is_found_by_name_and_by_the_papers_numbers() {
        for plate in &PLATES {
            assert_eq!(Plate::find(plate.name), Some(plate));
        }
        let numbered = ["3", "4", "5", "6", "7", "8", "9", "10", "11"].map(|number| Plate::find(number).unwrap().name);
        assert_eq!((numbered[0], numbered[1], numbered[8]), ("reconstructions", "reconstructions", "forms"));
        assert_eq!((Plate::find("2"), Plate::find("12"), Plate::find("")), (None, None, None));
    }

    #[test]
    fn figures_and_claims_are_made_of_images_of_any_shape() {
        for (input, colours, has_strokes) in
            [([1, 28, 28], 0, true), ([3, 32, 32], 2, false), ([3, 24, 40], 2, false), ([1, 64, 64], 0, false)]
        {
            let parameters = Parameters::random(StyleMemorySpec::new(input, 3), 5);
            let network = StyleMemory::new(&parameters, &Device::Cpu).unwrap();
            let artist = Artist::new(&network, &Device::Cpu);
            let images = (0..12 * network.spec().pixels()).map(|i| (i * 7 % 256) as f32 / 255.0).collect();
            let names = ["cat", "automobile", "b"].map(str::to_owned).to_vec();
            let gallery = Gallery::of(artist, images, (0..12).map(|i| i % 3).collect(), names).unwrap();
            let study = Study::new(artist, gallery, 0);
            for plate in &PLATES {
                let Some(figure) = plate.make(&study, &Choice::default()).unwrap() else {
                    assert_eq!(plate.name, FORMS);
                    continue;
                };
                for file in figure.files.iter().filter(|file| file.name.ends_with(".png")) {
                    // The type of colours in a PNG's header.
                    assert_eq!(file.bytes[25], colours, "{} of {input:?}", file.name);
                }
                assert!(figure.files.iter().any(|file| file.name.ends_with(".png")), "{} of {input:?}", plate.name);
                let is_whole = has_strokes || plate.name != "traversal";
                assert_eq!(figure.remarks.is_empty(), is_whole, "{:?} of {input:?}", figure.remarks);
            }
            let claims = claims(&study, "some").unwrap();
            let unmeasured = claims.iter().filter(|claim| claim.ours.starts_with("not measured: images of ")).count();
            assert_eq!((claims.len(), unmeasured), (16, if has_strokes { 0 } else { 2 }), "{input:?}");
            assert!(claims.iter().filter(|claim| claim.holds.is_some()).count() >= 7, "{input:?}");
        }
    }
}
