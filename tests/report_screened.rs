//! `robust report` of a folder that `robust detect --input` wrote: verdicts, with pictures where the images can still be had.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use robust_data::png;
use serde_json::Value;

use crate::command::{csv, folder, json, robust, succeed};

/// Screens images of BIM at 0.15, half of them clean, and gives the folder of the verdicts.
pub(crate) fn screen(folder: &Path) {
    succeed(folder, "attack --method bim --epsilon 0.15 --limit 20 --quiet --out attacked");
    let images = folder.join("images");
    fs::create_dir(&images).unwrap();
    for (array, kind) in [("x", "clean"), ("x_adv", "adversarial")] {
        let file = if kind == "clean" { "clean.npz" } else { "adversarial.npz" };
        let pixels = robust_data::npz::read_images(&folder.join("attacked").join(file), &[array]).unwrap();
        for (number, image) in pixels.pixels().chunks(784).enumerate() {
            let grey: Vec<u8> = image.iter().map(|level| (255.0 * level).round() as u8).collect();
            png::write(&images.join(format!("{kind}-{number:02}.png")), &grey, 28).unwrap();
        }
    }
    succeed(folder, "detect --input images --quiet --out screened");
}

fn page(folder: &Path) -> String {
    fs::read_to_string(folder.join("screened/report.html")).unwrap()
}

/// What pages write for a word of the column `reason`.
pub(crate) fn in_words(reason: &str) -> &'static str {
    match reason {
        "unsure" => "the classifier is unsure",
        "another label" => "another label explains it better",
        "unlike" => "unlike clean images",
        _ => panic!("no reason is called {reason:?}"),
    }
}

/// Makes `detect.csv` and `detect.json` in `folder` older than reasons, and than the hashes in summaries.
pub(crate) fn without_reasons(folder: &Path) {
    let path = folder.join("detect.csv");
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let at = header.iter().position(|name| name == "reason").unwrap();
    let mut writer = csv::Writer::from_path(path).unwrap();
    for row in [header].iter().chain(&rows) {
        writer
            .write_record(row.iter().enumerate().filter(|&(column, _)| column != at).map(|(_, field)| field))
            .unwrap();
    }
    writer.flush().unwrap();
    let mut summary = json(folder.join("detect.json"));
    summary.as_object_mut().unwrap().remove("files");
    fs::write(folder.join("detect.json"), summary.to_string()).unwrap();
}

/// What the page knows of its verdicts.
fn data(page: &str) -> Value {
    let json = page.split_once(r#"id="data">"#).unwrap().1.split_once("</script>").unwrap().0;
    serde_json::from_str::<Value>(json).unwrap()["runs"][0]["screened"].clone()
}

/// What stands between two marks, as often as they do.
fn all_between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).map(|rest| rest.split(end).next().unwrap()).collect()
}

#[test]
fn verdicts_are_sorted_by_score_and_have_pictures() {
    let folder = folder();
    screen(folder.path());
    let finished = succeed(folder.path(), "report screened");
    // Half of the images are attacked, which is said, and nothing else.
    let told = finished.stderr.lines().collect::<Vec<_>>();
    assert!(told.len() == 1 && told[0].contains("images are flagged, where 5.00 % of clean ones are"), "{told:?}");
    let page = page(folder.path());
    let mut rows = csv(folder.path().join("screened/detect.csv"));
    rows.sort_by(|a, b| b["score"].parse::<f32>().unwrap().total_cmp(&a["score"].parse().unwrap()));
    let column = |name: &str| rows.iter().map(|row| row[name].as_str()).collect::<Vec<_>>();
    assert_eq!(all_between(&page, r#"<span class="source">"#, "<"), column("source"));
    let scores: Vec<f32> =
        all_between(&page, r#"data-score=""#, "\"").iter().map(|score| score.parse().unwrap()).collect();
    assert_eq!(scores, column("score").iter().map(|score| score.parse().unwrap()).collect::<Vec<f32>>());
    let flagged = column("flagged").iter().filter(|flagged| **flagged == "true").count();
    let verdicts = all_between(&page, r#"<span class="verdict"#, "</span>");
    assert_eq!(verdicts.iter().filter(|verdict| verdict.contains(">flagged")).count(), flagged);
    assert!((1..40).contains(&flagged), "{flagged} of 40");
    let summary = json(folder.path().join("screened/detect.json"));
    assert!(page.contains(&format!("{flagged} of 40 images of images were flagged by combined, for a score above")));

    let data = data(&page);
    assert_eq!(data["threshold"].as_f64().unwrap() as f32, summary["threshold"].as_f64().unwrap() as f32);
    let bytes = |text: &Value| text.as_str().unwrap().trim_end_matches('=').len() * 3 / 4;
    let pictures = &data["pictures"];
    for of_40 in [&pictures["image"], &pictures["drawn"]["predicted"], &pictures["drawn"]["alternative"]] {
        assert_eq!(bytes(of_40), 40 * 784);
    }
}

#[test]
fn flags_have_their_reasons_and_older_folders_none() {
    let folder = folder();
    screen(folder.path());
    let report = || {
        succeed(folder.path(), "report screened --quiet");
        page(folder.path())
    };
    let rows = csv(folder.path().join("screened/detect.csv"));
    let flagged = rows.iter().filter(|row| row["flagged"] == "true");
    let reason_of: BTreeMap<&str, &str> = flagged.map(|row| (row["source"].as_str(), row["reason"].as_str())).collect();
    assert!(rows.iter().all(|row| row["reason"].is_empty() != reason_of.contains_key(row["source"].as_str())));

    let whole = report();
    let cards = all_between(&whole, r#"<span class="verdict"#, r#"<span class="details">"#);
    assert_eq!(cards.len(), rows.len());
    for card in cards {
        let verdict = card.split_once('>').unwrap().1.split_once('<').unwrap().0;
        let source = all_between(card, r#"<span class="source">"#, "<")[0];
        let expected = reason_of.get(source).map(|reason| format!("flagged: {}", in_words(reason)));
        assert_eq!(verdict, expected.as_deref().unwrap_or("accepted"), "{source}");
    }
    let told: Vec<String> = (["unsure", "another label", "unlike"].iter())
        .map(|word| (word, reason_of.values().filter(|reason| *reason == word).count()))
        .filter(|&(_, images)| images > 0)
        .map(|(word, images)| format!("{} ({images})", in_words(word)))
        .collect();
    assert!(whole.contains(&format!("Reasons: {}.", told.join(", "))), "{told:?}");

    let path = folder.path().join("screened/detect.csv");
    let text = fs::read_to_string(&path).unwrap();
    without_reasons(&folder.path().join("screened"));
    let older = report();
    assert_eq!(older.matches(">flagged</span>").count(), reason_of.len());
    assert!(!older.contains("Reasons:") && !older.contains("data-reason="));

    // A word that is no reason, in a file that no summary vouches for.
    let reason = reason_of.values().next().unwrap();
    fs::write(&path, text.replacen(&format!(",{reason},"), ",mood,", 1)).unwrap();
    let finished = robust(folder.path(), "report screened --quiet");
    assert!(finished.stderr.starts_with("error: screened/detect.csv: reason 'mood' in line "), "{}", finished.stderr);
    assert!(finished.stderr.ends_with("expected one of unsure, another label, unlike\n"), "{}", finished.stderr);
    assert_eq!(finished.code, 1);
}

#[test]
fn what_cannot_be_had_again_is_left_out_with_a_word() {
    let folder = folder();
    screen(folder.path());
    let at = |name: &str| folder.path().join(name);
    let report = || {
        let finished = succeed(folder.path(), "report screened");
        (data(&page(folder.path())), finished.stderr)
    };
    // Another picture under the old name.
    let [first, second] = ["images/adversarial-00.png", "images/adversarial-01.png"].map(at);
    let whole = fs::read(&first).unwrap();
    fs::copy(&second, &first).unwrap();
    let (found, stderr) = report();
    assert!(found["pictures"].is_null() && stderr.contains("the network says other than detect.csv"), "{stderr}");
    // One less, and none.
    fs::remove_file(&first).unwrap();
    let (found, stderr) = report();
    assert!(found["pictures"].is_null() && stderr.contains("images holds other images"), "{stderr}");
    fs::rename(at("images"), at("gone")).unwrap();
    let (found, stderr) = report();
    assert!(found["pictures"].is_null() && stderr.contains("cannot read images"), "{stderr}");
    // No network.
    fs::rename(at("gone"), at("images")).unwrap();
    fs::write(&first, whole).unwrap();
    assert!(!report().0["pictures"]["drawn"].is_null());
    let path = at("screened/detect.json");
    let summary = fs::read_to_string(&path).unwrap();
    fs::write(&path, summary.replace(r#""model": "mnist""#, r#""model": "gone.safetensors""#)).unwrap();
    let (found, stderr) = report();
    assert!(found["pictures"]["drawn"].is_null() && stderr.contains("reconstructions are left out"), "{stderr}");
    // Images that nobody can read twice.
    let archive = fs::File::open(at("attacked/adversarial.npz")).unwrap();
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_robust"))
        .args(["detect", "--input", "-", "--quiet", "--out", "screened"])
        .current_dir(folder.path())
        .stdin(archive)
        .output()
        .unwrap()
        .status;
    assert!(status.success());
    let (found, stderr) = report();
    assert!(found["pictures"].is_null() && stderr.contains("standard input"), "{stderr}");
}

#[test]
fn files_that_could_not_be_read_are_told_and_other_runs_stand_beside_it() {
    let folder = folder();
    screen(folder.path());
    fs::write(folder.path().join("images/broken<b>.png"), "PNG").unwrap();
    assert_eq!(robust(folder.path(), "detect --input images --quiet --out screened").code, 1);
    succeed(folder.path(), "report screened attacked --out page.html");
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(
        page.contains("Verdicts on screened") && page.contains("1 file could not be read") && page.contains("bim@0.15")
    );
    assert!(page.contains("broken&#60;b&#62;.png") && !page.contains("broken<b>"), "escaped");

    // The verdicts on a set beside the files of its attack.
    succeed(folder.path(), "detect --input attacked/adversarial.npz --quiet --out attacked");
    succeed(folder.path(), "report attacked");
    let page = fs::read_to_string(folder.path().join("attacked/report.html")).unwrap();
    assert!(page.contains("<h2>Verdicts</h2>") && page.contains("adversarial.npz#19") && page.contains("bim@0.15"));
}
