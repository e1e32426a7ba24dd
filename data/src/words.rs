//! Numbers of things and lists of names, as messages say them.

use std::fmt::Display;

/// A number of things: `1 epoch`, `2 epochs`.
#[must_use]
pub fn counted(count: impl Display, [one, several]: [&str; 2]) -> String {
    match count.to_string() {
        single if single == "1" => format!("1 {one}"),
        count => format!("{count} {several}"),
    }
}

/// One after the other.
pub fn listed<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

/// The first `most` of several, and how many more there are.
#[must_use]
pub fn first_of<T: Display>(items: &[T], most: usize) -> String {
    let (named, more) = items.split_at(items.len().min(most));
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    listed(named) + &more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural_and_lists_end_where_they_should() {
        assert_eq!([0, 1, 2].map(|count| counted(count, ["set", "sets"])), ["0 sets", "1 set", "2 sets"]);
        assert_eq!([2, 3].map(|most| first_of(&[7, 8, 9], most)), ["7, 8 and 1 more", "7, 8, 9"]);
    }
}
