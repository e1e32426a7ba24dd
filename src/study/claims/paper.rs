//! What the paper says of a dataset.

/// What the paper says of a dataset.
pub(super) struct Paper {
    pub(super) accuracy: Option<f64>,
    /// Neighbours of the image's class, of 97, in image space and in style space.
    pub(super) same_class: &'static str,
    /// Figures of reconstructions, of misclassified images, of neighbours, of interpolations.
    pub(super) figures: [&'static str; 4],
}

impl Paper {
    /// Nothing, where it does not know the dataset.
    pub(super) fn on(dataset: &str) -> Self {
        match dataset {
            "mnist" => Self {
                accuracy: Some(0.9848),
                same_class: "two examples: 18 to 13, 76 to 46",
                figures: ["figure 3", "figure 5", "figure 7", "figure 9"],
            },
            "emnist-letters" => Self {
                accuracy: Some(0.9127),
                same_class: "two examples: 52 to 6, 47 to 17",
                figures: ["figure 4", "figure 6", "figure 8", "figures 10, 11"],
            },
            _ => Self { accuracy: None, same_class: "", figures: [""; 4] },
        }
    }
}
