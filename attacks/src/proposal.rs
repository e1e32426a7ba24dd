//! [`Proposal`]: what an attack hands over to be judged.

use crate::{Images, Trace};

/// An image for each original, and what it cost.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The shape of the original images.
    pub images: Images,
    /// `(B)`, what happened to each image on the way.
    pub traces: Vec<Trace>,
}

impl Proposal {
    /// Images that were made without asking the model.
    #[must_use]
    pub fn without_queries(images: Images) -> Self {
        Self { traces: vec![Trace::default(); images.count()], images }
    }
}
