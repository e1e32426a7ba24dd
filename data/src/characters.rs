//! The characters that were written, where a label stands for two of them: EMNIST's letters merge 'A' and 'a'.
//!
//! They come from a table `<dataset>-provenance.csv`, gzip'd or not, beside the IDX files: a line per image with at least
//! the columns `split` (train or test), `position` (in the file, from 0, ascending) and `char` (empty where it is not known).
//! No official distribution has one; without it nothing is known.

use std::io::{BufRead, BufReader};

use crate::{DatasetError, Error, SplitName, file::File};

/// The characters of the file that `split` is taken from, in its order.
pub(crate) fn characters(file: &File, split: SplitName) -> Result<Vec<Option<char>>, Error> {
    let wanted = if split == SplitName::Test { "test" } else { "train" };
    let wrong = |line: usize, found: String| {
        Error::from(DatasetError::Provenance { path: file.path.clone(), line: line + 1, found })
    };
    let mut columns: Option<[usize; 3]> = None;
    let mut characters = Vec::new();
    for (number, line) in BufReader::new(file.content()).lines().enumerate() {
        let line = line.map_err(|source| Error::Gzip { path: file.path.clone(), source })?;
        let fields: Vec<&str> = line.split(',').collect();
        let Some([split, position, character]) = columns else {
            let place = |name| fields.iter().position(|field| *field == name);
            let Some(places) = place("split").zip(place("position")).zip(place("char")) else {
                return Err(wrong(number, format!("the columns {line}")));
            };
            columns = Some([places.0.0, places.0.1, places.1]);
            continue;
        };
        let (Some(&split), Some(&position), Some(&character)) =
            (fields.get(split), fields.get(position), fields.get(character))
        else {
            return Err(wrong(number, format!("{} fields", fields.len())));
        };
        if split != wanted {
            continue;
        }
        if position.parse() != Ok(characters.len()) {
            return Err(wrong(number, format!("position {position:?} after {} images", characters.len())));
        }
        let mut written = character.chars();
        let first = written.next();
        if written.next().is_some() {
            return Err(wrong(number, format!("the character {character:?}")));
        }
        characters.push(first);
    }
    Ok(characters)
}
