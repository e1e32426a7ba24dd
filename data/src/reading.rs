//! [`Reading`]: several splits of a dataset, out of files that are read once.

use crate::{Dataset, Error, Split, SplitName, formats::Part, labelled::Labelled};

/// Keeps what was read last: training and validation images come from the same files, and of a set that nothing but a seed divides so do
/// those for the test. To be dropped when no other split is wanted.
#[derive(Debug)]
pub struct Reading<'a> {
    dataset: &'a Dataset,
    held: Option<(Part, Labelled)>,
}

impl<'a> Reading<'a> {
    /// Nothing is read yet.
    #[must_use]
    pub fn of(dataset: &'a Dataset) -> Self {
        Self { dataset, held: None }
    }

    /// As [`Dataset::split`].
    ///
    /// # Errors
    /// As [`Dataset::split`].
    pub fn split(&mut self, name: SplitName) -> Result<Split, Error> {
        let part = self.dataset.part(name)?;
        let (_, whole) = match self.held.take() {
            Some(held) if held.0 == part => self.held.insert(held),
            _ => self.held.insert((part, self.dataset.load(part)?)),
        };
        self.dataset.taken(name, whole.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{PIXELS, WIDTH, png::write};

    #[test]
    fn splits_are_those_of_the_dataset_and_files_are_read_once() {
        let folder = tempfile::tempdir().unwrap();
        for class in ["a", "b"] {
            fs::create_dir(folder.path().join(class)).unwrap();
            for level in 0..20 {
                write(&folder.path().join(format!("{class}/{level}.png")), &[level; PIXELS], WIDTH).unwrap();
            }
        }
        let dataset = Dataset::open(folder.path().to_str().unwrap(), None).unwrap().divided(1);
        let names = [SplitName::Train, SplitName::Validation, SplitName::Test];
        let expected = names.map(|name| dataset.split(name).unwrap());
        let mut reading = Reading::of(&dataset);
        assert_eq!(reading.split(names[0]).unwrap(), expected[0]);
        fs::remove_dir_all(folder.path().join("a")).unwrap();
        assert_eq!(names.map(|name| reading.split(name).unwrap()), expected);
    }
}
