//! `robust evaluate --plan`: a script that runs the same evaluation as shards under Slurm or Kubernetes. A few images of each set are timed here,
//! and from them follow the time limit and the memory that the script asks for; nothing is written.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use serde_json::json;

use crate::cli::attacking::Attacking;
use crate::cli::bench::Bench;
use crate::cli::flags::names::Scheduler;
use crate::cli::looking::{look_at_clean, look_at_unattacked};
use crate::cli::out::say_lines;
use crate::cli::quoted::quoted;
use crate::evaluation::PlannedAttack;
use crate::report::Unattacked;

/// Images that each thread is timed on.
const IMAGES: usize = 2;
/// What a shard may take beyond what was timed here.
const MARGIN: f64 = 1.2;
/// Memory is asked for in steps of this, half as much again as was used here.
const STEP: u64 = 256 << 20;
/// Copies of a shard's images that are held at once: as they were made, deflated, and read back.
const COPIES: u64 = 3;
/// Of this command's flags, those that the script has otherwise or not at all.
const OWN: [&str; 4] = ["--plan", "--shards", "--out", "--threads"];

/// How many images are timed with so many threads.
pub(super) fn timed(threads: usize) -> usize {
    IMAGES * threads
}

/// Prints the script for so many shards of `images` images; `start` is when the command began.
pub(super) fn print(
    scheduler: Scheduler,
    (shards, images): (usize, usize),
    attacking: &Attacking,
    (bench, planned, unattacked): (&Bench, &[PlannedAttack], Unattacked),
    (start, out): (Instant, &Path),
) -> Result<()> {
    let session = attacking.session;
    let begun = start.elapsed();
    look_at_clean(bench, session)?;
    let timing = Instant::now();
    look_at_clean(bench, session)?;
    for attack in planned {
        attacking.each(attack, &attack.sets, |attacked| bench.screen.look_at(&attacked.x_adv))?;
    }
    look_at_unattacked(bench, session, unattacked)?;
    let each = timing.elapsed().as_secs_f64() / session.split.len() as f64;
    let of_shard = images.div_ceil(shards);
    let seconds = MARGIN * (begun.as_secs_f64() + each * of_shard as f64);
    let held = of_shard as u64 * (session.split.shape().values() * size_of::<f32>()) as u64 * COPIES;
    let memory = (most_memory().unwrap_or(STEP) * 3 / 2 + held).next_multiple_of(STEP) >> 20;
    let job = Job {
        shards,
        threads: session.subject.pool.current_num_threads(),
        minutes: (seconds / 60.0).ceil().max(1.0) as u64,
        megabytes: memory,
        told: format!(
            "Timed here: {:.1} s to begin and {each:.3} s for each of {of_shard} images in a shard; the time limit has a margin of 20 %.",
            begun.as_secs_f64()
        ),
        out: out.display().to_string(),
        arguments: kept(env::args_os().skip(2)),
    };
    say_lines(match scheduler {
        Scheduler::Slurm => job.slurm(),
        Scheduler::Kubernetes => job.kubernetes(),
    })
}

/// What a scheduler is to be told.
struct Job {
    shards: usize,
    threads: usize,
    minutes: u64,
    megabytes: u64,
    /// What the figures are made of.
    told: String,
    out: String,
    /// The flags of the evaluation.
    arguments: Vec<String>,
}

impl Job {
    fn slurm(&self) -> String {
        let Self { shards, threads, minutes, megabytes, told, out, arguments } = self;
        let robust = quoted(&program());
        let arguments = arguments.iter().map(|word| format!(" {}", quoted(word))).collect::<String>();
        let (hours, minutes) = (minutes / 60, minutes % 60);
        let folder = |number: &str| format!("{}/shard-{number}", quoted(out));
        format!(
            "#!/bin/bash
#SBATCH --job-name=robust
#SBATCH --array=1-{shards}
#SBATCH --cpus-per-task={threads}
#SBATCH --mem={megabytes}M
#SBATCH --time={hours:02}:{minutes:02}:00
#SBATCH --requeue
#SBATCH --open-mode=append
# {told}
# A task that was stopped goes on with the sets that it finished. Some of them again: sbatch --array=3,5 and this file.
# When all are done: {robust} merge {} --out {}
exec {robust} evaluate{arguments} --threads {threads} --shard \"$SLURM_ARRAY_TASK_ID/{shards}\" --out {}",
            folder("*"),
            quoted(out),
            folder("\"$SLURM_ARRAY_TASK_ID\""),
        )
    }

    fn kubernetes(&self) -> String {
        let Self { shards, threads, minutes, megabytes, told, arguments, .. } = self;
        let own = ["--threads", &threads.to_string(), "--shard", &format!("auto/{shards}"), "--out"].map(str::to_owned);
        let folder = "/reports/shard-$(JOB_COMPLETION_INDEX)".to_owned();
        // In `command`, `$(NAME)` is a variable and `$$` a dollar.
        let given = arguments.iter().map(|word| word.replace('$', "$$"));
        let words = ["robust".to_owned(), "evaluate".to_owned()].into_iter().chain(given).chain(own).chain([folder]);
        let command = json!(words.collect::<Vec<_>>());
        let (seconds, retries) = (minutes * 60, 3 * shards);
        format!(
            "# {told}
# Yours to fill in: the image, which holds the program, the network and the data, and the claim that the reports go to.
# A pod that was stopped goes on with the sets that it finished. When all are done, with the claim mounted: robust merge /reports/shard-* --out /reports
apiVersion: batch/v1
kind: Job
metadata:
  name: robust
spec:
  completions: {shards}
  parallelism: {shards}
  completionMode: Indexed
  backoffLimit: {retries}
  template:
    spec:
      restartPolicy: Never
      activeDeadlineSeconds: {seconds}
      containers:
        - name: robust
          image: robust:{version}
          command: {command}
          resources:
            requests: {{cpu: \"{threads}\", memory: {megabytes}Mi}}
            limits: {{cpu: \"{threads}\", memory: {megabytes}Mi}}
          volumeMounts:
            - name: reports
              mountPath: /reports
      volumes:
        - name: reports
          persistentVolumeClaim:
            claimName: reports",
            version = env!("CARGO_PKG_VERSION"),
        )
    }
}

/// The program as a task finds it: by its name if it was called by that, and otherwise by its path.
fn program() -> String {
    let called = env::args_os().next().unwrap_or_default();
    let is_path = Path::new(&called).components().count() > 1;
    let path = env::current_exe().ok().filter(|_| is_path);
    path.map_or_else(|| called.to_string_lossy().into_owned(), |path| path.display().to_string())
}

/// The flags without those that are the script's own.
fn kept(arguments: impl Iterator<Item = OsString>) -> Vec<String> {
    let mut arguments = arguments.map(|word| word.to_string_lossy().into_owned());
    let mut kept = Vec::new();
    while let Some(word) = arguments.next() {
        if OWN.contains(&word.as_str()) {
            arguments.next();
        } else if !OWN.iter().any(|flag| word.strip_prefix(flag).is_some_and(|rest| rest.starts_with('='))) {
            kept.push(word);
        }
    }
    kept
}

/// The most memory that this process has held, in bytes, where the system tells it.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_has_the_flags_of_the_evaluation() {
        let words = |line: &str| kept(line.split(' ').map(Into::into)).join(" ");
        assert_eq!(
            words("--method bim --plan slurm --epsilon 0.1,8/255 --shards=8 --out=x --seed 3 --threads 2"),
            "--method bim --epsilon 0.1,8/255 --seed 3"
        );
    }
}
