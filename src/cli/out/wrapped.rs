//! Names with what is said of them, in lines of 80 columns.

/// What a terminal has at least.
const WIDTH: usize = 80;

/// A name in a column of `column` characters, two from the left, and its text behind it, under itself where one line is not enough.
pub(crate) fn entry(name: &str, column: usize, text: &str) -> String {
    let indent = column + 4;
    let mut lines = vec![format!("  {name:<column$} ")];
    let mut is_first = true;
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if !is_first && line + 1 + word.chars().count() > WIDTH {
            lines.push(" ".repeat(indent - 1));
        }
        if let Some(line) = lines.last_mut() {
            *line += " ";
            *line += word;
        }
        is_first = false;
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::entry;

    #[test]
    fn lines_are_broken_between_words_and_stay_in_their_column() {
        assert_eq!(entry("bim", 6, "small steps"), "  bim     small steps");
        let found = entry("bim", 6, &"word ".repeat(20));
        let lines: Vec<&str> = found.lines().collect();
        assert_eq!([lines[0].len(), lines[1].len()], [79, 10 + 6 * 5 - 1]);
        assert!(lines[1].starts_with("          word"));
    }
}
