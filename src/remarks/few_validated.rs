//! The remark on thresholds that rest on a handful of images.
//!
//! The threshold for a rate `r` is the score that `r n` of `n` clean validation images lie above. Where these are a few, one image more or less moves it far,
//! and the rate on other images may be several times `r`.

use super::{Kind, Remark};
use crate::words::{counted, percent};

/// So many validation images at least are to lie above a threshold.
const FEW: f64 = 5.0;

/// What is to be said of a detector's threshold for a rate that so many validation images tell.
#[must_use]
pub fn few_validated(detector: &str, images: usize, rate: f64) -> Option<Remark> {
    let above = rate * images as f64;
    // A hundred images are enough for 5 %, whatever the product rounds to.
    if rate <= 0.0 || above + 1e-6 >= FEW {
        return None;
    }
    let text = format!(
        "the threshold for {} of clean images rests on {}, of which {} above it: the share of other clean images that it flags may be several times as large; \
         take {} or more (by --validation), or ask for a larger share with --fpr",
        percent(rate),
        counted(images, ["validation image", "validation images"]),
        match above.floor() as usize {
            0 => "none lies".to_owned(),
            1 => "1 lies".to_owned(),
            many => format!("{many} lie"),
        },
        (FEW / rate).ceil()
    );
    Some(Remark { kind: Kind::FewValidated, sets: Vec::new(), detectors: vec![detector.to_owned()], text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_images_above_a_threshold_are_enough() {
        for (images, rate, expected) in [
            (100, 0.05, None),
            (5_000, 0.001, None),
            (5_000, 0.0, None),
            (99, 0.05, Some("rests on 99 validation images, of which 4 lie above it")),
            (30, 0.05, Some("rests on 30 validation images, of which 1 lies above it")),
            (1, 0.05, Some("rests on 1 validation image, of which none lies above it")),
            (300, 0.01, Some("take 500 or more (by --validation")),
        ] {
            let found = few_validated("combined", images, rate);
            assert_eq!(found.is_some(), expected.is_some(), "{images} at {rate}");
            if let (Some(found), Some(expected)) = (found, expected) {
                assert!(found.text.contains(expected) && found.kind == Kind::FewValidated, "{}", found.text);
            }
        }
    }
}
