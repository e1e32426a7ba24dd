//! `cargo bench --bench kills -- N`: kills `train`, `attack`, `detect` and `evaluate` N times each (25 unless said), runs the same command
//! again (`train` with --resume), and compares every file with those of a run that nobody disturbed: the same bytes, but for the times in
//! summaries, and nothing else left behind.
//!
//! Every second kill comes while a file is being written: it waits for a temporary file and counts only if that is left behind. The
//! others come anywhere. Half of the runs begin in an empty folder, half in that of a finished run with another seed.
//!
//! `train` learns from a folder of few images: what is killed is the writing, and not the hour before it.

mod few;
mod runs;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use few::write_few;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use runs::{contents, say};

const COMMANDS: [(&str, &str); 4] = [
    ("train", "--epochs 3 --batch-size 50"),
    ("attack", "--method fgsm,bim,pgd --epsilon 0.1,0.3 --limit 400"),
    ("detect", "--method fgsm,bim,pgd --epsilon 0.1,0.3 --limit 200"),
    ("evaluate", "--method fgsm,bim,pgd --epsilon 0.1,0.3 --limit 200"),
];
/// The folder that runs write to, as seen from where they run.
const OUT: &str = "out";
/// Images that `train` learns from, and is calibrated on.
const FEW: usize = 600;
/// What tells a temporary file.
const TEMPORARY: &str = ".tmp-robust-";
/// A kill that comes too late is tried again so often.
const TRIES: usize = 50;

/// What became of the kills of a command.
#[derive(Default)]
struct Counts {
    anywhere: usize,
    while_writing: usize,
    /// Kills that came too late, for the run or for the file that they were to meet in the making; they do not count and are repeated.
    missed: usize,
    /// Temporary files that the kills left, which the runs after them removed.
    left: usize,
    same: usize,
}

fn main() -> ExitCode {
    let kills = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(25);
    let mut all_same = true;
    let few = match write_images() {
        Ok(few) => few,
        Err(error) => {
            say(&format!("the images that train learns from cannot be written: {error:#}"));
            return ExitCode::FAILURE;
        }
    };
    say("command    kills  while a file was written  files left by kills  missed, repeated  same bytes  minutes");
    for (command, flags) in COMMANDS {
        let start = Instant::now();
        let dataset = if command == "train" { few.path().to_string_lossy() } else { "mnist".into() };
        match kill(command, &format!("{flags} --dataset {dataset}"), kills) {
            Ok(Counts { anywhere, while_writing, missed, left, same }) => {
                all_same &= same == kills;
                let minutes = start.elapsed().as_secs_f64() / 60.0;
                let done = anywhere + while_writing;
                say(&format!(
                    "{command:<9}  {done:>5}  {while_writing:>24}  {left:>19}  {missed:>16}  {same:>10}  {minutes:>7.1}"
                ));
            }
            Err(error) => {
                all_same = false;
                say(&format!("{command:<9}  {error:#}"));
            }
        }
    }
    if all_same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The folder of images that `train` learns from.
fn write_images() -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    write_few(folder.path(), FEW)?;
    Ok(folder)
}

/// Kills a command so many times.
fn kill(command: &str, flags: &str, kills: usize) -> Result<Counts> {
    let words = |seed: u32| format!("{command} {flags} --threads 2 --quiet --out {OUT} --seed {seed}");
    let whole = tempfile::tempdir()?;
    let start = Instant::now();
    finish(&whole, &words(1))?;
    let duration = start.elapsed();
    let expected = contents(&whole.path().join(OUT))?;
    let older = tempfile::tempdir()?;
    finish(&older, &words(2))?;

    let mut random = StdRng::seed_from_u64(0);
    let mut counts = Counts::default();
    for number in 0..kills {
        let while_writing = number % 2 == 1;
        let over_older = number % 4 >= 2;
        let mut tries = 0;
        let place = loop {
            tries += 1;
            ensure!(tries <= TRIES, "no kill came in time in {TRIES} tries");
            let place = tempfile::tempdir()?;
            if over_older {
                copy(&older.path().join(OUT), &place.path().join(OUT))?;
            }
            let mut child = start_in(place.path(), &words(1))?;
            let is_over = if while_writing {
                wait_for_file(&mut child, &place.path().join(OUT), random.random_range(1..=12))?
            } else {
                sleep(duration.mul_f64(random.random()));
                child.try_wait()?.is_some()
            };
            // Kill -9: nothing of the process runs any more.
            let _ = child.kill();
            child.wait()?;
            let left = temporary(&place.path().join(OUT)).len();
            if is_over || while_writing && left == 0 {
                counts.missed += 1;
                continue;
            }
            counts.left += left;
            break place;
        };
        *(if while_writing { &mut counts.while_writing } else { &mut counts.anywhere }) += 1;

        let state = place.path().join(OUT).join("training-state.safetensors");
        let resume = if state.exists() { " --resume" } else { "" };
        finish(&place, &format!("{}{resume}", words(1)))?;
        let found = contents(&place.path().join(OUT))?;
        let names: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
        let others: Vec<_> = names.into_iter().filter(|name| expected.get(*name) != found.get(*name)).collect();
        ensure!(others.is_empty(), "kill {number}: {others:?} are others than those of a run that nobody disturbed");
        counts.same += 1;
    }
    Ok(counts)
}

fn start_in(folder: &Path, words: &str) -> Result<Child> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_robust"));
    command.args(words.split_whitespace()).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().context("robust cannot be started")
}

/// Runs the command to its end.
fn finish(folder: &tempfile::TempDir, words: &str) -> Result<()> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_robust"));
    let output = command.args(words.split_whitespace()).current_dir(folder.path()).output()?;
    if !output.status.success() {
        bail!("robust {words}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Waits for the temporary file of this number, or for the end of the run; whether it was the end.
fn wait_for_file(child: &mut Child, folder: &Path, number: usize) -> Result<bool> {
    let mut seen = BTreeSet::new();
    while seen.len() < number {
        if child.try_wait()?.is_some() {
            return Ok(true);
        }
        seen.extend(temporary(folder));
        sleep(Duration::from_micros(50));
    }
    Ok(false)
}

/// The temporary files in a folder and those inside it.
fn temporary(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let found = entries.flat_map(|entry| {
        let path = entry.path();
        let is_temporary = entry.file_name().to_string_lossy().starts_with(TEMPORARY);
        if is_temporary {
            vec![path]
        } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            temporary(&path)
        } else {
            Vec::new()
        }
    });
    found.collect()
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
