//! Remarks of the commands: on stderr, in the JSON files, and in the report.

use std::fs;
use std::path::Path;

use robust_data::PIXELS;
use serde_json::{Value, json};

use crate::command::{csv, folder, json, succeed};
use crate::planted::{blind, constant, digits, flagging, inverted, shifted, transposed, write_test_images};

/// Writes the planted networks and digits that the tests of this file run on.
fn plant(folder: &Path) {
    let digits = digits();
    let (pixels, labels) = (&digits.pixels()[..200 * PIXELS], &digits.labels()[..200]);
    for (name, pixels, labels) in [
        ("inverted", inverted(pixels), labels.to_vec()),
        ("transposed", transposed(pixels), labels.to_vec()),
        ("shifted", pixels.to_vec(), shifted(labels)),
    ] {
        write_test_images(&folder.join(name), &pixels, &labels);
    }
    for (name, network) in
        [("blind", blind()), ("constant", constant()), ("alarm", flagging(0.8)), ("sleeping", flagging(0.0))]
    {
        network.write(&folder.join(format!("{name}.safetensors"))).unwrap();
    }
}

/// The kinds of the remarks of a summary.
fn kinds(summary: &Value) -> Vec<&str> {
    summary["remarks"].as_array().unwrap().iter().map(|remark| remark["kind"].as_str().unwrap()).collect()
}

/// The sentence of a kind in a summary.
fn text<'a>(summary: &'a Value, kind: &str) -> &'a str {
    let remarks = summary["remarks"].as_array().unwrap();
    let found = remarks.iter().find(|remark| remark["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind}: {remarks:?}"))["text"].as_str().unwrap()
}

/// A sentence as the page shows it.
fn in_page(text: &str) -> String {
    let escaped = text.replace('&', "&#38;").replace('\'', "&#39;");
    format!("{}{}.", &escaped[..1].to_uppercase(), &escaped[1..])
}

#[test]
fn every_planted_fault_is_a_line_an_entry_and_a_sentence() {
    let folder = folder();
    let path = folder.path();
    plant(path);
    for (name, flags, command_kinds) in [
        (
            "inverted",
            "--dataset inverted --model mnist --epsilon 0.3",
            &[("accuracy-near-chance accuracy-below-own", true)][..],
        ),
        (
            "transposed",
            "--dataset transposed --model mnist --epsilon 0.3",
            &[("accuracy-near-chance accuracy-below-own", true)],
        ),
        ("shifted", "--dataset shifted --model mnist --epsilon 0.3", &[("accuracy-near-chance", true)]),
        (
            "constant",
            "--model constant.safetensors --limit 200",
            &[("constant-prediction", true), ("constant-scores", false)],
        ),
        ("alarm", "--model alarm.safetensors --limit 200", &[("flagged-share", false)]),
        ("sleeping", "--model sleeping.safetensors --limit 200 --offset 700", &[("flagged-share", false)]),
        (
            "blind",
            "--model blind.safetensors --limit 40 --epsilon 0.2",
            &[("blind-attack", true), ("few-positives", false)],
        ),
        ("tiny", "--limit 200 --epsilon 0.00001", &[("nothing-fooled", true)]),
        ("few", "--limit 40 --epsilon 0.1", &[("few-positives", false)]),
    ] {
        let attack = succeed(path, &format!("attack --method fgsm {flags} --out {name}-attack"));
        let detect =
            succeed(path, &format!("detect --method fgsm {flags} --detector msp --detectors msp --out {name}"));
        let (attacked, detected) =
            (json(path.join(format!("{name}-attack/attack.json"))), json(path.join(format!("{name}/detect.json"))));
        let pages = ["-attack", ""].map(|end| {
            let run = format!("{name}{end}");
            let report = succeed(path, &format!("report {run}"));
            (report.stderr, fs::read_to_string(path.join(run).join("report.html")).unwrap())
        });
        for (kind, by_attack) in command_kinds {
            for (summary, stderr, (notes, page), is_told) in
                [(&attacked, &attack.stderr, &pages[0], *by_attack), (&detected, &detect.stderr, &pages[1], true)]
            {
                if !is_told {
                    continue;
                }
                let found = kinds(summary);
                let kind =
                    kind.split(' ').find(|kind| found.contains(kind)).unwrap_or_else(|| panic!("{name}: {found:?}"));
                let text = text(summary, kind);
                assert!(stderr.contains(&format!("note: {text}\n")), "{name}: {stderr}");
                assert!(page.contains(&in_page(text)), "{name}: {text}");
                assert!(notes.contains(text), "{name}: {notes}");
            }
        }
    }
    // Without a word, and yet in the file and in the object.
    let quiet = succeed(
        path,
        "detect --method fgsm --epsilon 0.2 --limit 40 --model blind.safetensors --detector msp --detectors msp --json --quiet",
    );
    let printed: Value = serde_json::from_str(&quiet.stdout).unwrap();
    assert_eq!(quiet.stderr, "");
    assert_eq!(printed["remarks"], json(path.join("reports/detect.json"))["remarks"]);
    assert!(kinds(&printed).contains(&"blind-attack"));
    // Several sets: one line for all, an entry for each.
    let several = succeed(
        path,
        "attack --method fgsm,bim --epsilon 0.2 --limit 40 --model blind.safetensors --json --out several",
    );
    let printed: Value = serde_json::from_str(&several.stdout).unwrap();
    assert_eq!(several.stderr.matches("without a gradient").count(), 1, "{}", several.stderr);
    for set in ["fgsm@0.2", "bim@0.2"] {
        assert!(several.stderr.contains(&format!("{set} (zero on 39 of 40 images)")), "{}", several.stderr);
        let summary = json(path.join(format!("several/{set}/attack.json")));
        assert_eq!(summary["remarks"][0]["sets"], json!([set]));
        assert!(printed["sets"].as_array().unwrap().contains(&summary));
    }
    let report = succeed(path, "report several");
    assert_eq!(report.stderr.matches("without a gradient").count(), 1, "{}", report.stderr);
}

#[test]
fn sound_digits_are_passed_over_wherever_they_lie() {
    let folder = folder();
    for offset in [0, 1_900, 8_600] {
        let flags = format!("--method fgsm --epsilon 0.3 --limit 200 --offset {offset}");
        let finished = succeed(folder.path(), &format!("detect {flags}"));
        let summary = json(folder.path().join("reports/detect.json"));
        assert_eq!(summary["remarks"], json!([]), "{offset}");
        assert!(finished.stderr.lines().all(|line| line.contains("no image of class")), "{}", finished.stderr);
    }
    // Few errors of the network are no remark, and yet their number stands beside the figure.
    succeed(
        folder.path(),
        "detect --method noise --epsilon 0.1 --limit 400 --offset 1900 --detector msp --detectors msp",
    );
    let finished = succeed(
        folder.path(),
        "detect --method noise --epsilon 0.1 --limit 400 --offset 1900 --detector msp --detectors msp",
    );
    let metrics = csv(folder.path().join("reports/metrics.csv"));
    let errors = metrics.iter().find(|row| row["set"] == "misclassified").unwrap();
    let beside = format!("{:.4} (n {})", errors["auroc"].parse::<f64>().unwrap(), errors["n_positive"]);
    assert!(finished.stdout.contains(&beside), "{beside}: {}", finished.stdout);
    assert_eq!(json(folder.path().join("reports/detect.json"))["remarks"], json!([]));
    succeed(folder.path(), "report reports");
    assert!(fs::read_to_string(folder.path().join("reports/report.html")).unwrap().contains(&beside));
    let count = format!("misclassified (n {})", errors["n_positive"]);
    assert!(fs::read_to_string(folder.path().join("reports/roc.svg")).unwrap().contains(&count));
}

#[test]
fn a_blind_attack_is_never_praised() {
    let folder = folder();
    let path = folder.path();
    plant(path);
    let flags = "--model blind.safetensors --limit 40 --detector msp --detectors msp";
    let detect = succeed(path, &format!("detect --method bim --epsilon 0.2 {flags} --out blind"));
    assert!(
        detect.stdout.lines().any(|line| line.starts_with("bim@0.2") && line.ends_with("39 of 40")),
        "{}",
        detect.stdout
    );
    let evaluate =
        format!("evaluate --method noise,fgsm,square --queries 50 --epsilon 0.1,0.2 {flags} --out evaluated");
    let first = succeed(path, &evaluate);
    let summary = fs::read(path.join("evaluated/evaluate.json")).unwrap();
    assert!(first.stdout.lines().any(|line| line.starts_with("fgsm (blind)")), "{}", first.stdout);
    assert!(
        first.stdout.lines().any(|line| line.starts_with("worst@0.2") && line.ends_with("fgsm@0.2")),
        "{}",
        first.stdout
    );
    assert!(fs::read_to_string(path.join("evaluated/security.svg")).unwrap().contains("fgsm (blind)"));
    // Resumed, it says the same.
    let line = |stderr: &str| stderr.lines().find(|line| line.contains("without a gradient")).map(str::to_owned);
    let again = succeed(path, &evaluate);
    assert!(line(&first.stderr).is_some() && line(&again.stderr) == line(&first.stderr), "{}", again.stderr);
    assert!(fs::read(path.join("evaluated/evaluate.json")).unwrap() == summary);

    let page = |arguments: &str, place: &str| {
        succeed(path, &format!("report {arguments} --quiet"));
        fs::read_to_string(path.join(place)).unwrap()
    };
    let alone = page("blind", "blind/report.html");
    assert!(
        alone.contains("bim@0.2 (on 39 of 40 images) had no gradient to follow, which says nothing about robustness")
    );
    assert!(
        alone.contains("cannot be judged by attacks that were blind") && !alone.contains("answered rightly or refused")
    );
    assert!(
        alone.contains(r#"<tr data-set="0" class="doubtful">"#)
            && alone.contains(r#"<td class="doubt">blind on 39 of 40</td>"#)
    );
    let evaluated = page("evaluated", "evaluated/report.html");
    assert!(evaluated.contains(r#"worst@0.2<small class="doubt">fgsm@0.2 blind on 39 of 40</small>"#));
    assert!(evaluated.contains(r#"<th scope="row">fgsm (blind)</th>"#));
    let both = page("blind evaluated", "report.html");
    assert!(both.contains(r#"2.50 %<small class="doubt">blind on 39 of 40</small>"#));

    // Judged by another network it is as blind.
    let moved = succeed(
        path,
        "attack --method bim --epsilon 0.2 --limit 40 --model blind.safetensors --transfer-to mnist --out moved",
    );
    assert!(
        kinds(&json(path.join("moved/attack.json"))).contains(&"blind-attack")
            && moved.stderr.contains("without a gradient")
    );

    // A run older than remarks.
    let place = path.join("blind/detect.json");
    let mut older = json(place.clone());
    older.as_object_mut().unwrap().remove("remarks");
    fs::write(&place, older.to_string()).unwrap();
    let report = succeed(path, "report blind");
    assert!(line(&report.stderr).is_some() && report.stderr.contains("AUROCs of fewer than 10"), "{}", report.stderr);
}

#[test]
fn where_nothing_is_fooled_nothing_is_praised() {
    let folder = folder();
    succeed(folder.path(), "detect --method fgsm,bim --steps 3 --epsilon 0.00001 --limit 60 --quiet");
    succeed(folder.path(), "report reports");
    let page = fs::read_to_string(folder.path().join("reports/report.html")).unwrap();
    assert!(page.contains("No image was fooled by any of them") && page.contains("since no image was fooled"));
    assert!(page.contains("fooled nothing") && !page.contains("lets none of the images"));
}

#[test]
fn scores_that_are_no_numbers_are_told_by_the_report() {
    let folder = folder();
    succeed(folder.path(), "detect --method fgsm --limit 30 --detector msp --detectors msp --quiet");
    let place = folder.path().join("reports/detect.csv");
    let text = fs::read_to_string(&place).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for line in &mut lines[3..5] {
        *line = format!("{},NaN", line.rsplit_once(',').unwrap().0);
    }
    fs::write(&place, lines.join("\n")).unwrap();
    // Summaries older than the hashes in them vouch for nothing; others would leave the file out.
    let mut older = json(folder.path().join("reports/detect.json"));
    older.as_object_mut().unwrap().remove("files");
    fs::write(folder.path().join("reports/detect.json"), older.to_string()).unwrap();
    let told = "detect.csv holds scores that are not numbers: msp 2;";
    assert!(succeed(folder.path(), "report reports").stderr.contains(told));
    assert!(fs::read_to_string(folder.path().join("reports/report.html")).unwrap().contains(&in_page(told)[..30]));
}

#[test]
fn a_calibration_that_does_not_fit_names_both_accuracies_where_they_differ() {
    let folder = folder();
    plant(folder.path());
    // Training images, which the network knows better than validation images.
    succeed(
        folder.path(),
        "detect --method noise --split train --limit 4000 --model alarm.safetensors --detector msp --detectors msp",
    );
    let summary = json(folder.path().join("reports/detect.json"));
    let text = text(&summary, "flagged-share");
    assert!(text.contains("of them and on 99.46 % of the validation images"), "{text}");
    succeed(folder.path(), "detect --method noise --limit 200 --model alarm.safetensors --detector msp --threshold 0");
    assert!(
        !text_of(folder.path()).contains("msp "),
        "its threshold is a score that was given: {}",
        text_of(folder.path())
    );
}

/// What is said of flagged shares.
fn text_of(folder: &Path) -> String {
    text(&json(folder.join("reports/detect.json")), "flagged-share").to_owned()
}
