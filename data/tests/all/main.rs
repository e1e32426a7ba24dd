//! Everything through the public interface, on real and on made-up files.
#![allow(clippy::unwrap_used, reason = "helpers outside of the tests themselves")]

mod datasets;
mod files;
mod idx;
mod kinds;
mod npz;
mod png;
