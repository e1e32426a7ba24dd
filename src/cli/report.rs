//! `robust report`: one self-contained HTML page out of report folders.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use candle_core::Device;
use robust_data::{pretrained, sha256};

use super::flags::ReportFlags;
use super::say::{note, say};
use crate::files::{OutputError, PAGE, write_whole};
use crate::network::{Checkpoint, StyleMemory};
use crate::report::html::{Run, page};

pub(super) fn run(flags: &ReportFlags) -> Result<()> {
    let mut runs = flags.folders.iter().map(|folder| Run::read(folder)).collect::<Result<Vec<_>, _>>()?;
    for run in &mut runs {
        draw(run);
        let remarks = run.doubts.iter().chain(&run.remarks);
        remarks.for_each(|remark| note(flags.quiet, format_args!("{}: {remark}", run.name)));
    }
    let document = page(&runs)?;
    let path = flags.out.clone().unwrap_or_else(|| default_path(&flags.folders));
    write_whole(&path, |file| file.write_all(document.as_bytes()))
        .map_err(|source| OutputError::Io { path: path.clone(), source })?;
    say(format_args!("{}  ({:.1} MB)", path.display(), document.len() as f64 / 1e6))?;
    let faults: Vec<&str> = runs.iter().flat_map(|run| &run.faults).map(String::as_str).collect();
    ensure!(
        faults.is_empty(),
        "{} leaves out what is not whole or not as it was written: {}",
        path.display(),
        faults.join("; ")
    );
    Ok(())
}

/// `report.html` in the folder; in the current one where several are compared.
fn default_path(folders: &[PathBuf]) -> PathBuf {
    match folders {
        [folder] => folder.join(PAGE),
        _ => PAGE.into(),
    }
}

/// Lets the network that made the images draw them; where it cannot be had, a remark says so.
fn draw(run: &mut Run) {
    if !run.has_images() {
        return;
    }
    let (name, hash) = (run.fact("model").map(str::to_owned), run.fact("model sha256").map(str::to_owned));
    let mut draw = |name: &str, hash: &str| {
        let Checkpoint { parameters, metadata, .. } = network(name, hash)?;
        let drawn = run.draw(&StyleMemory::new(&parameters, &Device::Cpu)?, &metadata.class_names);
        drawn.with_context(|| format!("network {name}"))
    };
    let drawn = name.zip(hash).context("no summary names the network").and_then(|(name, hash)| draw(&name, &hash));
    if let Err(error) = drawn {
        run.remarks.push(format!("reconstructions are left out: {error:#}"));
    }
}

/// The network of that name or in that file, if it is still the same.
fn network(name: &str, hash: &str) -> Result<Checkpoint> {
    let bytes = match pretrained::pretrained(name) {
        Some(bytes) => bytes.to_vec(),
        None => Checkpoint::read_bytes(Path::new(name))?,
    };
    let found = sha256(&bytes);
    anyhow::ensure!(found == hash, "network {name} has SHA-256 {found} now, and the images were made with {hash}");
    Ok(Checkpoint::from_bytes(name, &bytes)?)
}
