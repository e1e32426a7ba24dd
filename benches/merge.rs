//! `cargo bench --bench merge -- IMAGES SETS`: simulates an evaluation (10,000 images in 100 sets with two detectors, unless said), deals it to 10,
//! 100 and 1,000 shards, merges each, and prints how long that took and the most memory that it held. All three must leave the same bytes.
//!
//! The files are simulated and not attacked for: a real evaluation of two images says what `shard.json` holds, and rows and images are made up.

mod runs;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use robust_data::{npz, sha256};
use runs::{contents, say};
use serde_json::{Map, Value, json};

const DEALS: [usize; 3] = [10, 100, 1000];
const PIXELS: usize = 784;
const ROBUST: &str = env!("CARGO_BIN_EXE_robust");

fn main() -> ExitCode {
    let given: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let images = given.first().copied().unwrap_or(10_000);
    let sets = given.get(1).copied().unwrap_or(100);
    match measure(images, sets) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn measure(images: usize, sets: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let template = template(folder.path(), sets)?;
    say(&format!("{images} images in {sets} sets, two detectors"));
    say("shards  seconds  most memory, MiB");
    let mut first = None;
    for count in DEALS {
        let dealt = folder.path().join("dealt");
        for number in 1..=count {
            write_shard(&dealt.join(number.to_string()), &template, (number, count), images)?;
        }
        let start = Instant::now();
        let most = merge(&dealt, &folder.path().join("merged"))?;
        say(&format!("{count:>6}  {:>7.1}  {most:>16}", start.elapsed().as_secs_f64()));
        let hashes = hashes(&folder.path().join("merged"))?;
        let first = first.get_or_insert_with(|| hashes.clone());
        ensure!(*first == hashes, "{count} shards are merged to other bytes than {}", DEALS[0]);
        fs::remove_dir_all(&dealt)?;
        fs::remove_dir_all(folder.path().join("merged"))?;
    }
    Ok(())
}

/// What a real shard of so many sets says, and the header of its `detect.csv`.
struct Template {
    summary: Map<String, Value>,
    header: String,
    sets: Vec<String>,
}

fn template(folder: &Path, sets: usize) -> Result<Template> {
    let epsilons = (1..=sets).map(|set| (set as f64 / 1000.0).to_string()).collect::<Vec<_>>().join(",");
    let flags = "--method noise --detectors msp,entropy --detector msp --limit 2 --shard 1/1 --quiet --out template";
    let done = Command::new(ROBUST)
        .arg("evaluate")
        .args(flags.split(' '))
        .args(["--epsilon", &epsilons])
        .current_dir(folder)
        .stdout(Stdio::null())
        .status()?;
    ensure!(done.success(), "the evaluation that the simulation begins with failed");
    let summary: Map<String, Value> = serde_json::from_slice(&fs::read(folder.join("template/shard.json"))?)?;
    let table = fs::read_to_string(folder.join("template/detect.csv"))?;
    let made = summary["sets"].as_array().context("no sets")?.iter();
    let sets = made.filter_map(|set| Some(set["made"]["set"].as_str()?.to_owned())).collect();
    Ok(Template { header: table.lines().next().context("no header")?.to_owned(), summary, sets })
}

fn write_shard(folder: &Path, template: &Template, (number, count): (usize, usize), images: usize) -> Result<()> {
    let own: Vec<usize> = (number - 1..images).step_by(count).collect();
    let mut files = Map::new();
    let mut write = |name: &str, bytes: Vec<u8>| -> Result<()> {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().context("no folder")?)?;
        files.insert(name.to_owned(), sha256(&bytes).into());
        Ok(fs::write(path, bytes)?)
    };
    write("clean.npz", archive("x", &own, 0)?)?;
    let mut seen = format!("{}\n", template.header);
    rows_seen(&mut seen, "clean", &own, 0, "")?;
    for (set, name) in (1..).zip(&template.sets) {
        write(&format!("{name}/adversarial.npz"), archive("x_adv", &own, set)?)?;
        write(&format!("{name}/attack.csv"), rows_attacked(&own, set)?.into_bytes())?;
        rows_seen(&mut seen, name, &own, set, "succeeded")?;
    }
    write("detect.csv", seen.into_bytes())?;
    let mut summary = template.summary.clone();
    summary["run"]["shard"] = json!(format!("{number}/{count}"));
    summary["run"]["images"] = json!(own.len());
    summary.insert("files".to_owned(), files.into());
    Ok(fs::write(folder.join("shard.json"), serde_json::to_vec(&summary)?)?)
}

/// Images of which few pixels are ink.
fn archive(key: &str, own: &[usize], set: usize) -> Result<Vec<u8>> {
    let pixel = |image: usize, at: usize| if (image * 31 + set * 7 + at * 13).is_multiple_of(97) { 0.5 } else { 0.0 };
    let pixels: Vec<f32> = own.iter().flat_map(|&image| (0..PIXELS).map(move |at| pixel(image, at))).collect();
    let mut npz = npz::Writer::new(Vec::new());
    npz.array(key, &[own.len(), 1, 28, 28], &pixels)?;
    Ok(npz.finish()?)
}

fn rows_attacked(own: &[usize], set: usize) -> Result<String> {
    let mut rows = "index,label,clean_prediction,clean_confidence,adversarial_prediction,adversarial_confidence,status,linf,l2,l0,target,queries\n".to_owned();
    for &image in own {
        let (label, l2) = (image % 10, (image % 101 + set) as f64 / 64.0);
        writeln!(rows, "{image},{label},{label},0.75,{},0.5,succeeded,0.1,{l2},{},,3", (label + 1) % 10, image % 784)?;
    }
    Ok(rows)
}

/// `set,index,label,prediction,confidence,score,flagged,error_predicted,error_alternative,alternative_label,status,corrected_label`, two scores, two
/// corrected labels.
fn rows_seen(rows: &mut String, set_name: &str, own: &[usize], set: usize, status: &str) -> Result<()> {
    for &image in own {
        let (label, shift) = (image % 10, usize::from(set > 0));
        // Hardly two alike, as real ones are.
        let mixed = |odd: u64| (((image * 128 + set) as u64 * odd) >> 8) as u32 % (1 << 24);
        let scores = [2_654_435_761, 2_246_822_519].map(|odd| mixed(odd) as f32 / 1024.0);
        let (prediction, [first, second]) = ((label + shift) % 10, scores);
        writeln!(
            rows,
            "{set_name},{image},{label},{prediction},0.5,{first},false,10.5,20.25,{},{status},{label},{first},{second},{label},{label}",
            (label + 2) % 10
        )?;
    }
    Ok(())
}

/// Merges, and watches how much memory that takes, in MiB.
fn merge(dealt: &Path, out: &Path) -> Result<u64> {
    let shards = fs::read_dir(dealt)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut child = Command::new(ROBUST)
        .arg("merge")
        .args(shards)
        .arg("--out")
        .arg(out)
        .arg("--quiet")
        .stdout(Stdio::null())
        .spawn()?;
    let mut most = 0;
    loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let held = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
        most = most.max(held.unwrap_or(0));
        if let Some(status) = child.try_wait()? {
            ensure!(status.success(), "the merge failed");
            return Ok(most / 1024);
        }
        sleep(Duration::from_millis(20));
    }
}

/// The hash of every file, of summaries without their times.
fn hashes(folder: &Path) -> Result<BTreeMap<PathBuf, String>> {
    Ok(contents(folder)?.into_iter().map(|(name, bytes)| (name, sha256(&bytes))).collect())
}
