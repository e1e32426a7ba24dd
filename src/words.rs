//! What is said in the same way everywhere: shares, and lists.

use std::fmt::Display;

pub(crate) use robust_data::words::{counted, first_of, listed};

/// A share in percent.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// A number of images.
pub(crate) fn of_images(count: impl Display) -> String {
    counted(count, ["image", "images"])
}

/// A number of clean images.
pub(crate) fn of_clean_images(count: impl Display) -> String {
    counted(count, ["clean image", "clean images"])
}

/// Each once, in the order of the first.
pub(crate) fn once_each<T: PartialEq>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut all = Vec::new();
    for item in items {
        if !all.contains(&item) {
            all.push(item);
        }
    }
    all
}
