//! Remarks on images that look otherwise than the clean ones that thresholds come from: what they differ in.
//!
//! A detector flags what is unlike clean images, and cannot know whether somebody tampered with it or the camera is another one. What can be said is
//! how the images differ at a glance, by the medians of their looks in standard deviations of clean images.

use robust_detectors::Reason;

use super::scores::is_beyond_chance;
use super::{Kind, Remark};
use crate::words::{listed, percent};

/// So many times the rate asked for are too many.
const TIMES: f64 = 3.0;
/// Of fewer images nothing is said.
const LEAST: usize = 10;
/// A median counts as different from so many standard deviations of clean images on.
const DEVIATIONS: f64 = 0.5;
/// Words for more and for less of each look.
const WORDS: [(&str, [&str; 2]); 4] = [
    ("brightness", ["brighter", "darker"]),
    ("background", ["of a brighter background", "of a darker background"]),
    ("contrast", ["of more contrast", "of less contrast"]),
    ("edges", ["sharper", "softer"]),
];

/// How images are flagged and what they look like.
#[derive(Debug, Clone, PartialEq)]
pub struct Flagged<'a> {
    /// The set; none of a person's own images.
    pub set: Option<String>,
    /// Id of the detector that flags.
    pub detector: &'a str,
    /// How many images there are.
    pub images: usize,
    /// Why the flagged ones are.
    pub reasons: Vec<Reason>,
    /// The median of each look over all images, by name, in standard deviations above clean images.
    pub looks: Vec<(&'a str, f64)>,
}

/// What is to be said of images of which far more than `rate` are flagged.
#[must_use]
pub fn unlike_images(seen: &Flagged, rate: f64) -> Option<Remark> {
    let flagged = seen.reasons.len();
    let share = flagged as f64 / seen.images as f64;
    // Thirty of 200 are three times 5 %, whatever the product rounds to.
    let is_far = flagged as f64 + 1e-6 >= TIMES * rate * seen.images as f64;
    if seen.images < LEAST || !is_far || !is_beyond_chance(flagged, seen.images, rate) {
        return None;
    }
    let of = |reason: Reason| seen.reasons.iter().filter(|found| **found == reason).count();
    let reasons = listed(Reason::ALL.iter().map(|reason| format!("{reason} {}", of(*reason))));
    let whose = seen.set.as_ref().map_or("these".to_owned(), |set| format!("the {set}"));
    let text = format!(
        "{} of {whose} {} images are flagged, where {} of clean ones are ({reasons}); beside the clean images that the threshold comes from {}; if nobody tampered \
         with them, thresholds mean nothing for such images: calibrate the network on validation images like these (--validation)",
        percent(share),
        seen.images,
        percent(rate),
        differences(&seen.looks)
    );
    let (sets, detectors) = (seen.set.iter().cloned().collect(), vec![seen.detector.to_owned()]);
    Some(Remark { kind: Kind::UnlikeImages, sets, detectors, text })
}

/// What images differ in, in words; the largest difference first.
fn differences(looks: &[(&str, f64)]) -> String {
    let mut found: Vec<(f64, String)> = Vec::new();
    for (name, median) in looks.iter().filter(|(_, median)| median.abs() >= DEVIATIONS) {
        if let Some((_, [more, less])) = WORDS.iter().find(|(known, _)| known == name) {
            let word = if *median > 0.0 { more } else { less };
            found.push((median.abs(), format!("{word} (by {:.1} standard deviations)", median.abs())));
        }
    }
    if found.is_empty() {
        return "they differ neither in brightness and background nor in contrast and edges".to_owned();
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    format!("they are {}", listed(found.into_iter().map(|(_, words)| words)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(flagged: usize, looks: &[(&'static str, f64)]) -> Flagged<'static> {
        Flagged {
            set: None,
            detector: "combined",
            images: 200,
            reasons: vec![Reason::Unlike; flagged],
            looks: looks.to_vec(),
        }
    }

    #[test]
    fn it_names_what_differs_and_keeps_quiet_about_what_chance_does() {
        for flagged in [0, 5, 10, 17, 29] {
            assert_eq!(unlike_images(&seen(flagged, &[]), 0.05), None, "{flagged}");
        }
        assert!(unlike_images(&seen(30, &[]), 0.05).is_some());
        let few = |images, flagged| Flagged { images, ..seen(flagged, &[]) };
        assert_eq!(
            [few(9, 9), few(10, 4), few(10, 5)].map(|seen| unlike_images(&seen, 0.05).is_some()),
            [false, false, true]
        );
        for (looks, expected) in [
            (
                &[("brightness", 1.5), ("background", 8.04), ("contrast", -0.2)][..],
                "they are of a brighter background (by 8.0 standard deviations), brighter (by 1.5 standard deviations); if",
            ),
            (&[("contrast", -2.0), ("edges", 0.4)], "they are of less contrast (by 2.0 standard deviations); if"),
            (&[("edges", 0.4)], "they differ neither in brightness and background nor in contrast and edges; if"),
        ] {
            let remark = unlike_images(&seen(120, looks), 0.05).unwrap();
            let start = "60.00 % of these 200 images are flagged, where 5.00 % of clean ones are (unsure 0, another label 0, unlike 120)";
            assert!(remark.text.starts_with(start) && remark.text.contains(expected), "{}", remark.text);
            assert_eq!((remark.kind, remark.detectors), (Kind::UnlikeImages, vec!["combined".to_owned()]));
        }
    }
}
