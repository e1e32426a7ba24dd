//! Everything through the public interface, on real and on made-up files.

mod datasets;
mod files;
mod idx;
mod npz;
mod png;
