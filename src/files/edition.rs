//! The files of a run, which take their places together, and the summary that vouches for them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::Result;
use robust_data::{open_file, sha256_of};
use serde::Serialize;

use super::draft::{Draft, Settled, flush_folder, folder_of};
use super::ending::gate;
use super::hashes::{Files, seen_from_around};
use super::output::{Output, PAGE, refused};

/// Files in the making. Dropped before [`publish`](Self::publish), they leave the folder as it was.
pub(crate) struct Edition<'a> {
    output: &'a Output,
    drafts: Vec<(String, Draft)>,
    files: Files,
}

/// A summary, and the files that it vouches for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Vouched<S> {
    #[serde(flatten)]
    pub(crate) summary: S,
    /// SHA-256 of every file that belongs to it, by the file's name as seen from the summary's folder.
    pub(crate) files: Files,
}

impl Output {
    /// Begins the files that one summary will vouch for. Nothing changes in the folder until it is published.
    pub(crate) fn edition(&self) -> Edition<'_> {
        Edition { output: self, drafts: Vec::new(), files: Files::new() }
    }
}

impl Edition<'_> {
    /// Whether no file was written.
    pub(crate) fn is_empty(&self) -> bool {
        self.drafts.is_empty()
    }

    /// Writes the content of a file, beside its place.
    pub(crate) fn write(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
    ) -> Result<()> {
        let path = self.output.path(name);
        let draft = Draft::write(&path, content).map_err(refused(&path))?;
        self.drafts.push((name.to_owned(), draft));
        Ok(())
    }

    /// The path of a file by its name, as seen from the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.output.path(name)
    }

    /// Takes up a file that has its place already.
    pub(crate) fn take_up(&mut self, name: &str, sha256: String) {
        self.files.insert(name.to_owned(), sha256);
    }

    /// The same, of a file whose SHA-256 nobody knows yet.
    pub(crate) fn take_up_as_it_is(&mut self, name: &str) -> Result<()> {
        let path = self.path(name);
        let file = open_file(&path, u64::MAX).map_err(io::Error::other);
        let sha256 = file.and_then(sha256_of).map_err(refused(&path))?;
        self.take_up(name, sha256);
        Ok(())
    }

    /// Takes up the files that a summary in the folder `name` inside this one vouches for.
    pub(crate) fn take_up_all(&mut self, name: &str, files: &Files) {
        self.files.extend(seen_from_around(name, files));
    }

    /// Puts all files in their places: `replaced`, the summaries that vouch for files of these names, go first, and `name`, which
    /// holds `summary` and the files' hashes, comes last. An interrupt waits for it.
    ///
    /// # Errors
    /// With the path of a file; the folder is then as it was, or it has no summary.
    pub(crate) fn publish<S: Serialize>(mut self, name: &str, summary: S, replaced: &[&str]) -> Result<Vouched<S>> {
        let output = self.output;
        let mut hashed = Vec::new();
        for (name, draft) in self.drafts {
            let path = output.path(&name);
            let (draft, sha256) = draft.hashed().map_err(refused(&path))?;
            self.files.insert(name, sha256);
            hashed.push((path, draft));
        }
        let vouched = Vouched { summary, files: self.files };
        let place = output.path(name);
        let write = |file: &mut BufWriter<&mut File>| {
            serde_json::to_writer_pretty(&mut *file, &vouched)?;
            writeln!(file)
        };
        let json = Draft::write(&place, write).and_then(Draft::hashed);
        // They wait here and not in an iterator: what an error leaves must go after the gate is open again.
        let mut settled: Vec<(PathBuf, Settled)> = Vec::new();
        for (path, draft) in hashed {
            settled.push((path.clone(), draft.settle().map_err(refused(&path))?));
        }
        let json = json.and_then(|(json, _)| json.settle()).map_err(refused(&place))?;
        settled.reverse();
        let folders: BTreeSet<PathBuf> =
            settled.iter().map(|(path, _)| path).chain([&place]).map(|path| folder_of(path).into()).collect();

        let mut open = gate();
        for summary in replaced.iter().chain(&[name, PAGE]) {
            output.remove(summary)?;
        }
        while let Some((path, file)) = settled.pop() {
            file.place(&mut open).map_err(refused(&path))?;
        }
        json.place(&mut open).map_err(refused(&place))?;
        open.placed.push(place);
        // Once each: if the power fails now and a file system keeps the last name and not the ones before, the hashes tell.
        for folder in folders {
            flush_folder(&folder).map_err(refused(&folder))?;
        }
        drop(open);
        Ok(vouched)
    }
}
