//! Shards of `attack`, `detect` and `evaluate`, merged: the bytes of the run in one piece, or one line that says why not.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::command::{folder, json, robust, succeed};
use crate::digits::{in_turns, write_digits};
use crate::running::names;

const ATTACKS: &str = "--method noise,fgsm,bim,pgd,mi-fgsm,apgd,square,blur --steps 2 --queries 12 --epsilon 0.2";
const ADAPTIVE: &str =
    "--method noise,pgd,selective-pgd --steps 2 --epsilon 0.1,0.2 --detectors msp,alternative,combined";

/// Runs the command whole, and dealt to so many shards whose reports are merged; expects the same files, but for times.
fn expect_the_same(folder: &Path, command: &str, shards: &[usize]) {
    succeed(folder, &format!("{command} --out whole --quiet"));
    for &count in shards {
        let parts = (1..=count).map(|number| format!("{count}/{number}")).collect::<Vec<_>>();
        for (number, part) in (1..).zip(&parts) {
            succeed(folder, &format!("{command} --shard {number}/{count} --out {part} --quiet"));
        }
        // In any order.
        let parts = parts.into_iter().rev().collect::<Vec<_>>().join(" ");
        let merged = format!("merged-{count}");
        let told = succeed(folder, &format!("merge {parts} --out {merged} --quiet"));
        assert!(told.stdout.contains(&merged) && told.stderr.is_empty(), "{}{}", told.stdout, told.stderr);
        expect_same_files(&folder.join("whole"), &folder.join(&merged));
    }
}

fn expect_same_files(whole: &Path, merged: &Path) {
    assert_eq!(names(whole), names(merged));
    for name in names(whole).into_iter().filter(|name| whole.join(name).is_file()) {
        let [a, b] = [whole, merged].map(|folder| fs::read(folder.join(&name)).unwrap());
        if !name.ends_with(".json") {
            assert!(a == b, "{name} of {} differs", merged.display());
            continue;
        }
        let lines = |bytes: Vec<u8>| -> Vec<String> {
            let text = String::from_utf8(bytes).unwrap();
            let is_time = |line: &&str| line.contains("\"seconds\":") || line.contains("\"images_per_second\":");
            text.lines().filter(|line| !is_time(line)).map(str::to_owned).collect()
        };
        assert_eq!(lines(a), lines(b), "{name} of {}", merged.display());
    }
}

#[test]
fn a_merged_attack_has_the_bytes_of_a_whole_one_however_it_was_dealt() {
    let folder = folder();
    expect_the_same(folder.path(), &format!("attack {ATTACKS} --limit 70"), &[1, 2, 3, 7, 64]);
}

#[test]
fn shards_may_be_more_than_images_and_a_set_may_be_the_only_one() {
    let folder = folder();
    let only = "attack --method square --queries 20 --target random --transfer-to mnist --offset 11 --limit 4 --seed 3";
    expect_the_same(folder.path(), only, &[6]);
    let summary = json(folder.path().join("6/5/attack.json"));
    assert_eq!((&summary["shard"], &summary["n"], &summary["images"]), (&"5/6".into(), &0.into(), &0.into()));
}

#[test]
fn a_merged_detection_has_the_bytes_of_a_whole_one() {
    let folder = folder();
    expect_the_same(folder.path(), &format!("detect {ADAPTIVE} --ambiguous --shifts --limit 70"), &[3]);
}

#[test]
fn a_merged_evaluation_has_the_bytes_of_a_whole_one() {
    let folder = folder();
    expect_the_same(folder.path(), &format!("evaluate {ADAPTIVE} --ambiguous --limit 70"), &[3]);
}

#[test]
fn an_evaluation_of_fewer_images_than_shards_and_of_images_from_elsewhere_is_merged_too() {
    let folder = folder();
    write_digits(&folder.path().join("digits"), "train", &in_turns(300, 10));
    write_digits(&folder.path().join("digits"), "t10k", &in_turns(40, 10));
    // Inverted, so that thresholds do not fit and validation images are looked at.
    let images = folder.path().join("digits/t10k-images-idx3-ubyte");
    let mut bytes = fs::read(&images).unwrap();
    bytes[16..].iter_mut().for_each(|pixel| *pixel = 255 - *pixel);
    fs::write(&images, bytes).unwrap();
    let elsewhere =
        "--method fgsm --epsilon 0.1 --dataset digits --model mnist --detector msp --detectors msp,combined";
    expect_the_same(folder.path(), &format!("evaluate {elsewhere}"), &[3]);
    let remarks = fs::read_to_string(folder.path().join("merged-3/evaluate.json")).unwrap();
    assert!(remarks.contains("of the validation images"), "the first shard looked at validation images: {remarks}");
    let few = folder.path().join("few");
    fs::create_dir(&few).unwrap();
    expect_the_same(&few, "evaluate --method fgsm --epsilon 0.2 --limit 3 --detectors msp --detector msp", &[5]);
    let fewer = folder.path().join("fewer");
    fs::create_dir(&fewer).unwrap();
    expect_the_same(&fewer, "detect --method fgsm --epsilon 0.2 --spread 3 --detectors msp --detector msp", &[5]);
}

#[test]
fn shards_that_do_not_belong_together_are_told_in_one_line_and_nothing_is_written() {
    let folder = folder();
    let folder = folder.path();
    let attack = "attack --method fgsm,bim --steps 2 --epsilon 0.2 --limit 9 --quiet";
    for number in 1..=3 {
        succeed(folder, &format!("{attack} --shard {number}/3 --out {number}"));
    }
    succeed(folder, &format!("{attack} --shard 2/3 --seed 5 --out seed"));
    succeed(folder, &format!("{} --shard 2/3 --out steps", attack.replace("--steps 2", "--steps 3")));
    succeed(folder, &format!("{attack} --offset 9 --shard 2/3 --out offset"));
    succeed(folder, &format!("{attack} --shard 2/4 --out four"));
    succeed(folder, &format!("{attack} --out whole"));
    succeed(folder, "detect --method fgsm --epsilon 0.2 --limit 9 --shard 2/3 --out detect --quiet");
    let changed = |name: &str, change: &dyn Fn(&Path)| {
        copy(&folder.join("2"), &folder.join(name));
        change(&folder.join(name));
    };
    let in_summary = |from: &'static str, to: &'static str| {
        move |folder: &Path| {
            let text = fs::read_to_string(folder.join("shard.json")).unwrap();
            assert!(text.contains(from), "{text}");
            fs::write(folder.join("shard.json"), text.replace(from, to)).unwrap();
        }
    };
    let cut = |name: &'static str| {
        move |folder: &Path| {
            let bytes = fs::read(folder.join(name)).unwrap();
            fs::write(folder.join(name), &bytes[..bytes.len() - 7]).unwrap();
        }
    };
    let version = concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"");
    changed("version", &in_summary(version, "\"version\": \"0.0.9\""));
    changed("path", &in_summary("\"bim@0.2\"", "\"../bim@0.2\""));
    changed("crowd", &in_summary("\"shard\": \"2/3\"", "\"shard\": \"2/1000000000000000\""));
    changed("many", &in_summary("\"images\": 3", "\"images\": 1000000000000000"));
    changed("truncated", &cut("bim@0.2/adversarial.npz"));
    changed("cut", &cut("shard.json"));
    changed("gone", &|folder| fs::remove_file(folder.join("fgsm@0.2/attack.csv")).unwrap());
    changed("unfinished", &|folder| fs::remove_file(folder.join("shard.json")).unwrap());
    changed("isa", &|folder| {
        let text = fs::read_to_string(folder.join("shard.json")).unwrap();
        let start = text.find("\"instruction_sets\": [").unwrap();
        let end = start + text[start..].find(']').unwrap();
        fs::write(
            folder.join("shard.json"),
            format!("{}\"instruction_sets\": [\"other\"{}", &text[..start], &text[end..]),
        )
        .unwrap();
    });
    for (shards, code, parts) in [
        ("1 seed 3", 1, &["seed was made with seed 5, not 0 as in 1"][..]),
        ("1 steps 3", 1, &["steps was made with", "settings of bim@0.2"]),
        ("1 offset 3", 1, &["offset was made with offset 9, not 0 as in 1"]),
        ("1 four 3", 1, &["four was made with shards 4, not 3 as in 1"]),
        ("1 detect 3", 1, &["detect was made with command \"detect\", not \"attack\" as in 1"]),
        ("1 version 3", 1, &["version was made by robust 0.0.9", "merge with the version"]),
        ("1 truncated 3", 1, &["truncated/bim@0.2/adversarial.npz is not the file that shard.json vouches for"]),
        ("1 crowd 3", 1, &["crowd/shard.json: not what `robust` writes", "at most 1000000 shards"]),
        ("1 many 3", 1, &["many: with its 1000000000000000 images there are more than"]),
        ("1 cut 3", 1, &["cut/shard.json: not what `robust` writes"]),
        ("1 gone 3", 1, &["gone/fgsm@0.2/attack.csv is missing"]),
        ("1 path 3", 1, &["'../bim@0.2' is not the name of a set"]),
        ("1 unfinished 3", 1, &["unfinished has no shard.json"]),
        ("1 whole 3", 1, &["whole has no shard.json: it is no shard"]),
        ("1 nowhere 3", 1, &["nowhere is no folder"]),
        ("1 2 3 2", 1, &["2 and 2 are both shard 2/3"]),
        ("1 3", 1, &["shard 2 of 3 is missing"]),
        ("3", 1, &["shards 1, 2 of 3 are missing"]),
        ("1 isa 3", 1, &["computed with", "other (isa)", "--mixed"]),
        ("1 2 3 --out 3", 2, &["--out 3 is one of the shards"]),
        ("", 2, &["<DIR>"]),
    ] {
        let before = names(folder);
        let out = if shards.contains("--out") { "" } else { "--out merged" };
        let finished = robust(folder, &format!("merge {shards} {out}"));
        assert_eq!(finished.code, code, "{shards}: {}", finished.stderr);
        assert_eq!(finished.stderr.lines().count(), 1, "{shards}: {}", finished.stderr);
        for part in parts {
            assert!(finished.stderr.contains(part), "{shards}: {}", finished.stderr);
        }
        assert!(finished.stdout.is_empty() && names(folder) == before, "{shards} wrote something");
    }
    let mixed = succeed(folder, "merge 1 isa 3 --mixed --out mixed");
    assert!(mixed.stderr.contains("other, whose bits differ"), "{}", mixed.stderr);
    let named = json(folder.join("mixed/bim@0.2/attack.json"))["instruction_sets"].clone();
    assert!(named.as_array().unwrap().len() == 2 && named.as_array().unwrap().contains(&"other".into()), "{named}");
}

/// Runs `robust` where a scheduler has set these variables.
fn scheduled(folder: &Path, variables: &[(&str, &str)], arguments: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_robust"));
    command.args(arguments.split_whitespace()).current_dir(folder).envs(variables.iter().copied());
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn one_instruction_set_can_be_asked_for() {
    let folder = folder();
    let folder = folder.path();
    let attack = |isa, arguments: &str| {
        let arguments = format!("attack --method fgsm --epsilon 0.2 --limit 4 {arguments}");
        scheduled(folder, &[("ROBUST_ISA", isa)], &arguments)
    };
    for number in [1, 2] {
        let (code, error) = attack("portable", &format!("--shard {number}/2 --out {number} --quiet"));
        assert_eq!(code, 0, "{error}");
        let by = json(folder.join(format!("{number}/shard.json")))["run"]["instruction_sets"].clone();
        assert_eq!(by, serde_json::json!(["portable"]));
    }
    succeed(folder, "merge 1 2 --out merged");
    let (code, error) = attack("quick", "--out refused");
    assert!(code == 2 && error.lines().count() == 1, "{error}");
    assert!(error.contains("ROBUST_ISA is \"quick\"; this machine has") && !folder.join("refused").exists(), "{error}");
}

#[test]
fn a_scheduler_is_asked_only_by_those_who_say_auto() {
    let folder = folder();
    let folder = folder.path();
    let slurm = |id| {
        let names = ["ID", "MIN", "MAX", "STEP", "COUNT"].map(|name| format!("SLURM_ARRAY_TASK_{name}"));
        names.into_iter().zip([id, "1", "8", "1", "8"]).collect::<Vec<_>>()
    };
    let run = |variables: &[(String, &str)], more: &str| {
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        scheduled(folder, &variables, &format!("attack --method fgsm --limit 10 --quiet {more}"))
    };
    let shard = |out: &str| json(folder.join(out).join("attack.json"))["shard"].clone();
    let index = [("JOB_COMPLETION_INDEX".to_owned(), "0")];
    for (variables, more, expected, images) in [
        (slurm("3"), "--shard auto --out a", Some("3/8"), 1),
        (slurm("8"), "--shard auto/8 --out b", Some("8/8"), 1),
        (index.to_vec(), "--shard auto/8 --out c", Some("1/8"), 2),
        (slurm("3"), "--out d", None, 10),
        (index.to_vec(), "--out e", None, 10),
    ] {
        assert_eq!(run(&variables, more), (0, String::new()), "{more}");
        let out = more.rsplit(' ').next().unwrap();
        assert_eq!(shard(out).as_str(), expected, "{more}");
        assert_eq!(json(folder.join(out).join("attack.json"))["n"], images, "{more}");
    }
    for (variables, more, part) in [
        (slurm("3"), "--shard auto/7", "--shard auto/7: the Slurm array has 8 tasks"),
        (slurm("9"), "--shard auto", "leaves gaps"),
        (index.to_vec(), "--shard auto", "says which shard this is and nothing of how many"),
        (Vec::new(), "--shard auto", "neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set"),
        (Vec::new(), "--shard 8/7", "expected I/N with I from 1 to N"),
    ] {
        let (code, told) = run(&variables, more);
        assert!(code == 2 && told.contains(part) && told.lines().count() == 1, "{more}: {code} {told}");
    }
    let input = robust(folder, "detect --input x.png --shard 1/2");
    assert!(input.code == 2 && input.stderr.contains("--shard"), "{}", input.stderr);
}

#[test]
fn a_shard_goes_on_where_it_stopped_and_is_not_taken_for_another() {
    let folder = folder();
    let run = |more: &str| {
        let told =
            succeed(folder.path(), &format!("evaluate --method fgsm,bim --steps 2 --epsilon 0.2 --limit 8 {more}"));
        told.stderr.lines().filter(|line| line.contains(" made in ")).count()
    };
    assert_eq!(run("--shard 1/2"), 2);
    assert_eq!(run("--shard 1/2"), 0, "finished sets are kept");
    fs::remove_file(folder.path().join("reports/bim@0.2/attack.json")).unwrap();
    assert_eq!(run("--shard 1/2"), 1);
    assert_eq!(run("--shard 2/2"), 2, "as many other images");
    assert!(folder.path().join("reports/shard.json").exists());
    assert_eq!(run(""), 2);
    assert!(!folder.path().join("reports/shard.json").exists(), "the folder is no shard any more");
}

#[test]
#[cfg(target_os = "linux")]
fn threads_are_those_that_the_system_grants() {
    let folder = folder();
    let told = Command::new("taskset")
        .args(["-c", "0", env!("CARGO_BIN_EXE_robust"), "attack", "--method", "fgsm", "--limit", "4", "--quiet"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .status();
    // Of util-linux, which a small container may lack.
    if told.is_ok_and(|status| status.success()) {
        assert_eq!(json(folder.path().join("reports/attack.json"))["threads"], 1);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}
