//! The raw flags that several commands have, as clap reads them, and how people write numbers and names.

mod common;
mod flagging;
mod method;
pub(crate) mod names;
mod negative;
pub(crate) mod number;
mod recipe;

pub(crate) use common::{CommonFlags, ImageFlags, SubjectFlags};
pub(crate) use flagging::{DEFAULT_DETECTOR, DetectionFlags, FlaggingFlags};
pub(crate) use method::MethodFlags;
pub(crate) use negative::joined;
pub(crate) use recipe::RecipeFlags;
