//! What is said in the same way everywhere: shares, and lists.

use std::fmt::Display;

/// A share in percent.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// One after the other.
pub(crate) fn listed<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
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

/// The first `most` of several, and how many more there are.
pub(crate) fn first_of<T: Display>(items: &[T], most: usize) -> String {
    let (named, more) = items.split_at(items.len().min(most));
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    listed(named) + &more
}
