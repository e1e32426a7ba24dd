//! Figures that say themselves when they are not to be trusted: what was found, against what, and what to do.
//!
//! A [`Remark`] is made by a pure function from what was measured. It is a line on stderr, an entry of `remarks` in the JSON
//! files, and a sentence of the report. `docs/remarks.md` has all kinds with their rules.
//!
//! A remark is no error, since the figures are what was measured, and it changes none of them. Nor is it a check of
//! [`sanity`](crate::evaluation::sanity), which compares attacks with each other and also says where all is well.

mod attacked;
mod chance;
mod clean;
mod few_validated;
mod scans;
mod scores;
mod unlike;

use serde::Serialize;

pub use attacked::{Effect, auroc, few, few_positives, of_attacks};
pub(crate) use chance::binomial;
pub use clean::{Answers, Network, of_clean};
pub use few_validated::few_validated;
pub use scans::unprepared_images;
pub use scores::{ScoresSeen, Validated, constant_scores, flagged_share, misfits, nan_scores};
pub use unlike::{Flagged, unlike_images};

/// What can be wrong, by its name in files: in kebab case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An attack had a gradient of zero or NaN on images that it did not fool.
    BlindAttack,
    /// An attack fooled nothing.
    NothingFooled,
    /// An attacked set has fewer than ten positives.
    FewPositives,
    /// The network hardly does better than guessing on the clean images.
    AccuracyNearChance,
    /// The network does far worse on the clean images than its checkpoint says.
    AccuracyBelowOwn,
    /// The network gives all clean images the same label.
    ConstantPrediction,
    /// A detector flags another share of the clean images than was asked for.
    FlaggedShare,
    /// The threshold that flags rests on a handful of validation images.
    FewValidated,
    /// A detector gives all clean images the same score.
    ConstantScores,
    /// `detect.csv` holds scores that are not numbers.
    NanScores,
    /// A person's own images are inverted, or framed otherwise than those of MNIST and EMNIST.
    UnpreparedImages,
    /// Far more images are flagged than clean ones are.
    UnlikeImages,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 12] = [
        Self::BlindAttack,
        Self::NothingFooled,
        Self::FewPositives,
        Self::AccuracyNearChance,
        Self::AccuracyBelowOwn,
        Self::ConstantPrediction,
        Self::FlaggedShare,
        Self::FewValidated,
        Self::ConstantScores,
        Self::NanScores,
        Self::UnpreparedImages,
        Self::UnlikeImages,
    ];
}

/// A reason not to trust some of the figures of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// What is wrong.
    pub kind: Kind,
    /// Names of the sets whose figures it is about; none where it is about the clean images.
    pub sets: Vec<String>,
    /// Ids of the detectors that it is about; none where it is about the network or an attack.
    pub detectors: Vec<String>,
    /// One sentence without its full stop: what was found, against what, and what to do.
    pub text: String,
}
