//! Expressions in brackets, as SMT-LIB writes them.

/// Brackets within brackets.
const DEEPEST: usize = 32;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression<'a> {
    Word(&'a str),
    List(Vec<Expression<'a>>),
}

/// All expressions of a text. A semicolon makes the rest of its line a comment.
///
/// # Errors
/// A bracket that is not closed, or not opened; too many within each other.
pub(super) fn expressions(text: &str) -> Result<Vec<Expression<'_>>, String> {
    let mut open: Vec<Vec<Expression>> = vec![Vec::new()];
    for (number, line) in text.lines().enumerate() {
        let line = line.split(';').next().unwrap_or_default();
        let wrong = |what: &str| format!("line {}: {what}", number + 1);
        for word in words(line) {
            match word {
                "(" if open.len() > DEEPEST => return Err(wrong("too many brackets within each other")),
                "(" => open.push(Vec::new()),
                ")" => {
                    let list = open.pop().filter(|_| !open.is_empty()).ok_or_else(|| wrong("a bracket too many"))?;
                    if let Some(around) = open.last_mut() {
                        around.push(Expression::List(list));
                    }
                }
                word => {
                    if let Some(around) = open.last_mut() {
                        around.push(Expression::Word(word));
                    }
                }
            }
        }
    }
    match <[Vec<Expression>; 1]>::try_from(open) {
        Ok([all]) => Ok(all),
        Err(open) => Err(format!("{} brackets that are not closed", open.len() - 1)),
    }
}

/// Brackets, and what stands between brackets and spaces.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let end = match first {
            '(' | ')' => 1,
            _ => rest.find(|part: char| part.is_whitespace() || "()".contains(part)).unwrap_or(rest.len()),
        };
        let (word, behind) = rest.split_at(end);
        rest = behind;
        Some(word)
    })
}
