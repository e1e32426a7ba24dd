//! Classes in bands, one below the other, where there are too many for one.

use std::ops::Range;

/// Columns of a band at most.
pub(super) const COLUMNS: usize = 13;

/// The classes in even groups that fit the columns of a band.
pub(super) fn class_bands(classes: usize) -> impl Iterator<Item = Range<usize>> {
    let bands = classes.div_ceil(COLUMNS).max(1);
    (0..bands).map(move |band| band * classes / bands..(band + 1) * classes / bands)
}
