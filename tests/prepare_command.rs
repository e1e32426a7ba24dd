//! `robust detect --input --prepare`: scans are classified as the characters that were scanned, and images that nobody has prepared are named.

use std::fs;
use std::path::Path;

use robust_data::{PIXELS, WIDTH, png};

use crate::command::{csv, folder, json, robust, succeed};
use crate::planted::digits;

/// Scans, and how many must be taken for what they show.
const SCANS: usize = 40;
const RIGHT: usize = 38;
/// Flags of a quick look.
const QUICK: &str = "--detector msp --detectors msp";

/// Every 250th of the test digits.
fn scanned() -> Vec<Vec<u8>> {
    digits().pixels().chunks(PIXELS).step_by(250).take(SCANS).map(<[u8]>::to_vec).collect()
}

/// The level between the pixels of a digit, in [0, 1]: of the four around the place by their distance.
fn between(digit: &[u8], y: f32, x: f32) -> f32 {
    let level = |row: f32, column: f32| {
        let inside = |place: f32| (0.0..WIDTH as f32).contains(&place);
        if inside(row) && inside(column) {
            f32::from(digit[row as usize * WIDTH + column as usize]) / 255.0
        } else {
            0.0
        }
    };
    let ([top, left], [down, across]) = ([y.floor(), x.floor()], [y.fract(), x.fract()]);
    let row = |row| level(row, left) * (1.0 - across) + level(row, left + 1.0) * across;
    row(top) * (1.0 - down) + row(top + 1.0) * down
}

/// A digit as a scanner sees it: 240 to 396 pixels a side, thin, thick or neither, somewhere on its paper, which is not evenly lit; every other one
/// white on black, every other pair framed by a line. Gives the levels and the width.
fn scan(digit: &[u8], number: usize) -> (Vec<u8>, usize) {
    let side = 240 + 4 * number;
    let (height, width) = (side + side * (number % 5) / 8, side + side * (number % 3) / 4);
    let (top, left) = ((height - side) * (number % 2), (width - side) * (number % 4) / 3);
    let edge = [0.25, 0.5, 0.8][number % 3];
    let (line, distance) = (1 + number % 5, number % 4);
    let level = |at: usize| {
        let (row, column) = (at / width, at % width);
        let place =
            |place: usize, first: usize| ((place as f32 + 0.5 - first as f32) / side as f32) * WIDTH as f32 - 0.5;
        let is_inside = (top..top + side).contains(&row) && (left..left + side).contains(&column);
        let stroke = if is_inside { between(digit, place(row, top), place(column, left)) } else { 0.0 };
        let ink = ((stroke - edge) * 6.0 + 0.5).clamp(0.0, 1.0);
        let from_edge = row.min(height - 1 - row).min(column).min(width - 1 - column);
        let is_framed = number % 4 < 2 && (distance..distance + line).contains(&from_edge);
        let light = 0.15 * (column as f32 / width as f32 - row as f32 / height as f32);
        let ink = if is_framed { 0.9 } else { ink };
        let level = if number.is_multiple_of(2) { 0.8 - 0.65 * ink } else { 0.2 + 0.65 * ink };
        (255.0 * (level + light)) as u8
    };
    ((0..height * width).map(level).collect(), width)
}

fn write(folder: &Path, pictures: impl Iterator<Item = (Vec<u8>, usize)>) {
    fs::create_dir(folder).unwrap();
    for (number, (levels, width)) in pictures.enumerate() {
        png::write(&folder.join(format!("{number:02}.png")), &levels, width).unwrap();
    }
}

#[test]
fn scans_are_classified_as_their_prepared_originals() {
    let folder = folder();
    let place = folder.path();
    write(&place.join("originals"), scanned().into_iter().map(|digit| (digit, WIDTH)));
    write(&place.join("scans"), scanned().iter().enumerate().map(|(number, digit)| scan(digit, number)));
    let [originals, scans] = ["originals", "scans"].map(|input| {
        let finished = succeed(place, &format!("detect --input {input} --prepare {QUICK} --out {input}-seen"));
        assert_eq!(finished.stderr, "");
        let rows = csv(place.join(format!("{input}-seen/detect.csv")));
        rows.into_iter().map(|row| row["prediction"].clone()).collect::<Vec<_>>()
    });
    let right = originals.iter().zip(&scans).filter(|(original, scan)| original == scan).count();
    assert_eq!((originals.len(), scans.len()), (SCANS, SCANS));
    assert!(right >= RIGHT, "{right} of {SCANS}: {originals:?} {scans:?}");

    // The page shows what the network saw.
    assert_eq!(json(place.join("scans-seen/detect.json"))["prepare"], "mnist");
    assert_eq!(succeed(place, "report scans-seen").stderr, "");
    let page = fs::read_to_string(place.join("scans-seen/report.html")).unwrap();
    let data = page.split_once(r#"id="data">"#).unwrap().1.split_once("</script>").unwrap().0;
    let pictures = &serde_json::from_str::<serde_json::Value>(data).unwrap()["runs"][0]["screened"]["pictures"];
    assert_eq!(pictures["shape"], serde_json::json!([1, 28, 28]));
    assert!(pictures["drawn"].is_object(), "the network says the same of the images that are read again");
}

#[test]
fn unprepared_images_are_named_once_and_prepared_ones_are_not() {
    let folder = folder();
    let place = folder.path();
    let inverted = |digit: Vec<u8>| (digit.iter().map(|level| 255 - level).collect(), WIDTH);
    write(&place.join("as-they-are"), scanned().into_iter().map(|digit| (digit, WIDTH)));
    write(&place.join("inverted"), scanned().into_iter().map(inverted));
    for (flags, is_named) in [("inverted", true), ("inverted --prepare", false), ("as-they-are", false)] {
        let finished = succeed(place, &format!("detect --input {flags} {QUICK}"));
        let named =
            finished.stderr.lines().filter(|line| line.contains("the border is bright") && line.contains("--prepare"));
        assert_eq!(named.count(), usize::from(is_named), "{flags}: {}", finished.stderr);
        let summary = json(place.join("reports/detect.json"));
        let kinds = summary["remarks"].as_array().unwrap().iter().map(|remark| remark["kind"].as_str().unwrap());
        assert_eq!(kinds.collect::<Vec<_>>().contains(&"unprepared-images"), is_named, "{flags}");
    }
    let refused = robust(place, "detect --prepare");
    assert!(refused.code == 2 && refused.stderr.contains("--input"), "{}", refused.stderr);
}
