//! `robust report`: the page as a file, out of what the other commands wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::command::{csv, folder, json, robust, succeed};
use crate::report_screened::{in_words, without_reasons};

/// The text between two marks.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let from = text.find(start).unwrap_or_else(|| panic!("no {start}")) + start.len();
    &text[from..from + text[from..].find(end).unwrap_or_else(|| panic!("no {end}"))]
}

/// What the page knows of its runs.
pub(crate) fn data(page: &str) -> Value {
    serde_json::from_str(between(page, r#"<script type="application/json" id="data">"#, "</script>")).unwrap()
}

/// Attacks and detection of the same images in one folder.
pub(crate) fn make_reports(folder: &Path) {
    let sets = "--method fgsm,bim --epsilon 0.1,0.3 --limit 150 --quiet";
    succeed(folder, &format!("attack {sets} --out both"));
    succeed(folder, &format!("detect {sets} --out both"));
}

/// An evaluation that ends in a few seconds.
pub(crate) fn make_evaluation(folder: &Path) {
    succeed(
        folder,
        "evaluate --method noise,fgsm,bim --epsilon 0.1,0.3 --steps 10 --offset 2000 --limit 400 --ambiguous --quiet --out evaluated",
    );
}

/// Whether the network gets a clean image of `detect.csv` wrong.
pub(crate) fn has_errors(rows: &[BTreeMap<String, String>]) -> bool {
    rows.iter().any(|row| row["set"] == "clean" && row["label"] != row["prediction"])
}

#[test]
fn the_page_holds_every_score_and_asks_nobody_for_anything() {
    let folder = folder();
    make_reports(folder.path());
    let finished = succeed(folder.path(), "report both");
    assert!(finished.stdout.starts_with("both/report.html  ("), "{}", finished.stdout);
    assert_eq!(finished.stderr, "");
    let page = fs::read_to_string(folder.path().join("both/report.html")).unwrap();
    succeed(folder.path(), "report both --out again/report.html");
    assert!(page == fs::read_to_string(folder.path().join("again/report.html")).unwrap(), "same input, same bytes");

    let page_without_data = page.replace(between(&page, r#"id="data">"#, "</script>"), "");
    for loader in ["src=", "<link", "@import", "url(", "fetch(", "XMLHttpRequest", "import("] {
        assert!(!page_without_data.contains(loader), "{loader}");
    }
    let addresses: Vec<_> =
        page_without_data.match_indices("http").map(|(at, _)| &page_without_data[at..at + 26]).collect();
    assert!(
        addresses.iter().all(|a| a.starts_with("http-equiv") || *a == "http://www.w3.org/2000/svg"),
        "{addresses:?}"
    );
    assert!(page.contains("default-src 'none'"));

    let data = data(&page);
    let run = &data["runs"][0];
    let sets = run["sets"].as_array().unwrap();
    let names: Vec<&str> = sets.iter().map(|set| set["name"].as_str().unwrap()).collect();
    let rows = csv(folder.path().join("both/detect.csv"));
    let errors = has_errors(&rows).then_some("misclassified");
    assert_eq!(names, ["fgsm@0.1", "fgsm@0.3", "bim@0.1", "bim@0.3"].into_iter().chain(errors).collect::<Vec<_>>());
    for (position, set) in sets.iter().enumerate().filter(|(_, set)| set["natural"] == false) {
        let of_set: Vec<_> = rows.iter().filter(|row| row["set"] == names[position]).collect();
        for (detector, scores) in
            run["detection"]["detectors"].as_array().unwrap().iter().zip(set["scores"].as_array().unwrap())
        {
            let column = format!("score_{}", detector["id"].as_str().unwrap());
            let bytes: Vec<u8> =
                of_set.iter().flat_map(|row| row[&column].parse::<f32>().unwrap().to_le_bytes()).collect();
            assert_eq!(decoded(scores.as_str().unwrap()), bytes, "{column} of {}", names[position]);
        }
        let gallery = &set["gallery"];
        let shown = decoded(gallery["position"].as_str().unwrap()).len() / 4;
        assert_eq!(shown, 96);
        for pictures in [
            &gallery["clean"],
            &gallery["adversarial"],
            &gallery["drawn"]["predicted"],
            &gallery["drawn"]["alternative"],
        ] {
            assert_eq!(decoded(pictures.as_str().unwrap()).len(), shown * 784);
        }
        let reasons = gallery["reason"].as_array().unwrap();
        assert_eq!(reasons.len(), shown);
        for (position, reason) in decoded(gallery["position"].as_str().unwrap()).chunks(4).zip(reasons) {
            let row = of_set[u32::from_le_bytes(position.try_into().unwrap()) as usize];
            let expected = if row["flagged"] == "true" { in_words(&row["reason"]) } else { "" };
            assert_eq!(reason, expected, "{row:?}");
        }
    }

    // The figures that are written into the page are those of metrics.csv.
    let metrics = csv(folder.path().join("both/metrics.csv"));
    for row in page.split("<tr data-set=").skip(1) {
        let set = between(row, r#"<th scope="row">"#, "<");
        let metric = metrics.iter().find(|m| m["set"] == set && m["detector"] == "combined").unwrap();
        let number = |column: &str| metric[column].parse::<f64>().ok();
        let cell = |figure: &str| between(row, &format!(r#"data-figure="{figure}">"#), "<").to_owned();
        let percent = |column: &str| number(column).map_or("–".to_owned(), |share| format!("{:.2} %", 100.0 * share));
        assert_eq!(cell("auroc"), format!("{:.4}", number("auroc").unwrap()), "{set}");
        assert_eq!(cell("detected"), percent("tpr"), "{set}");
        assert_eq!(cell("undetected"), percent("undetected_rate"), "{set}");
        assert_eq!(cell("robust"), percent("robust_accuracy"), "{set}");
    }

    // A folder of a version that named no reasons has the same figures.
    without_reasons(&folder.path().join("both"));
    succeed(folder.path(), "report both --quiet");
    let older = fs::read_to_string(folder.path().join("both/report.html")).unwrap();
    let older = self::data(&older);
    for (set, before) in older["runs"][0]["sets"].as_array().unwrap().iter().zip(sets) {
        let reasons = set["gallery"]["reason"].as_array();
        assert!(reasons.into_iter().flatten().all(|reason| reason == ""), "{}", set["name"]);
        assert_eq!(set["scores"], before["scores"]);
    }
}

#[test]
fn an_evaluation_shows_its_checks_its_worst_case_and_the_sets_that_nobody_attacked() {
    let folder = folder();
    make_evaluation(folder.path());
    let finished = succeed(folder.path(), "report evaluated");
    let page = fs::read_to_string(folder.path().join("evaluated/report.html")).unwrap();
    let summary = json(folder.path().join("evaluated/evaluate.json"));
    let checks = summary["checks"].as_array().unwrap();
    assert!(checks.len() > 4);
    let warnings = checks.iter().filter(|check| check["verdict"] == "warn").count();
    assert_eq!(page.matches(">warns<").count(), warnings);
    assert_eq!(finished.stderr.contains("sanity checks warn"), warnings > 0);
    for check in checks {
        assert!(page.contains(check["check"].as_str().unwrap()), "{check}");
    }
    let metrics = csv(folder.path().join("evaluated/metrics.csv"));
    for set in ["worst@0.1", "worst@0.3"] {
        let metric =
            metrics.iter().find(|m| m["set"] == set && m["detector"] == summary["detector"].as_str().unwrap()).unwrap();
        let row = between(&page, &format!(r#"<th scope="row">{set}</th>"#), "</tr>");
        let rate = 100.0 * metric["undetected_rate"].parse::<f64>().unwrap();
        assert!(
            row.contains(&format!("<td>{}</td>", metric["n_positive"])) && row.contains(&format!("{rate:.2} %")),
            "{row}"
        );
    }
    let data = data(&page);
    let sets = data["runs"][0]["sets"].as_array().unwrap();
    let natural: Vec<&str> =
        sets.iter().filter(|set| set["natural"] == true).map(|set| set["name"].as_str().unwrap()).collect();
    let errors = has_errors(&csv(folder.path().join("evaluated/detect.csv"))).then_some("misclassified");
    assert_eq!(natural, errors.into_iter().chain(["ambiguous"]).collect::<Vec<_>>());

    // A later run of `detect` in the same folder is not told with the words of the evaluation.
    succeed(folder.path(), "detect --method fgsm --epsilon 0.2 --limit 20 --out evaluated --quiet");
    succeed(folder.path(), "report evaluated --quiet");
    let page = fs::read_to_string(folder.path().join("evaluated/report.html")).unwrap();
    assert!(!page.contains("Sanity checks") && page.contains("fgsm@0.2"));
}

/// Base64 without padding's niceties: what the page itself does with `atob`.
pub(crate) fn decoded(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = |byte| ALPHABET.iter().position(|&letter| letter == byte).unwrap() as u32;
    let mut bytes = Vec::new();
    for four in text.trim_end_matches('=').as_bytes().chunks(4) {
        let word = four.iter().fold(0, |word, &byte| word << 6 | value(byte)) << (6 * (4 - four.len()));
        bytes.extend_from_slice(&word.to_be_bytes()[1..four.len()]);
    }
    bytes
}

#[test]
fn each_commands_files_are_a_report_alone_and_several_are_compared() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    succeed(folder.path(), "attack --method fgsm --limit 20 --out attacked --quiet");
    succeed(folder.path(), "detect --method fgsm --limit 20 --out detected --quiet");
    fs::create_dir(at("trained")).unwrap();
    let history = "epoch,learning_rate,loss,cross_entropy,reconstruction,validation_accuracy,validation_reconstruction\n1,0.001,2.5,0.5,40,0.95,21\n2,0.001,1.5,0.2,30,0.97,18\n";
    fs::write(at("trained/train.csv"), history).unwrap();
    for (name, told) in [("attacked", "fooled it on"), ("detected", "The detector combined"), ("trained", "97.00 %")] {
        succeed(folder.path(), &format!("report {name}"));
        let page = fs::read_to_string(at(name).join("report.html")).unwrap();
        assert!(page.contains(told), "{name}");
    }
    succeed(folder.path(), "report attacked detected trained");
    let page = fs::read_to_string(at("report.html")).unwrap();
    assert!(page.contains("3 runs compared") && page.contains("Side by side"));
}

#[test]
fn what_does_not_belong_is_left_out_with_a_word() {
    let folder = folder();
    make_reports(folder.path());
    let both = folder.path().join("both");
    // Another run's images under the same name.
    succeed(folder.path(), "attack --method fgsm --epsilon 0.1 --limit 149 --out both/fgsm@0.1 --quiet");
    // A network that is gone.
    let path = both.join("detect.json");
    let summary = fs::read_to_string(&path).unwrap().replace(r#""model": "mnist""#, r#""model": "gone.safetensors""#);
    fs::write(&path, summary).unwrap();
    let finished = succeed(folder.path(), "report both");
    for remark in ["the images of fgsm@0.1 are left out", "reconstructions are left out: cannot read gone.safetensors"]
    {
        assert!(finished.stderr.contains(remark), "{}", finished.stderr);
        assert!(fs::read_to_string(both.join("report.html")).unwrap().contains(remark));
    }
    assert_eq!(succeed(folder.path(), "report both --quiet").stderr, "");
}

#[test]
fn hostile_names_stay_text_and_broken_files_are_one_line() {
    let folder = folder();
    let hostile = folder.path().join("<b>x");
    fs::create_dir(&hostile).unwrap();
    fs::write(hostile.join("attack.csv"), "index,label,clean_prediction,clean_confidence,adversarial_prediction,adversarial_confidence,status,linf,l2,l0,target\n0,1,1,0.9,2,0.8,succeeded,0.1,1,5,\n").unwrap();
    fs::write(hostile.join("attack.json"), r#"{"set":"</script><b>@1","model":"\"><script>"}"#).unwrap();
    succeed(folder.path(), "report <b>x --quiet --out page.html");
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(!page.contains("<b>"), "escaped");
    assert_eq!(page.matches("<script").count(), 2);

    let cases = [
        ("empty", None, "error: empty holds no report: expected attack.csv, detect.csv or train.csv"),
        (
            "train",
            Some(("train.csv", "epoch,loss,validation_accuracy\n1,abc,0.9\n")),
            "error: train/train.csv: loss 'abc' in line 2, expected a number",
        ),
        (
            "attack",
            Some(("attack.csv", "index,label\n0,1\n")),
            "error: attack/attack.csv: no column clean_prediction, expected columns index,",
        ),
    ];
    for (name, file, message) in cases {
        fs::create_dir(folder.path().join(name)).unwrap();
        if let Some((file, content)) = file {
            fs::write(folder.path().join(name).join(file), content).unwrap();
            fs::write(folder.path().join(name).join(file).with_extension("json"), "{}").unwrap();
        }
        let finished = robust(folder.path(), &format!("report {name}"));
        assert!(finished.stderr.starts_with(message) && finished.stderr.lines().count() == 1, "{}", finished.stderr);
        assert_eq!(finished.code, 1);
    }
    let finished = robust(folder.path(), "report nowhere");
    assert!(finished.stderr.starts_with("error: cannot read nowhere: "), "{}", finished.stderr);
}
