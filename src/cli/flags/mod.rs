//! The raw flags that several commands have, as clap reads them, and how people write numbers and names.

mod common;
mod method;
mod model;
pub(crate) mod names;
mod negative;
mod network;
pub(crate) mod number;
mod recipe;
mod screening;
mod shard;

pub(crate) use common::{CommonFlags, DetectionFlags, FlaggingFlags, ImageFlags, SubjectFlags};
pub(crate) use method::MethodFlags;
pub(crate) use model::ModelFlags;
pub(crate) use negative::joined;
pub(crate) use network::NetworkFlags;
pub(crate) use recipe::RecipeFlags;
pub(crate) use screening::ScreeningFlags;
pub(crate) use shard::ShardFlags;
