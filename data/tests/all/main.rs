//! Everything through the public interface, on real and on made-up files.
#![allow(clippy::unwrap_used, reason = "helpers outside of the tests themselves")]

mod bad_pictures;
mod beside;
mod characters;
mod datasets;
mod files;
mod folders;
mod idx;
mod jpeg;
mod kinds;
mod npz;
mod pictures;
mod png;
mod prepare;
mod shapes;
