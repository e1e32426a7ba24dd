//! The pages that people read: short and plain, no link that leads nowhere, no page that the index does not name.

mod markdown;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use markdown::{Page, lines_of_prose, sentences, words};

const WORDS: usize = 900;
const COLUMNS: usize = 100;
const SENTENCE: usize = 25;

/// Pages whose sentences and lines are short. Others were written before that was a rule.
const PLAIN: [&str; 12] = [
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs/README.md",
    "docs/commands.md",
    "docs/digits.md",
    "docs/glossary.md",
    "docs/library.md",
    "docs/looking.md",
    "docs/paper.md",
    "docs/speed.md",
    "docs/training.md",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every page of the repository, by its path from the root.
fn pages() -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let (name, path) = (entry.file_name(), folder.join(entry.file_name()));
            let is_ours = !["target", "reports", "runs", "node_modules", ".git"].iter().any(|other| name == *other);
            if entry.file_type().unwrap().is_dir() && is_ours {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_readme_is_short() {
    let count = words(&read("README.md"));
    assert!(count <= WORDS, "README.md has {count} words outside of code, at most {WORDS} are allowed");
}

#[test]
fn sentences_and_lines_are_short() {
    let mut problems = String::new();
    for name in PLAIN {
        let text = read(name);
        for (number, line) in lines_of_prose(&text) {
            let columns = line.chars().count();
            if columns > COLUMNS {
                problems += &format!("{name}:{number} has {columns} columns, at most {COLUMNS} are allowed\n");
            }
        }
        for sentence in sentences(&text) {
            let count = sentence.split(' ').count();
            if count > SENTENCE {
                problems += &format!("{name} has a sentence of {count} words: {sentence}\n");
            }
        }
    }
    assert!(problems.is_empty(), "{problems}");
}

#[test]
fn a_share_in_the_readme_has_its_command() {
    let readme = read("README.md");
    let blocks: Vec<&str> = readme.split("\n\n").collect();
    let has_command = |block: &str| ["`robust ", "`python ", "`cargo "].iter().any(|start| block.contains(start));
    for (at, block) in blocks.iter().enumerate().filter(|(_, block)| block.contains(" %") || block.contains(" times")) {
        let next = blocks.get(at + 1).copied().unwrap_or_default();
        assert!(has_command(block) || has_command(next), "no command beside or after:\n{block}");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut problems = String::new();
    for name in pages() {
        let page = Page::read(&fs::read_to_string(root().join(&name)).unwrap());
        for link in page.links.iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let folder = name.parent().unwrap();
            let target = root().join(if path.is_empty() { name.clone() } else { folder.join(path) });
            if !target.exists() {
                problems += &format!("{}: {link} is not there\n", name.display());
            } else if !heading.is_empty() && target.extension().is_some_and(|extension| extension == "md") {
                let other = Page::read(&fs::read_to_string(&target).unwrap());
                if !other.headings.contains(heading) {
                    problems += &format!("{}: {link} is no heading there\n", name.display());
                }
            }
        }
    }
    assert!(problems.is_empty(), "{problems}");
}

#[test]
fn files_that_are_to_be_touched_are_there() {
    for path in Page::read(&read("CONTRIBUTING.md")).code {
        let is_path = path.contains('/') && !path.contains([' ', ':']);
        // `NAME` and `FAMILY` stand for what a contributor chooses.
        let is_there = path.contains("NAME") || path.contains("FAMILY") || root().join(&path).exists();
        assert!(!is_path || is_there, "CONTRIBUTING.md: {path} is not there");
    }
}

#[test]
fn the_index_names_every_page_in_its_folder() {
    let index = Page::read(&read("docs/README.md")).links;
    let named: BTreeSet<&str> = index.iter().map(|link| link.trim_end_matches("README.md")).collect();
    for page in pages() {
        let Ok(page) = page.strip_prefix("docs") else { continue };
        if page.components().count() == 1 && page != Path::new("README.md") {
            let page = page.to_str().unwrap();
            assert!(named.contains(page), "docs/README.md does not name {page}");
        }
    }
}

#[test]
fn the_glossary_is_in_alphabetical_order() {
    let glossary = read("docs/glossary.md");
    let terms = glossary.lines().filter_map(|line| line.strip_prefix("- **")?.split("**").next());
    let terms: Vec<String> = terms.map(str::to_lowercase).collect();
    assert!(terms.len() > 30, "{terms:?}");
    for pair in terms.windows(2) {
        assert!(pair[0] < pair[1], "{} stands before {}", pair[0], pair[1]);
    }
}
