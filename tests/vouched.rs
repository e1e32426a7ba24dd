//! A folder says whether it is whole, and of which files: killed runs, exchanged files, and what `report` and `evaluate` make of them.

use std::fs;
use std::path::Path;

use robust::checkpoint::Checkpoint;
use robust_data::pretrained::pretrained;
use robust_networks::{Parameters, StyleMemorySpec};
use serde_json::{Map, Value};

use crate::command::{Finished, folder, json, robust, succeed};
use crate::digits::write_few;
use crate::running::{Running, names};

const SETS: &str = "--method fgsm,bim --epsilon 0.1,0.3 --limit 40 --detector msp --detectors msp --quiet";

/// Copies a folder and those inside it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            put(&entry.path(), &to);
        }
    }
}

fn put(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
}

/// The files that a summary vouches for.
fn files(summary: &Path) -> Map<String, Value> {
    json(summary.into())["files"].as_object().unwrap_or_else(|| panic!("files of {}", summary.display())).clone()
}

/// One line on stderr that says all of this.
pub(crate) fn says(finished: &Finished, words: &[&str]) {
    let line = &finished.stderr;
    assert!(line.lines().count() == 1 && words.iter().all(|word| line.contains(word)), "{words:?} in {line}");
}

#[test]
fn every_summary_vouches_for_the_files_of_its_command_and_nothing_else_is_left() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    succeed(folder.path(), "attack --method fgsm --limit 20 --quiet --out attack");
    succeed(folder.path(), &format!("detect {SETS} --out detect"));
    succeed(folder.path(), &format!("evaluate {SETS} --out evaluate"));
    succeed(folder.path(), "figures --figure 3 --claims --limit 20 --quiet --out figures");
    write_few(folder.path());
    succeed(folder.path(), "train --dataset few --epochs 1 --quiet --out train");
    succeed(folder.path(), "detect --input attack/adversarial.npz --quiet --out input");
    for (place, summaries) in [
        ("attack", &["attack.json"][..]),
        ("detect", &["detect.json"]),
        ("evaluate", &["evaluate.json"]),
        ("evaluate/bim@0.3", &["attack.json"]),
        ("figures", &["figures.json", "claims.json"]),
        ("train", &["train.json"]),
        ("input", &["detect.json"]),
    ] {
        let mut vouched: Vec<String> = summaries.iter().map(|&name| name.to_owned()).collect();
        for summary in summaries {
            for (name, sha256) in files(&at(place).join(summary)) {
                let bytes = fs::read(at(place).join(&name)).unwrap();
                assert_eq!(robust::data::sha256(&bytes), sha256, "{name} of {place}/{summary}");
                vouched.push(name);
            }
        }
        vouched.sort();
        let is_other = |name: &String| {
            let is_file = at(place).join(name).is_file();
            is_file && !vouched.contains(name) && !name.ends_with("attack.json")
        };
        let others: Vec<String> = names(&at(place)).into_iter().filter(is_other).collect();
        assert!(others.is_empty(), "{others:?} in {place}, vouched for are {vouched:?}");
    }
    assert!(files(&at("evaluate/bim@0.3/attack.json")).contains_key("../clean.npz"));
    assert!(files(&at("evaluate/evaluate.json")).contains_key("bim@0.3/adversarial.npz"));
    let input = json(at("input/detect.json"));
    assert_eq!((&input["set"], &input["n"], &input["model"]), (&"input".into(), &20.into(), &"mnist".into()));
    let printed = succeed(folder.path(), "attack --method fgsm --limit 20 --quiet --json --out attack").stdout;
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap()["files"], json(at("attack/attack.json"))["files"]);
}

#[test]
fn a_folder_without_its_summary_is_not_whole_and_report_says_which_is_missing() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    succeed(folder.path(), "attack --method fgsm --limit 20 --quiet --out attack");
    succeed(folder.path(), &format!("detect {SETS} --out detect"));
    succeed(folder.path(), &format!("evaluate {SETS} --out evaluate"));
    let missing = "is without detect.json or evaluate.json";
    for (place, summary, said) in [
        ("attack", "attack.json", "attack/attack.csv is without attack.json"),
        ("detect", "detect.json", &format!("detect/detect.csv {missing}")),
        ("evaluate", "evaluate.json", &format!("evaluate/detect.csv {missing}")),
    ] {
        fs::remove_file(at(place).join(summary)).unwrap();
        let finished = robust(folder.path(), &format!("report {place}"));
        assert_eq!(finished.code, 1);
        says(&finished, &[said, "not whole"]);
    }
    // Of the evaluation its sets are left, which are whole, and none of the scores.
    let page = fs::read_to_string(at("evaluate/report.html")).unwrap();
    assert!(
        page.contains("evaluate/detect.csv is without") && page.contains("bim@0.3") && !page.contains("score (above")
    );
    assert!(page.contains(r#""detection":null"#));
    assert!(!at("detect/report.html").exists());
}

#[test]
fn a_killed_rerun_never_leaves_new_numbers_under_an_old_name() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    for (command, change, table, summary) in [
        ("evaluate", "--fpr 0.3", "detect.csv", "evaluate.json"),
        ("detect", "--fpr 0.3", "detect.csv", "detect.json"),
        ("detect", "--limit 30", "metrics.csv", "detect.json"),
    ] {
        let flags = SETS.replace("--limit 40", if change.contains("limit") { "" } else { "--limit 40" });
        let first = if change.contains("limit") { "--limit 40" } else { "" };
        succeed(folder.path(), &format!("{command} {flags} {first} --out whole"));
        succeed(folder.path(), &format!("{command} {flags} {change} --out other"));
        let other = files(&at("other").join(summary))[table].clone();
        for _ in 0..3 {
            fs::remove_dir_all(at("r")).ok();
            copy(&at("whole"), &at("r"));
            let mut killed = Running::start(folder.path(), &format!("{command} {flags} {change} --out r"));
            killed.until(|| robust::data::sha256(&fs::read(at("r").join(table)).unwrap_or_default()) == other);
            killed.kill();
            let finished = robust(folder.path(), "report r");
            let new = fs::read(at("other").join(summary)).unwrap();
            // Either nothing says what the new scores are, or what says it belongs to them.
            match fs::read(at("r").join(summary)) {
                Err(_) => assert!(finished.code == 1 && finished.stderr.contains("not whole"), "{}", finished.stderr),
                Ok(_) => {
                    let new: Value = serde_json::from_slice(&new).unwrap();
                    let found = json(at("r").join(summary));
                    assert_eq!((&found["files"], &found["threshold_fpr"]), (&new["files"], &new["threshold_fpr"]));
                }
            }
        }
        fs::remove_dir_all(at("whole")).unwrap();
        fs::remove_dir_all(at("other")).unwrap();
    }
}

/// How a folder is spoilt, what `report` then says, and whether `evaluate` makes a set again for it.
type Spoiling<'a> = (&'a dyn Fn(&Path), &'a str, bool);

#[test]
fn a_file_that_is_not_the_one_that_was_written_is_named_and_left_out() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    succeed(folder.path(), &format!("evaluate {SETS} --out whole"));
    succeed(folder.path(), &format!("evaluate {SETS} --seed 7 --offset 100 --out another"));
    let exchange = |name: &'static str| move |r: &Path| put(&at("another").join(name), &r.join(name));
    let edit = |name: &'static str| {
        move |r: &Path| {
            let text = fs::read_to_string(r.join(name)).unwrap();
            let edited = text.replacen("0.9", "0.8", 1);
            assert!(edited != text);
            fs::write(r.join(name), edited).unwrap();
        }
    };
    let images = |r: &Path| put(&r.join("bim@0.1/adversarial.npz"), &r.join("bim@0.3/adversarial.npz"));
    let set = |r: &Path| copy(&at("another/bim@0.3"), &r.join("bim@0.3"));
    let cases: [Spoiling; 9] = [
        (&images, "r/bim@0.3/adversarial.npz is not the file that attack.json vouches for", true),
        (&edit("bim@0.3/attack.csv"), "r/bim@0.3/attack.csv is not the file that attack.json vouches for", true),
        (&exchange("bim@0.3/attack.json"), "r/bim@0.3/attack.csv is not the file that attack.json vouches for", false),
        (&set, "r/bim@0.3/attack.csv is not the file that evaluate.json vouches for", false),
        (&exchange("clean.npz"), "r/clean.npz is not the file that attack.json vouches for", false),
        (&exchange("detect.csv"), "r/detect.csv is not the file that evaluate.json vouches for", false),
        (&exchange("evaluate.json"), "r/detect.csv is not the file that evaluate.json vouches for", false),
        (&edit("metrics.csv"), "r/metrics.csv is not the file that evaluate.json vouches for", false),
        (&exchange("roc.csv"), "r/roc.csv is not the file that evaluate.json vouches for", false),
    ];
    for (spoil, said, again) in cases {
        fs::remove_dir_all(at("r")).ok();
        copy(&at("whole"), &at("r"));
        spoil(&at("r"));
        let finished = robust(folder.path(), "report r --quiet");
        assert_eq!(finished.code, 1, "{said}");
        says(&finished, &["error: ", said]);
        let page = fs::read_to_string(at("r/report.html")).unwrap();
        assert!(page.contains(said));
        assert_eq!(page.contains(r#""detection":null"#), said.contains("detect.csv"), "{said}");
        // The command makes again what is not its own, says so where it looks like its own, and the folder is whole again.
        let finished = succeed(folder.path(), &format!("evaluate {SETS} --out r").replace(" --quiet", ""));
        let note = format!("note: bim@0.3 is made again: {said}");
        assert_eq!(finished.stderr.lines().any(|line| line == note), again, "{}", finished.stderr);
        assert_eq!(succeed(folder.path(), "report r --quiet").stderr, "");
        let [whole, found] = ["whole/evaluate.json", "r/evaluate.json"].map(|summary| json(at(summary)));
        assert_eq!((&whole["metrics"], &whole["files"]), (&found["metrics"], &found["files"]), "{said}");
    }
}

#[test]
fn scores_exchanged_between_two_folders_of_equal_shape_are_not_shown() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    succeed(folder.path(), &format!("detect {SETS} --out a"));
    succeed(folder.path(), &format!("detect {SETS} --seed 3 --offset 40 --out b"));
    fs::copy(at("b/detect.csv"), at("a/detect.csv")).unwrap();
    let finished = robust(folder.path(), "report a");
    assert_eq!(finished.code, 1);
    says(&finished, &["error: a is not whole: a/detect.csv is not the file that detect.json vouches for"]);
    // Beside a folder that is whole.
    let finished = robust(folder.path(), "report a b");
    assert_eq!((finished.code, at("report.html").exists()), (1, false));
}

#[test]
fn a_set_that_another_network_judged_is_not_taken_for_an_evaluations_own() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let own = Checkpoint::from_bytes("mnist", pretrained("mnist").unwrap()).unwrap();
    Checkpoint { parameters: Parameters::random(StyleMemorySpec::paper(10), 1), ..own }
        .write(&at("other.safetensors"))
        .unwrap();
    let set = "--method bim --epsilon 0.3 --limit 40 --quiet";
    succeed(folder.path(), &format!("attack {set} --transfer-to other.safetensors --out r/bim@0.3"));
    assert_eq!(json(at("r/bim@0.3/attack.json"))["transfer"]["to"], "other.safetensors");
    let evaluation = "evaluate --method bim --epsilon 0.3 --limit 40 --detector msp --detectors msp --quiet";
    succeed(folder.path(), &format!("{evaluation} --out r"));
    succeed(folder.path(), &format!("{evaluation} --out fresh"));
    assert_eq!(json(at("r/evaluate.json"))["metrics"], json(at("fresh/evaluate.json"))["metrics"]);
}

#[test]
fn commands_that_write_the_same_files_leave_one_summary_and_no_page_of_the_old_ones() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    succeed(folder.path(), "attack --method fgsm --limit 20 --quiet --out images");
    let mut before: Option<&str> = None;
    for (command, summary) in [
        (format!("evaluate {SETS}"), "evaluate.json"),
        (format!("detect {SETS}"), "detect.json"),
        (format!("evaluate {SETS}"), "evaluate.json"),
        ("detect --input images/adversarial.npz --quiet".to_owned(), "detect.json"),
        (format!("evaluate {SETS}"), "evaluate.json"),
    ] {
        succeed(folder.path(), &format!("{command} --out r"));
        assert!(
            at("r").join(summary).exists() && before.is_none_or(|before| !at("r").join(before).exists()),
            "{command}"
        );
        assert!(!at("r/report.html").exists(), "{command}");
        fs::write(at("r/report.html"), "of the old files").unwrap();
        before = Some(summary);
    }
    succeed(folder.path(), "attack --method fgsm --epsilon 0.1,0.3 --limit 40 --quiet --out r");
    assert!(!at("r/report.html").exists());
}

#[test]
fn a_summary_of_an_older_version_is_shown_with_a_word() {
    let folder = folder();
    let path = folder.path().join("a/attack.json");
    succeed(folder.path(), "attack --method fgsm --limit 20 --quiet --out a");
    let mut summary = json(path.clone());
    summary.as_object_mut().unwrap().remove("files");
    fs::write(&path, summary.to_string()).unwrap();
    // Images of that version are another test's.
    fs::remove_file(folder.path().join("a/adversarial.npz")).unwrap();
    let finished = succeed(folder.path(), "report a");
    says(&finished, &["note: a: a/attack.json does not say which files it belongs to"]);
    // To see what is missing is no fault, and no figure is wrong for it.
    succeed(folder.path(), "attack --method fgsm --limit 20 --quiet --out a");
    fs::remove_file(folder.path().join("a/adversarial.npz")).unwrap();
    says(&succeed(folder.path(), "report a"), &["note: a: a/attack.json vouches for adversarial.npz, missing now"]);
}
