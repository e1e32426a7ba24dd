//! Colours of lines: a detector has its own in every picture and on every page, and so has an attack within a run.

use plotters::prelude::*;
use robust_detectors::{DetectorInfo, detectors};

/// Width of a line.
const BOLD: u32 = 3;

/// `--c0` to `--c11` of `templates/base.css`: detectors. Where they are used up they begin anew, with thinner lines, or with dashes on pages.
const DETECTORS: [RGBColor; 12] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 134, 96),
    RGBColor(179, 86, 140),
    RGBColor(122, 82, 0),
    RGBColor(91, 79, 199),
    RGBColor(209, 73, 91),
    RGBColor(95, 102, 112),
    RGBColor(133, 138, 0),
    RGBColor(47, 93, 30),
    RGBColor(139, 30, 63),
    RGBColor(61, 143, 184),
];

/// `--a0` to `--a7` of `templates/base.css`: attacks.
const ATTACKS: [RGBColor; 8] = [
    RGBColor(75, 63, 160),
    RGBColor(181, 69, 44),
    RGBColor(47, 125, 79),
    RGBColor(154, 106, 0),
    RGBColor(31, 127, 156),
    RGBColor(160, 58, 120),
    RGBColor(107, 122, 18),
    RGBColor(111, 90, 78),
];

/// The number of a detector: its place among all that there are, those that run by default before the others; one that is not known comes
/// after them.
pub(crate) fn detector_number(id: &str) -> usize {
    let (by_default, others): (Vec<&DetectorInfo>, Vec<&DetectorInfo>) =
        detectors().iter().partition(|info| info.by_default);
    by_default.iter().chain(&others).position(|info| info.id == id).unwrap_or(detectors().len())
}

/// The line of the detector with that number.
pub(crate) fn detector_line(number: usize) -> ShapeStyle {
    line(&DETECTORS, number)
}

/// The line of the attack with that number.
pub(crate) fn attack_line(number: usize) -> ShapeStyle {
    line(&ATTACKS, number)
}

/// The line of the worst case over attacks.
pub(crate) fn worst_line() -> ShapeStyle {
    BLACK.stroke_width(BOLD)
}

fn line(palette: &[RGBColor], number: usize) -> ShapeStyle {
    palette[number % palette.len()].stroke_width(if number < palette.len() { BOLD } else { 1 })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn pages_have_the_colours_of_pictures() {
        let css = include_str!("../../templates/base.css");
        for (letter, palette) in [('c', &DETECTORS[..]), ('a', &ATTACKS)] {
            for (number, RGBColor(red, green, blue)) in palette.iter().enumerate() {
                let colour = format!("--{letter}{number}: #{red:02x}{green:02x}{blue:02x};");
                assert!(css.contains(&colour), "{colour}");
            }
        }
    }

    #[test]
    fn detectors_that_run_by_default_have_colours_of_their_own() {
        let css = include_str!("../../templates/base.css");
        let usual: Vec<_> = detectors().iter().filter(|info| info.by_default).collect();
        for theme in css.split("prefers-color-scheme: dark") {
            let colour = |id| {
                let (_, after) = theme.split_once(&format!("--c{}: ", detector_number(id))).unwrap();
                after.split_once(';').unwrap().0
            };
            let colours: BTreeSet<&str> = usual.iter().map(|info| colour(info.id)).collect();
            assert_eq!(colours.len(), usual.len(), "{colours:?}");
        }
    }

    #[test]
    fn a_detector_keeps_its_number_whoever_else_looks() {
        assert_eq!(["combined", "wrong", "two-way"].map(detector_number), [0, 1, 10]);
        assert_eq!(detector_number("of-tomorrow"), detectors().len());
    }
}
