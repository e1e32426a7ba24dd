//! `report.html`: what report folders say, as one page that needs nothing but a browser.
//!
//! [`Run::read`] gathers the files of a folder, [`Run::draw`] adds what only the network can draw, and [`page`] writes the
//! document. Figures that do not move are written into it here; what follows the threshold is computed in the page
//! (`page.js` and its neighbours) from the scores, which are embedded bit for bit.
//!
//! This is not another source of figures: everything shown is in the CSV and JSON files, or follows from their rows. What no summary
//! vouches for, or is not the file that was written, is left out with a word (`vouched.rs`).

mod attacked;
mod csv_file;
mod detected;
mod doubts;
mod evaluation;
mod facts;
mod gallery;
mod image_set;
mod page;
mod pictures;
mod reasons;
mod run;
mod scored_set;
mod screened;
mod screened_pictures;
mod screened_row;
mod shifts;
mod shown;
mod summary;
mod table;
mod training;
mod vouched;
mod words;

use std::fmt::Display;
use std::path::Path;

use anyhow::{Error, anyhow};

pub(crate) use page::page;
pub(crate) use run::Run;
pub(crate) use screened::Screened;

/// The error of a file in which something else was found than expected.
pub(super) fn unexpected(path: &Path, found: impl Display, expected: impl Display) -> Error {
    anyhow!("{}: {found}, expected {expected}", path.display())
}
