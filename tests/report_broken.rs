//! `robust report` on files that are not what they should be: exit 0 or 1, one line, no panic; and on places where no page may go.

use std::fs;
use std::path::{Path, PathBuf};

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use robust_attacks::random::stream;
use robust_data::sha256;
use serde_json::Value;

use crate::command::{folder, robust, succeed};

/// A `detect.csv` of one detector made by hand, below this header.
const HEADER: &str = "set,index,label,prediction,confidence,score,flagged,error_predicted,error_alternative,alternative_label,status,corrected_label,score_a";
const SUMMARY: &str = r#"{"detector":"a","thresholds":{"a":0.5},"sets":[{"set":"x@1"}]}"#;

fn row(set: &str, index: &str, label: &str, prediction: &str, status: &str, score: &str) -> String {
    format!("{set},{index},{label},{prediction},0.9,{score},true,1,2,3,{status},1,{score}\n")
}

#[test]
fn rows_that_do_not_go_together_are_named() {
    let clean = row("clean", "0", "1", "1", "", "0.1") + &row("clean", "1", "2", "2", "", "0.2");
    let attacked = row("x@1", "0", "1", "3", "succeeded", "0.7") + &row("x@1", "1", "2", "2", "failed", "0.3");
    let whole = format!("{HEADER}\n{clean}{attacked}");
    let with = |rows: &str| format!("{HEADER}\n{clean}{rows}");
    let without_scores: String = whole.lines().map(|line| format!("{}\n", line.rsplit_once(',').unwrap().0)).collect();
    let folder = folder();
    let report = |content: &[u8]| {
        fs::create_dir_all(folder.path().join("made")).unwrap();
        fs::write(folder.path().join("made/detect.csv"), content).unwrap();
        fs::write(folder.path().join("made/detect.json"), SUMMARY).unwrap();
        robust(folder.path(), "report made")
    };
    for (content, found) in [
        (without_scores, "no column score_<id>"),
        (format!("{HEADER}\n"), "no rows"),
        (String::new(), "no column set"),
        (with(&row("x@1", "0", "1", "3", "succeeded", "0.7")), "other images in set x@1"),
        (with(&row("ambiguous", "0", "", "3", "", "0.7")), "other images in set ambiguous"),
        (with(&(attacked.clone() + &clean)), "rows of set clean in two places"),
        (whole.replace("x@1,1,2,", "x@1,1,,"), "1 labels for 2 images of set x@1"),
        (whole.replace("failed", ""), "1 of 2 images of set x@1"),
        (whole.replace("failed", "half"), "status 'half' in line 5, expected succeeded, failed or skipped"),
        (whole.replace("x@1,1,2,2", "x@1,1,2,70000"), "prediction '70000' in line 5, expected a class from 0 to 65535"),
        (whole.replace("x@1,1,2,2", "x@1,-1,2,2"), "index '-1' in line 5, expected a whole number of at least 0"),
        (whole.replace("0.3\n", "x\n"), "score_a 'x' in line 5, expected a number"),
        (whole.replace(",score_a", ",score"), "two columns score"),
        (whole.replace(',', ";"), "semicolons between columns, expected"),
        (whole.replace(',', "\t"), "tabs between columns, expected"),
        (format!("{whole}x@1,1\n"), "found record with 2 fields"),
    ] {
        let finished = report(content.as_bytes());
        assert_eq!((finished.code, finished.stderr.lines().count()), (1, 1), "{found}: {}", finished.stderr);
        assert!(finished.stderr.starts_with("error: made/detect.csv: "), "{}", finished.stderr);
        assert!(finished.stderr.contains(found), "no '{found}' in {}", finished.stderr);
        assert!(!folder.path().join("made/report.html").exists(), "{found}");
    }
    for content in [whole.clone(), whole.replace('\n', "\r\n"), format!("\u{feff}{whole}")] {
        assert_eq!(report(content.as_bytes()).code, 0, "line ends and a byte order mark change nothing");
    }
}

#[test]
fn a_page_takes_the_place_of_a_page_or_of_nothing() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("run")).unwrap();
    let history = "epoch,loss,validation_accuracy\n1,0.5,0.9\n";
    fs::write(at("run/train.csv"), history).unwrap();
    fs::write(at("empty.html"), "").unwrap();
    succeed(folder.path(), "report run --out page.html");
    succeed(folder.path(), "report run --out page.html");
    succeed(folder.path(), "report run --out empty.html");
    assert!(fs::metadata(at("empty.html")).unwrap().len() > 1000);
    for (out, code, parts) in [
        ("run/train.csv", 2, ["run/train.csv", "no HTML page"]),
        ("run", 1, ["run", "a folder"]),
        ("run/train.csv/page.html", 1, ["run/train.csv/page.html", "--out"]),
    ] {
        refuse(folder.path(), &format!("report run --out {out}"), code, &parts);
    }
    assert_eq!(fs::read_to_string(at("run/train.csv")).unwrap(), history);
}

#[cfg(unix)]
#[test]
fn links_stay_and_devices_and_pipes_are_refused() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    use std::process::Command;

    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    for name in ["run", "elsewhere"] {
        fs::create_dir(at(name)).unwrap();
    }
    fs::write(at("run/train.csv"), "epoch,loss,validation_accuracy\n1,0.5,0.9\n").unwrap();
    symlink("elsewhere/page.html", at("link.html")).unwrap();
    symlink("run/train.csv", at("input.html")).unwrap();
    symlink("/dev/null", at("null.html")).unwrap();
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    for _ in 0..2 {
        succeed(folder.path(), "report run --out link.html");
        assert!(fs::symlink_metadata(at("link.html")).unwrap().is_symlink());
        assert!(fs::read_to_string(at("elsewhere/page.html")).unwrap().starts_with("<!doctype html>"));
    }
    for (out, code, found) in [
        ("null.html", 1, "a device"),
        ("/dev/null", 1, "a device"),
        ("/dev/stdout", 1, "/dev/stdout"),
        ("pipe", 1, "a named pipe"),
        ("input.html", 2, "no HTML page"),
    ] {
        refuse(folder.path(), &format!("report run --out {out}"), code, &[found]);
    }
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    assert!(fs::metadata(at("pipe")).unwrap().file_type().is_fifo());

    // The files of a folder are no different.
    symlink("../elsewhere/attack.csv", at("run/attack.csv")).unwrap();
    succeed(folder.path(), "attack --method fgsm --limit 3 --quiet --out run");
    assert!(fs::symlink_metadata(at("run/attack.csv")).unwrap().is_symlink());
    assert!(fs::read_to_string(at("elsewhere/attack.csv")).unwrap().starts_with("index,label,"));
    for out in ["/dev/null", "pipe", "run/train.csv"] {
        refuse(folder.path(), &format!("attack --method fgsm --limit 3 --out {out}"), 1, &[out, "--out"]);
    }
}

#[test]
fn claims_are_not_written_over_those_that_stand_beside_them() {
    let folder = folder();
    fs::create_dir(folder.path().join("reports")).unwrap();
    fs::write(folder.path().join("reports/claims.json"), "{}").unwrap();
    let flags = "figures --claims --limit 20 --quiet --beside";
    refuse(folder.path(), &format!("{flags} reports/claims.json"), 2, &["--beside reports/claims.json", "--out"]);
    refuse(folder.path(), &format!("{flags} reports/../reports/claims.json"), 2, &["--beside", "--out"]);
    refuse(folder.path(), &format!("{flags} other.json reports/claims.json"), 2, &["--beside reports/claims.json"]);
    assert_eq!(fs::read_to_string(folder.path().join("reports/claims.json")).unwrap(), "{}");
}

/// Runs a command that must fail in one line with these parts.
fn refuse(folder: &Path, arguments: &str, code: i32, parts: &[&str]) {
    let finished = robust(folder, arguments);
    assert_eq!((finished.code, finished.stderr.lines().count()), (code, 1), "{arguments}: {}", finished.stderr);
    assert!(finished.stderr.starts_with("error: "), "{arguments}: {}", finished.stderr);
    for part in parts {
        assert!(finished.stderr.contains(part), "{arguments}: no '{part}' in {}", finished.stderr);
    }
}

/// Folders of every kind that a report is made of.
fn make_folders(folder: &Path) -> [&'static str; 3] {
    succeed(folder, "attack --method fgsm,noise --epsilon 0.2 --limit 12 --quiet --out detected");
    succeed(folder, "detect --method fgsm,noise --epsilon 0.2 --limit 12 --quiet --ambiguous --out detected");
    let evaluated = "evaluate --method fgsm,noise --epsilon 0.2 --limit 12 --quiet --detectors msp,combined";
    succeed(folder, &format!("{evaluated} --out evaluated"));
    let history = "epoch,learning_rate,loss,validation_accuracy\n1,0.001,2.5,0.95\n2,0.001,1.5,0.97\n";
    fs::write(folder.join("detected/train.csv"), history).unwrap();
    let input = "detected/fgsm@0.2/adversarial.npz";
    succeed(folder, &format!("detect --input {input} --quiet --out screened"));
    ["detected", "evaluated", "screened"]
}

/// Lets the summaries in a folder vouch for the files as they are now: a changed file would else be told by its hash, unread.
fn vouch(folder: &Path) {
    for path in files(folder).into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
        let Ok(Value::Object(mut summary)) = serde_json::from_slice(&fs::read(&path).unwrap()) else { continue };
        let Some(Value::Object(vouched)) = summary.get_mut("files") else { continue };
        for (name, hash) in vouched {
            if let Ok(bytes) = fs::read(path.parent().unwrap().join(name)) {
                *hash = sha256(&bytes).into();
            }
        }
        fs::write(&path, Value::Object(summary).to_string()).unwrap();
    }
}

/// All files in a folder and in those inside it, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The file as something went wrong with it; none if it is gone.
fn mutated(bytes: &[u8], rng: &mut ChaCha8Rng) -> Option<Vec<u8>> {
    const ODD: [&str; 12] = [
        "",
        "-1",
        "300",
        "70000",
        "1e400",
        "-1e400",
        "NaN",
        "99999999999999999999",
        "0x10",
        "\"",
        "\u{1b}[31m",
        "null",
    ];
    let mut bytes = bytes.to_vec();
    let at = rng.random_range(0..=bytes.len());
    match rng.random_range(0..9) {
        0 => return None,
        1 => bytes.clear(),
        2 => bytes.truncate(at),
        3 => bytes.extend_from_within(at..),
        4 => {
            for _ in 0..rng.random_range(1..16) {
                if let Some(position) = bytes.len().checked_sub(1) {
                    bytes[rng.random_range(0..=position)] = rng.random();
                }
            }
        }
        // Two columns, or two entries, that have changed their places in one line.
        5 => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
            let line = rng.random_range(0..lines.len().min(3));
            let mut fields: Vec<&str> = lines[line].split(',').collect();
            let (from, to) = (rng.random_range(0..fields.len()), rng.random_range(0..fields.len()));
            fields.swap(from, to);
            lines[line] = fields.join(",");
            bytes = lines.join("\n").into_bytes();
        }
        // Other numbers, here and there.
        6 | 7 => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let mut fields: Vec<&str> = text.split_inclusive([',', '\n', ':']).collect();
            for _ in 0..rng.random_range(1..4) {
                let field = rng.random_range(0..fields.len());
                fields[field] = ODD.choose(rng).unwrap();
            }
            bytes = fields.concat().into_bytes();
        }
        _ => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            lines.remove(rng.random_range(0..lines.len()));
            bytes = lines.concat().into_bytes();
        }
    }
    Some(bytes)
}

#[test]
fn no_broken_file_makes_more_of_it_than_a_line() {
    const MUTATIONS: u64 = 200;
    let folder = folder();
    let names = make_folders(folder.path());
    let all: Vec<PathBuf> = names.iter().flat_map(|name| files(&folder.path().join(name))).collect();
    let is_read =
        |path: &&PathBuf| path.extension().is_some_and(|ending| ["csv", "json", "npz"].iter().any(|e| ending == *e));
    let all: Vec<&PathBuf> = all.iter().filter(is_read).collect();
    let (mut made, mut refused) = (0, 0);
    for number in 0..MUTATIONS {
        let mut rng = stream(5, "mutation", &[number]);
        let path = all[number as usize % all.len()];
        let whole = fs::read(path).unwrap();
        match mutated(&whole, &mut rng) {
            Some(bytes) => fs::write(path, bytes).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
        let name = path.strip_prefix(folder.path()).unwrap();
        let run = name.components().next().unwrap().as_os_str().to_str().unwrap();
        vouch(&folder.path().join(run));
        let finished = robust(folder.path(), &format!("report {run} --quiet --out page.html"));
        let told = format!("mutation {number} of {}: exit {}, {}", name.display(), finished.code, finished.stderr);
        match finished.code {
            0 => assert_eq!(finished.stderr, "", "{told}"),
            1 => assert!(finished.stderr.starts_with("error: ") && finished.stderr.lines().count() == 1, "{told}"),
            _ => panic!("{told}"),
        }
        made += usize::from(finished.code == 0);
        refused += usize::from(finished.code == 1);
        fs::write(path, whole).unwrap();
        vouch(&folder.path().join(run));
    }
    // Neither every file is read past, nor every one refused.
    assert!(made > 20 && refused > 20, "{made} pages and {refused} refusals");
}
