//! The commands: each owns its flags, and none knows another.

pub(crate) mod attack;
mod claims;
pub(crate) mod detect;
pub(crate) mod evaluate;
pub(crate) mod explore;
pub(crate) mod figures;
pub(crate) mod list;
mod matrix;
pub(crate) mod report;
mod screen;
pub(crate) mod train;

pub(crate) use attack::AttackFlags;
pub(crate) use detect::DetectFlags;
pub(crate) use evaluate::EvaluateFlags;
pub(crate) use explore::ExploreFlags;
pub(crate) use figures::FiguresFlags;
pub(crate) use list::ListFlags;
pub(crate) use report::ReportFlags;
pub(crate) use train::TrainFlags;
