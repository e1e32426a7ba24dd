//! `robust figures` on the embedded network and digits.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use robust_data::{Dataset, PIXELS, SplitName};

use crate::command::{csv, folder, json, robust, succeed};

type Row = BTreeMap<String, String>;

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

#[test]
fn every_figure_is_made_and_the_same_seed_gives_the_same_bytes() {
    let folder = folder();
    let finished = succeed(folder.path(), "figures --figure all --claims --offset 300 --limit 300 --out a --threads 2");
    assert!(finished.stderr.contains("figure 11"), "{}", finished.stderr);
    let made = files(&folder.path().join("a"));
    let names: Vec<&str> = made.keys().map(String::as_str).collect();
    let pictures = ["generic", "interpolation", "misclassified", "path", "reconstructions", "transfer", "traversal"];
    for name in pictures {
        assert!(names.contains(&format!("{name}.png").as_str()) && names.contains(&format!("{name}.csv").as_str()));
    }
    for name in
        ["neighbours-375.png", "neighbours-525.png", "neighbours.csv", "neighbours.svg", "path.svg", "traversal.svg"]
    {
        assert!(names.contains(&name), "{name} of {names:?}");
    }
    for (name, bytes) in &made {
        match name.rsplit_once('.').unwrap().1 {
            "png" => assert!(bytes.starts_with(b"\x89PNG\r\n") && bytes.len() > 1000, "{name}"),
            "svg" => assert!(bytes.ends_with(b"</svg>\n") || bytes.ends_with(b"</svg>"), "{name}"),
            _ => assert!(bytes.len() > 100, "{name}"),
        }
    }
    succeed(folder.path(), "figures --figure all --claims --offset 300 --limit 300 --out b --threads 1 --quiet");
    let again = files(&folder.path().join("b"));
    let names_the_folder = ["claims.md", "claims.json", "figures.json"];
    for (name, bytes) in made.iter().filter(|(name, _)| !names_the_folder.contains(&name.as_str())) {
        assert!(again[name] == *bytes, "{name} differs");
    }
    let (a, b) = (json(folder.path().join("a/figures.json")), json(folder.path().join("b/figures.json")));
    assert_eq!((&a["findings"], &a["claims"]), (&b["findings"], &b["claims"]));
    assert_eq!(made["claims.md"].len(), again["claims.md"].len());
}

#[test]
fn two_images_are_enough_for_every_figure() {
    let folder = folder();
    succeed(folder.path(), "figures --figure all --claims --limit 2");
    assert_eq!(csv(folder.path().join("reports/neighbours.csv"))[0]["neighbours"], "1");
    assert!(csv(folder.path().join("reports/interpolation.csv")).is_empty(), "no class has two images");
}

#[test]
fn neighbours_are_those_that_a_search_through_all_finds() {
    let folder = folder();
    succeed(folder.path(), "figures --figure 7 --limit 400 --query 7");
    let rows = csv(folder.path().join("reports/neighbours.csv"));
    assert_eq!(rows.len(), 400);
    let split = Dataset::open("mnist", None).unwrap().split(SplitName::Test).unwrap();
    let distance = |a: usize, b: usize| {
        let pixels =
            |i: usize| split.pixels()[i * PIXELS..(i + 1) * PIXELS].iter().map(|&byte| f64::from(byte) / 255.0);
        pixels(a).zip(pixels(b)).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
    };
    for query in [0, 7, 399] {
        let mut others: Vec<usize> = (0..400).filter(|&other| other != query).collect();
        others.sort_by(|&a, &b| distance(query, a).total_cmp(&distance(query, b)));
        others.truncate(97);
        let row = &rows[query];
        let same = others.iter().filter(|&&other| split.labels()[other] == split.labels()[query]).count();
        assert_eq!((number(row, "neighbours"), number(row, "same_class_in_images")), (97.0, same as f64), "{query}");
        let mean = others.iter().map(|&other| distance(query, other)).sum::<f64>() / 97.0;
        assert!((mean - number(row, "image_distance_in_images")).abs() < 1e-5, "{query}: {mean} and {row:?}");
        assert!(number(row, "image_distance_in_styles") >= mean - 1e-9);
        assert!(number(row, "style_distance_in_styles") <= number(row, "style_distance_in_images") + 1e-9);
    }
    assert!(folder.path().join("reports/neighbours-7.png").exists());
}

#[test]
fn what_is_printed_are_the_means_of_the_tables() {
    let folder = folder();
    succeed(
        folder.path(),
        "figures --figure reconstructions,interpolation,transfer --limit 200 --offset 100 --pair 100:123",
    );
    let findings = json(folder.path().join("reports/figures.json"))["findings"].clone();
    let finding = |quantity: &str| {
        let all = findings.as_array().unwrap();
        all.iter().find(|one| one["quantity"] == quantity).unwrap()["value"].as_f64().unwrap()
    };
    let mean = |rows: &[Row], column: &str| rows.iter().map(|row| number(row, column)).sum::<f64>() / rows.len() as f64;
    let rows = csv(folder.path().join("reports/reconstructions.csv"));
    assert_eq!((rows.len(), rows[0]["index"].as_str()), (200, "100"));
    assert!((mean(&rows, "error") - finding("mean reconstruction error")).abs() < 1e-9);
    let right = rows.iter().filter(|row| row["label"] == row["prediction"]).count();
    assert_eq!(right as f64 / 200.0, finding("accuracy"));

    let rows = csv(folder.path().join("reports/interpolation.csv"));
    assert_eq!((rows[0]["from"].as_str(), rows[0]["to"].as_str(), rows[0]["shown"].as_str()), ("100", "123", "true"));
    let random: Vec<Row> = rows.into_iter().filter(|row| row["shown"] == "false").collect();
    assert_eq!(random.len() as f64, finding("random pairs of one class"));
    assert!((mean(&random, "largest_step_over_mean") - finding("largest step over mean step")).abs() < 1e-9);

    let rows = csv(folder.path().join("reports/transfer.csv"));
    let across: Vec<&Row> = rows.iter().filter(|row| row["style_of"] != row["label"]).collect();
    let drawn: f64 = across.iter().map(|row| number(row, "images")).sum();
    let accepted: f64 = across.iter().map(|row| number(row, "images") * number(row, "accepted")).sum();
    assert_eq!((rows.len(), drawn), (100, 1800.0));
    assert!((accepted / drawn - finding("drawings under another label classified as that label")).abs() < 1e-9);
}

#[test]
fn claims_are_printed_and_written_alike() {
    let folder = folder();
    let printed = succeed(folder.path(), "figures --claims --limit 300 --out docs").stdout;
    let rows = csv(folder.path().join("docs/claims.csv"));
    let document = fs::read_to_string(folder.path().join("docs/claims.md")).unwrap();
    assert!(document.contains("`robust figures --claims --limit 300 --out docs`"), "{document}");
    assert_eq!(files(&folder.path().join("docs")).len(), 3, "claims alone draw nothing");
    for row in &rows {
        let cells = ["claim", "criterion", "paper", "ours"].map(|column| row[column].as_str());
        assert!(document.contains(&format!("| {}", cells.join(" | "))), "{row:?}");
        assert_eq!(row["criterion"].is_empty(), row["claim"].ends_with('?'), "{row:?}");
        let decided = ["holds", "value", "bound", "verdict"].map(|column| row[column].is_empty());
        assert!(decided == [row["value"].is_empty(); 4], "{row:?}");
        if row["verdict"] == "holds" {
            let [low, value, high] = ["low", "value", "high"].map(|column| number(row, column));
            assert!(low <= value && value <= high && row["holds"] == "true", "{row:?}");
        }
        assert!(printed.contains(&row["claim"]) && printed.contains(&row["ours"]), "{row:?}");
    }
    assert_eq!(rows[0]["paper"], "98.48 %");
    assert!(rows.len() >= 12);
    assert!(rows.iter().filter(|row| row["verdict"] == "holds").count() >= 7, "{document}");
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let folder = folder();
    for (arguments, code, message) in [
        ("figures --figure 12", 2, "expected 3 to 11, all, or one of reconstructions"),
        ("figures --figure 11 --limit 20", 1, "emnist-letters-provenance.csv"),
        ("figures --figure 9 --pair 1,2", 2, "expected two whole numbers of at least 0, such as 3:18"),
        (
            "figures --figure 9 --limit 20 --pair 0:1",
            1,
            "images 0 and 1 are of classes 7 and 2: choose two of one class",
        ),
        ("figures --figure 7 --limit 20 --query 20", 1, "there is no image 20: expected an index from 0 to 19"),
        ("figures --limit 1", 2, "too few for figures"),
        ("figures --limit 20 --claims --beside claims.md", 1, "--beside claims.md is no claims.json"),
        ("figures --limit 20 --beside claims.json", 2, "--claims"),
    ] {
        let finished = robust(folder.path(), arguments);
        assert_eq!(
            (finished.code, finished.stderr.contains(message)),
            (code, true),
            "{arguments}: {}",
            finished.stderr
        );
    }
}
