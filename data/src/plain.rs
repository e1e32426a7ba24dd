//! Text from outside on one line: names of files and arrays may hold what moves a cursor, colours a terminal or ends a line.

use std::{borrow::Cow, ffi::OsStr, fmt::Write};

/// `text` with its control characters as `\x1b`; those above ASCII, DEL and what turns the direction of writing as `\u009b`.
///
/// JSON stays JSON: it never holds the former, and reads the latter as the character itself.
///
/// ```
/// assert_eq!(robust_data::plain("a\u{1b}[31m\nb\u{9b}.png"), r"a\x1b[31m\x0ab\u009b.png");
/// ```
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return text.into();
    }
    let mut plain = String::new();
    for character in text.chars() {
        // Writing to a string cannot fail.
        let _ = match u32::from(character) {
            code if code < 0x20 => write!(plain, "\\x{code:02x}"),
            code if is_control(character) => write!(plain, "\\u{code:04x}"),
            _ => write!(plain, "{character}"),
        };
    }
    plain.into()
}

/// A file's name; bytes that are no text are written as `\xff`, so that different names stay different.
pub(crate) fn name(name: &OsStr) -> String {
    let mut plain_name = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        plain_name += &plain(chunk.valid());
        plain_name.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    plain_name
}

fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
