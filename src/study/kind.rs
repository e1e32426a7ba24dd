//! Which figures there are and what they are called.

/// A figure of the paper, for digits or letters, or one that it leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 3 and 4: images and what the network draws of them.
    Reconstructions,
    /// 5 and 6: misclassified images, drawn under the prediction and under the true label.
    Misclassified,
    /// 7 and 8: the nearest neighbours in image space and in style space.
    Neighbours,
    /// 9 and 10: style interpolation within every class.
    Interpolation,
    /// 11: style interpolation from capital to small letters.
    Forms,
    /// The way of an interpolation through image space.
    Path,
    /// The style of one class under the label of another.
    Transfer,
    /// The generic sample of every class.
    Generic,
    /// What each style neuron does.
    Traversal,
}

impl Kind {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Reconstructions,
        Self::Misclassified,
        Self::Neighbours,
        Self::Interpolation,
        Self::Forms,
        Self::Path,
        Self::Transfer,
        Self::Generic,
        Self::Traversal,
    ];

    /// What its files are called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reconstructions => "reconstructions",
            Self::Misclassified => "misclassified",
            Self::Neighbours => "neighbours",
            Self::Interpolation => "interpolation",
            Self::Forms => "forms",
            Self::Path => "path",
            Self::Transfer => "transfer",
            Self::Generic => "generic",
            Self::Traversal => "traversal",
        }
    }

    /// Its numbers in the paper, which shows digits first and letters next.
    fn numbers(self) -> &'static [&'static str] {
        match self {
            Self::Reconstructions => &["3", "4"],
            Self::Misclassified => &["5", "6"],
            Self::Neighbours => &["7", "8"],
            Self::Interpolation => &["9", "10"],
            Self::Forms => &["11"],
            _ => &[],
        }
    }

    /// The figure of that name or number.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text || kind.numbers().contains(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn every_figure_is_found_by_name_and_by_the_papers_numbers() {
        for kind in Kind::ALL {
            assert_eq!(Kind::find(kind.name()), Some(kind));
        }
        let numbered: Vec<&str> = ["3", "4", "5", "6", "7", "8", "9", "10", "11"]
            .into_iter()
            .filter_map(|number| Kind::find(number).map(Kind::name))
            .collect();
        assert_eq!(numbered.len(), 9);
        assert_eq!((numbered[0], numbered[1], numbered[8]), ("reconstructions", "reconstructions", "forms"));
        assert_eq!((Kind::find("2"), Kind::find("12"), Kind::find("")), (None, None, None));
    }
}
