//! What classes are called: a line for each in `labels.txt`, or numbers.

use std::path::Path;

use crate::{DatasetError, Error, MAX_CLASSES, plain, read_file};

/// The file of names.
const FILE: &str = "labels.txt";
/// No list of names is longer.
const MAX_BYTES: u64 = 16 << 20;

/// The names of a dataset's classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Classes {
    pub(crate) names: Vec<String>,
    /// There may be more, of which no label tells.
    pub(crate) from_labels: bool,
}

impl Classes {
    /// Of a dataset that knows them.
    pub(crate) fn known(names: Vec<String>) -> Self {
        Self { names, from_labels: false }
    }

    /// The names in `folder`, or as many numbers as the largest label says.
    ///
    /// # Errors
    /// `labels.txt` is damaged, or has fewer lines than there are labels.
    pub(super) fn numbered(folder: &Path, largest: u32) -> Result<Self, Error> {
        let Some(names) = names(folder)? else {
            return Ok(Self { names: (0..=largest).map(|class| class.to_string()).collect(), from_labels: true });
        };
        match names.len() > largest as usize {
            true => Ok(Self::known(names)),
            false => {
                let found = format!("{} names, and labels up to {largest}", names.len());
                Err(DatasetError::ClassNames { path: folder.join(FILE), found }.into())
            }
        }
    }
}

/// The lines of `labels.txt`, if there is one.
///
/// # Errors
/// It cannot be read, is no text, holds no name, an empty line between names or a name twice, or too many.
pub(super) fn names(folder: &Path) -> Result<Option<Vec<String>>, Error> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(None);
    }
    let bytes = read_file(&path, MAX_BYTES)?;
    let wrong = |found: String| Error::from(DatasetError::ClassNames { path: path.clone(), found });
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong("what is no text in UTF-8".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let names: Vec<String> = text.trim_end().lines().map(|line| plain(line.trim()).into_owned()).collect();
    if let Some(line) = names.iter().position(String::is_empty) {
        return Err(wrong(format!("an empty line {}", line + 1)));
    }
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(wrong(format!("{:?} twice", pair[0])));
    }
    match names.len() {
        0 => Err(wrong("no name".to_owned())),
        found if found > MAX_CLASSES => Err(wrong(format!("{found} names"))),
        _ => Ok(Some(names)),
    }
}
