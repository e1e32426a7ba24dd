//! Files that are whole or not there, and folders that say whether they are whole.
//!
//! A file is written beside its place, flushed to the disk, and renamed into its place ([`write_whole`]). The files of a run take their
//! places together, as an [`Edition`]: the summary that vouches for the old files goes first, and the one that vouches for the new
//! files, by their hashes, comes last. So a folder without its summary is not whole, and a file whose hash is another is not the file
//! that was written. One process at a time writes to a folder ([`Output`] holds its lock).
//!
//! This is no protection against a person who means to deceive: nothing is signed.

mod csv;
mod draft;
mod edition;
mod ending;
mod hashes;
mod lock;
mod names;
mod output;
mod place;

pub(crate) use csv::{cell, header, serialize_cell, write_csv};
pub(crate) use draft::write_whole;
pub(crate) use edition::{Edition, Vouched};
pub(crate) use ending::abandon;
pub(crate) use hashes::{Files, Found, Hashes, seen_from_around};
pub(crate) use lock::writer_of;
pub(crate) use names::{ADVERSARIAL, ATTACK_ROWS, ATTACK_SUMMARY, CLEAN, CLEAN_AROUND, DETECTION_ROWS, SHARD_SUMMARY};
pub(crate) use output::{Output, PAGE, refused};
pub(crate) use place::place;
