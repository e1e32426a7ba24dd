//! `robust report`: one self-contained HTML page out of report folders.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use candle_core::Device;
use robust_data::{pretrained, sha256};

use super::flags::ReportFlags;
use super::say::{note, say};
use crate::network::{Checkpoint, StyleMemory};
use crate::report::html::{Run, page};
use crate::report::{OutputError, write_atomically};

pub(super) fn run(flags: &ReportFlags) -> Result<()> {
    let mut runs = flags.folders.iter().map(|folder| Run::read(folder)).collect::<Result<Vec<_>, _>>()?;
    for run in &mut runs {
        draw(run)?;
        let remarks = run.doubts.iter().chain(&run.remarks);
        remarks.for_each(|remark| note(flags.quiet, format_args!("{}: {remark}", run.name)));
    }
    let document = page(&runs)?;
    let path = flags.out.clone().unwrap_or_else(|| default_path(&flags.folders));
    write_atomically(&path, |file| file.write_all(document.as_bytes()))
        .map_err(|source| OutputError { path: path.clone(), source })?;
    say(format_args!("{}  ({:.1} MB)", path.display(), document.len() as f64 / 1e6))
}

/// `report.html` in the folder; in the current one where several are compared.
fn default_path(folders: &[PathBuf]) -> PathBuf {
    match folders {
        [folder] => folder.join("report.html"),
        _ => "report.html".into(),
    }
}

/// Lets the network that made the images draw them; where it cannot be had, a remark says so.
fn draw(run: &mut Run) -> Result<()> {
    if !run.has_images() {
        return Ok(());
    }
    let (name, hash) = (run.fact("model").map(str::to_owned), run.fact("model sha256").map(str::to_owned));
    match name.zip(hash).context("no summary names the network").and_then(|(name, hash)| network(&name, &hash)) {
        Ok(checkpoint) => {
            let network = StyleMemory::new(&checkpoint.parameters, &Device::Cpu)?;
            run.draw(&network, &checkpoint.metadata.class_names)
        }
        Err(error) => {
            run.remarks.push(format!("reconstructions are left out: {error:#}"));
            Ok(())
        }
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
