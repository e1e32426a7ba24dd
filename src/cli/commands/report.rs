//! `robust report`: one self-contained HTML page out of report folders.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use candle_core::Device;
use clap::Args;
use robust_data::{open_file, pretrained, sha256};
use robust_networks::StyleMemory;

use crate::checkpoint::Checkpoint;
use crate::cli::out::{note, say};
use crate::cli::usage::Usage;
use crate::files::{PAGE, place, refused, write_whole};
use crate::onnx_file::OnnxFile;
use crate::report::html::{Run, page};

#[derive(Debug, Args)]
pub(crate) struct ReportFlags {
    /// Folders that attack, detect, evaluate or train wrote to; several are compared
    #[arg(required = true, value_name = "DIR")]
    pub(crate) folders: Vec<PathBuf>,
    /// The page [default: report.html in the folder, or here if there are several]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// No remarks on stderr; errors still appear
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// How every page starts.
const PAGE_START: &[u8] = b"<!doctype html>";

pub(crate) fn run(flags: &ReportFlags) -> Result<()> {
    let path = match (&flags.out, &flags.folders[..]) {
        (Some(path), _) => path.clone(),
        (None, [folder]) => folder.join(PAGE),
        (None, _) => PAGE.into(),
    };
    check_that_nothing_else_lies_at(&path)?;
    let mut runs = flags.folders.iter().map(|folder| Run::read(folder)).collect::<Result<Vec<_>>>()?;
    for run in &mut runs {
        draw(run);
        show_screened(run);
        let remarks = run.doubts.iter().chain(&run.remarks);
        remarks.for_each(|remark| note(flags.quiet, format_args!("{}: {remark}", run.name)));
    }
    let document = page(&runs)?;
    write_whole(&path, |file| file.write_all(document.as_bytes())).map_err(refused(&path))?;
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

/// A page takes the place of a page or of nothing: neither of what it is made from nor of any other file.
fn check_that_nothing_else_lies_at(path: &Path) -> Result<()> {
    let place = place(path).map_err(refused(path))?;
    if place.exists() {
        let mut start = Vec::new();
        open_file(&place, u64::MAX)?.take(PAGE_START.len() as u64).read_to_end(&mut start)?;
        if !start.is_empty() && !start.eq_ignore_ascii_case(PAGE_START) {
            bail!(Usage(format!("--out {} is a file and no HTML page: choose a name for a new one", path.display())));
        }
    }
    Ok(())
}

/// Lets the network that made the images draw them; where it cannot be had, a remark says so.
fn draw(run: &mut Run) {
    if !run.has_images() {
        return;
    }
    let (name, hash) = (run.fact("model").map(str::to_owned), run.fact("model sha256").map(str::to_owned));
    if name.as_deref().is_some_and(|name| OnnxFile::is_one(Path::new(name))) {
        // It does not draw.
        return;
    }
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

/// Shows the images that were screened, and lets the network draw them, as far as both can be had; remarks say why not.
fn show_screened(run: &mut Run) {
    let Some(screened) = &mut run.screened else { return };
    if screened.text("model").is_some_and(|name| OnnxFile::is_one(Path::new(name))) {
        // It does not draw.
        let remark = screened.find_pictures().err().map(|error| format!("the images are left out: {error:#}"));
        return run.remarks.extend(remark);
    }
    let named = screened.text("model").zip(screened.text("model_sha256")).context("no summary names the network");
    let network = named.and_then(|(name, hash)| network(name, hash)).and_then(|checkpoint| {
        screened.class_names.clone_from(&checkpoint.metadata.class_names);
        Ok(StyleMemory::new(&checkpoint.parameters, &Device::Cpu)?)
    });
    let remarks = match (screened.find_pictures(), network) {
        (Err(error), _) => Some(format!("the images are left out: {error:#}")),
        (Ok(()), Err(error)) => Some(format!("reconstructions are left out: {error:#}")),
        (Ok(()), Ok(network)) => {
            screened.draw(&network).err().map(|error| format!("the images are left out: {error:#}"))
        }
    };
    run.remarks.extend(remarks);
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
