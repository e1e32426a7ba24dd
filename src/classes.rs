//! Whether a network and a dataset speak of the same classes, and what these are called.

use robust_data::Dataset;

use crate::checkpoint::Metadata;

/// A dataset whose classes are not those of a network.
#[derive(Debug, thiserror::Error)]
pub enum ClassesError {
    /// There are more of them, or fewer.
    #[error(
        "the network, trained on '{trained_on}', tells {classes} classes apart and dataset '{dataset}' has {found}; choose another with --dataset or --model"
    )]
    Number {
        /// The network's dataset.
        trained_on: String,
        /// The network's classes.
        classes: usize,
        /// The dataset's name.
        dataset: String,
        /// Its classes.
        found: usize,
    },
    /// They are the same in another order, so that every label would mean another class.
    #[error(
        "label {label} is '{own}' to the network, trained on '{trained_on}', and '{found}' in dataset '{dataset}': the same classes in another order; name the dataset's classes in the network's order"
    )]
    Order {
        /// The first label that means two things.
        label: usize,
        /// The network's dataset.
        trained_on: String,
        /// What the network calls it.
        own: String,
        /// The dataset's name.
        dataset: String,
        /// What the dataset calls it.
        found: String,
    },
}

/// The names of a network's `K` classes in front of a dataset.
///
/// A dataset that knows its classes has `K` of them and gives the names. A folder knows only the labels that it holds: they may be
/// fewer, and the network gives the names.
///
/// # Errors
/// [`ClassesError`].
pub fn class_names<'a>(network: &'a Metadata, dataset: &'a Dataset) -> Result<&'a [String], ClassesError> {
    let (classes, names) = (network.classes, dataset.class_names());
    let (trained_on, name) = (network.dataset.clone(), dataset.name().to_owned());
    match dataset.classes_from_labels() {
        true if names.len() <= classes => Ok(&network.class_names),
        false if names.len() == classes && network.dataset == Metadata::UNKNOWN => Ok(names),
        false if names.len() == classes => match misplaced(&network.class_names, names) {
            None => Ok(names),
            Some(label) => {
                let (own, found) = (network.class_names[label].clone(), names[label].clone());
                Err(ClassesError::Order { label, trained_on, own, dataset: name, found })
            }
        },
        _ => Err(ClassesError::Number { trained_on, classes, dataset: name, found: names.len() }),
    }
}

/// The first name that differs between two lists, where both have the same names. Other names are the same classes as people call them.
fn misplaced(own: &[String], found: &[String]) -> Option<usize> {
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort();
        names
    };
    own.iter().zip(found).position(|(own, found)| own != found).filter(|_| sorted(own) == sorted(found))
}

#[cfg(test)]
mod tests {
    use super::misplaced;

    #[test]
    fn the_same_names_in_another_order_are_noticed_and_other_names_are_not() {
        let names = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (own, found, expected) in [
            ("a b c", "a b c", None),
            ("a b c", "a c b", Some(1)),
            ("0 1 2 10", "0 1 10 2", Some(2)),
            ("0 1 2", "shirt coat bag", None),
            ("a a b", "a b b", None),
        ] {
            assert_eq!(misplaced(&names(own), &names(found)), expected, "{own} and {found}");
        }
    }
}
