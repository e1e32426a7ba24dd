//! What there is to a page of Markdown: its prose, its links, its headings.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Where a page leads, and what may be linked to in it.
pub(super) struct Page {
    /// Links and pictures, as they are written.
    pub(super) links: BTreeSet<String>,
    /// Headings as GitHub makes them part of an address.
    pub(super) headings: BTreeSet<String>,
    /// What is set as code within a line.
    pub(super) code: BTreeSet<String>,
}

fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS)
}

impl Page {
    pub(super) fn read(text: &str) -> Self {
        let (mut links, mut headings, mut code) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut heading: Option<String> = None;
        for event in parser(text) {
            if let Event::Code(text) = &event {
                code.insert(text.to_string());
            }
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    links.insert(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => headings.extend(heading.take().map(|heading| anchor(&heading))),
                Event::Text(text) | Event::Code(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        Self { links, headings, code }
    }
}

/// Letters, digits, hyphens and underscores stay; spaces become hyphens.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Lines outside of blocks of code, as `wc -w` counts words.
pub(super) fn words(text: &str) -> usize {
    outside_of_code(text).map(|(_, line)| line.split_whitespace().count()).sum()
}

/// Lines with their numbers, but for code, tables and pictures.
pub(super) fn lines_of_prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    outside_of_code(text).filter(|(_, line)| !line.starts_with('|') && !line.starts_with("!["))
}

fn outside_of_code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// The sentences of paragraphs and of items of lists, with a space between words; code within a line is one word.
pub(super) fn sentences(text: &str) -> Vec<String> {
    let (mut found, mut block) = (Vec::new(), String::new());
    let mut apart = 0;
    for event in parser(text) {
        let ends_block = matches!(
            event,
            Event::Start(Tag::List(_) | Tag::Item | Tag::Paragraph)
                | Event::End(TagEnd::Item | TagEnd::Paragraph | TagEnd::List(_))
        );
        if ends_block {
            found.extend(split(&std::mem::take(&mut block)));
        }
        match event {
            Event::Start(
                Tag::Table(_) | Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::Image { .. } | Tag::MetadataBlock(_),
            ) => apart += 1,
            Event::End(
                TagEnd::Table | TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Image | TagEnd::MetadataBlock(_),
            ) => apart -= 1,
            Event::Text(text) if apart == 0 => block.push_str(&text),
            Event::Code(_) if apart == 0 => block.push_str("code"),
            Event::SoftBreak | Event::HardBreak => block.push(' '),
            _ => {}
        }
    }
    found
}

/// A sentence ends with a mark, perhaps in brackets or quotes, and white space.
fn split(block: &str) -> Vec<String> {
    let (mut found, mut sentence) = (Vec::new(), Vec::new());
    for word in block.split_whitespace() {
        if word.chars().any(char::is_alphanumeric) {
            sentence.push(word);
        }
        if word.trim_end_matches([')', '"', '\'']).ends_with(['.', '!', '?']) {
            found.push(std::mem::take(&mut sentence).join(" "));
        }
    }
    found.push(sentence.join(" "));
    found.retain(|sentence| !sentence.is_empty());
    found
}

#[test]
fn a_page_is_read_as_github_reads_it() {
    let text = "# Lines of `--jsonl`, twice\n\nOne is [here](a.md#b). *(Two* words!)\nNo end\n\n- an item\n- `a b c` is a word\n\n```sh\nno # prose.\n```\n\n| a | b |\n|---|---|\n| c. | d |\n";
    let page = Page::read(text);
    assert_eq!(page.links, BTreeSet::from(["a.md#b".to_owned()]));
    assert_eq!(page.headings, BTreeSet::from(["lines-of---jsonl-twice".to_owned()]));
    assert_eq!(sentences(text), ["One is here.", "(Two words!)", "No end", "an item", "code is a word"]);
    assert_eq!(words("one two\n```\nthree\n```\nfour"), 3);
    assert_eq!(lines_of_prose(text).map(|(number, _)| number).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8, 12]);
}
