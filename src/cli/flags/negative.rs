//! Negative numbers as words of their own: `--seed -1` is `--seed=-1`.
//!
//! clap takes a word that starts with a hyphen for a flag, and answers "unexpected argument '-1'", which says nothing of what
//! the seed should be. No flag of ours starts with one hyphen but `-h` and `-V`, so that a number there is a value.

use std::ffi::OsString;

/// The arguments, with each negative number joined to the flag before it.
pub(crate) fn joined(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = Vec::new();
    for word in arguments {
        match words.last_mut() {
            Some(flag) if is_bare_flag(flag) && is_negative(&word) => {
                flag.push("=");
                flag.push(&word);
            }
            _ => words.push(word),
        }
    }
    words
}

/// `--seed`, and neither `--seed=3` nor `--`.
fn is_bare_flag(word: &OsString) -> bool {
    word.to_str().and_then(|word| word.strip_prefix("--")).is_some_and(|name| !name.is_empty() && !name.contains('='))
}

/// What starts like a negative number: `-1`, `-.5`, `-8/255`, `-inf`, `-NaN`.
fn is_negative(word: &OsString) -> bool {
    let Some(text) = word.to_str().and_then(|word| word.strip_prefix('-')) else { return false };
    let text = text.to_ascii_lowercase();
    text.starts_with(|first: char| first.is_numeric() || first == '.')
        || text.starts_with("inf")
        || text.starts_with("nan")
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn only_numbers_after_flags_are_joined() {
        for (given, expected) in [
            ("robust attack --seed -1 --limit 5", "robust attack --seed=-1 --limit 5"),
            ("--epsilon -0.1,0.2 --sigma -.1..2", "--epsilon=-0.1,0.2 --sigma=-.1..2"),
            ("--threshold -Inf -NaN", "--threshold=-Inf -NaN"),
            ("--threshold --fpr 0.1", "--threshold --fpr 0.1"),
            ("--seed=3 -1 -- -1 -h", "--seed=3 -1 -- -1 -h"),
            ("attack -1 --out -x", "attack -1 --out -x"),
        ] {
            let words = joined(given.split(' ').map(Into::into));
            assert_eq!(words.join(" ".as_ref()), expected, "{given}");
        }
    }
}
