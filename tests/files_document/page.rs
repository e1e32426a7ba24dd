//! The page: sections of files, whose tables have a row for each name, and sections that such tables take in.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::written::Content;

/// The section whose rows are files.
const PICTURES: &str = "Pictures, plots and pages";

/// Where a row stands: its section, and which of its rows it is.
pub(super) type Origin = (String, usize);

/// A name and what is said of it.
pub(super) struct Entry {
    pub(super) name: String,
    /// The type, and the range where it has a column of its own.
    pub(super) kind: String,
    /// When it is empty or null.
    pub(super) empty: String,
    pub(super) origin: Origin,
}

enum Row {
    Name {
        name: String,
        kind: String,
        empty: String,
    },
    /// All names of another section, after a prefix.
    Section {
        prefix: String,
        section: String,
    },
}

pub(super) struct Page {
    sections: BTreeMap<String, Vec<Row>>,
    /// The section of every file.
    files: BTreeMap<String, String>,
}

impl Page {
    pub(super) fn read(path: &Path) -> Self {
        let (mut sections, mut files): (BTreeMap<String, Vec<Row>>, _) = (BTreeMap::new(), BTreeMap::new());
        let (mut section, mut has_range) = (String::new(), false);
        for line in fs::read_to_string(path).unwrap().lines() {
            if let Some(heading) = line.strip_prefix("## ").or(line.strip_prefix("### ")) {
                section = heading.replace('`', "");
                let named = heading.split('`').skip(1).step_by(2);
                files.extend(named.map(|file| (file.to_owned(), section.clone())));
                continue;
            }
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            match cells[..] {
                _ if !line.starts_with('|') || section.is_empty() => {}
                [_, _, third, _] if !line.contains('`') && !line.contains('[') => {
                    has_range = third == "range" || has_range && third.starts_with('-')
                }
                [first, second, third, _] => {
                    let rows = sections.entry(section.clone()).or_default();
                    rows.push(match first.split_once("](").and_then(|(linked, _)| linked.rsplit_once('[')) {
                        Some((prefix, section)) => {
                            Row::Section { prefix: prefix.replace('`', ""), section: section.to_owned() }
                        }
                        None => Row::Name {
                            name: first.trim_matches('`').to_owned(),
                            kind: if has_range { format!("{second}, {third}") } else { second.to_owned() },
                            empty: if has_range { "never".to_owned() } else { third.to_owned() },
                        },
                    });
                }
                [file, _] if section == PICTURES && file.starts_with('`') => {
                    files.insert(file.trim_matches('`').to_owned(), String::new());
                }
                _ => {}
            }
        }
        Self { sections, files }
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// What the page calls a file of this name.
    pub(super) fn file(&self, name: &str) -> Option<&str> {
        self.files().find(|pattern| fits(pattern, name))
    }

    /// What the page says of a file, in order.
    pub(super) fn entries(&self, file: &str) -> Vec<Entry> {
        self.of_section("", &self.files[file])
    }

    fn of_section(&self, prefix: &str, section: &str) -> Vec<Entry> {
        let Some(rows) = self.sections.get(section) else {
            assert!(section.is_empty(), "the page has no section {section}");
            return Vec::new();
        };
        let entries = rows.iter().enumerate().flat_map(|(row, is)| match is {
            Row::Section { prefix: more, section } => self.of_section(&format!("{prefix}{more}"), section),
            Row::Name { name, kind, empty } => vec![Entry {
                name: format!("{prefix}{name}"),
                kind: kind.clone(),
                empty: empty.clone(),
                origin: (section.to_owned(), row),
            }],
        });
        entries.collect()
    }
}

/// Whether a name is one of the pattern, in which `<...>` stands for at least one character.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('<') else { return pattern == name };
    let (Some((_, rest)), Some(name)) = (rest.split_once('>'), name.strip_prefix(start)) else { return false };
    let mut ends = name.char_indices().map(|(at, character)| at + character.len_utf8());
    ends.any(|end| fits(rest, &name[end..]))
}

/// Whether what was found is of the type that the page says.
pub(super) fn is_of(kind: &str, found: &Content) -> bool {
    let (kind, range) = match kind.rsplit_once(", ") {
        Some((kind, range)) if range.starts_with("from ") || range.contains(" to ") => (kind, Some(range)),
        _ => (kind, None),
    };
    let is_within = |number: f64| range.is_none_or(|range| is_within(range, number));
    let is_number = |text: &str| text.parse().is_ok_and(|number: f64| !number.is_nan() && is_within(number));
    match found {
        Content::Nothing => kind == "nothing",
        Content::Array { dtype, shape, range } => {
            let (named, dimensions) = kind.split_once(" (").unwrap_or((kind, "*)"));
            let dimensions: Vec<&str> = dimensions.trim_end_matches(')').split(", ").collect();
            let is = |(wanted, found): (&&str, &usize)| wanted.parse().map_or(true, |wanted: usize| wanted == *found);
            let is_shape =
                dimensions == ["*"] || dimensions.len() == shape.len() && dimensions.iter().zip(shape).all(is);
            named == dtype && is_shape && range.iter().flatten().all(|&bound| is_within(bound))
        }
        Content::Cell(text) | Content::Number(text) | Content::Truth(text) | Content::Text(text) => {
            let is_text = matches!(found, Content::Cell(_) | Content::Text(_));
            let is_plain = matches!(found, Content::Cell(_) | Content::Number(_));
            match kind {
                "anything" => true,
                "text" => is_text,
                "SHA-256" => is_text && text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "true or false" => {
                    matches!(found, Content::Cell(_) | Content::Truth(_)) && ["true", "false"].contains(&text.as_str())
                }
                "number" => is_plain && is_number(text),
                "whole" => is_plain && text.parse::<i64>().is_ok() && is_number(text),
                _ => kind
                    .strip_prefix("one of ")
                    .is_some_and(|all| all.split('`').skip(1).step_by(2).any(|one| one == text)),
            }
        }
    }
}

/// Whether a number lies in `from A` or `A to B`; a bound that is no number bounds nothing.
fn is_within(range: &str, number: f64) -> bool {
    let (least, most) = match range.strip_prefix("from ") {
        Some(least) => (least, ""),
        None => range.split_once(" to ").unwrap_or((range, "")),
    };
    least.parse().is_ok_and(|least: f64| number >= least) && most.parse().map_or(true, |most: f64| number <= most)
}
