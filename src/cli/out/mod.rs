//! What a person sees of a command: results, remarks, tables, progress.

mod progress;
mod say;
mod table;
mod wrapped;

pub(crate) use progress::Progress;
pub(crate) use say::{note, say, say_bytes, say_lines, tell};
pub(crate) use table::Table;
pub(crate) use wrapped::entry;
