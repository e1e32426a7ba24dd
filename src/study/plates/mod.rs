//! One file per figure: which images it shows, and the files it becomes.
//!
//! Which images are shown is a rule that knows nothing of how well the network does on them, or the user's choice.

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

use std::ops::Range;

pub(crate) use choice::Choice;
pub(crate) use plate::{FORMS, PLATES, Plate};

/// Columns of a band at most.
const COLUMNS: usize = 13;

/// The classes in even groups, one band below the other where there are too many for one, that fit the columns of a band.
fn class_bands(classes: usize) -> impl Iterator<Item = Range<usize>> {
    let bands = classes.div_ceil(COLUMNS).max(1);
    (0..bands).map(move |band| band * classes / bands..(band + 1) * classes / bands)
}
