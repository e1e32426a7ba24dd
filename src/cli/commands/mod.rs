//! The commands: each owns its flags, and none knows another.

pub(crate) mod attack;
mod claims;
pub(crate) mod detect;
pub(crate) mod evaluate;
pub(crate) mod explore;
pub(crate) mod export;
pub(crate) mod figures;
pub(crate) mod inspect;
mod instance;
mod job;
pub(crate) mod list;
mod matrix;
pub(crate) mod merge;
pub(crate) mod report;
mod screen;
pub(crate) mod shell;
pub(crate) mod train;
