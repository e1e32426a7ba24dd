//! One file per figure: which images it shows, and the files it becomes.
//!
//! Which images are shown is a rule that knows nothing of how well the network does on them, or the user's choice.

mod bands;
mod choice;
mod generic;
mod interpolation;
mod misclassified;
mod neighbours;
mod path;
mod plate;
mod reconstructions;
mod transfer;
mod traversal;

pub(crate) use choice::Choice;
pub(crate) use plate::{FORMS, PLATES, Plate};
