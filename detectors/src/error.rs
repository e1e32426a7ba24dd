//! What can go wrong, each in one line that says what was found and what was expected.

/// Why a perception, a score, a threshold or a metric could not be computed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No detector has that id.
    #[error("no detector is called \"{id}\": choose one of {}", known.join(", "))]
    UnknownDetector {
        /// What was asked for.
        id: String,
        /// The ids that exist.
        known: Vec<&'static str>,
    },
    /// A batch without images.
    #[error("found images of shape {found:?}, expected at least one image: (B, ...) with B > 0")]
    NoImages {
        /// The shape of the batch.
        found: Vec<usize>,
    },
    /// Images that are not f32.
    #[error("found images of type {found}, expected f32 in [{min}, {max}]")]
    PixelType {
        /// candle's name of the type.
        found: &'static str,
        /// The smallest pixel the model takes.
        min: f32,
        /// The largest pixel the model takes.
        max: f32,
    },
    /// A pixel that is NaN or outside the model's bounds.
    #[error("image {image} has a pixel of {value}, expected pixels in [{min}, {max}]: rescale the images")]
    Pixel {
        /// Position of the image in its batch.
        image: usize,
        /// The pixel.
        value: f32,
        /// The smallest pixel the model takes.
        min: f32,
        /// The largest pixel the model takes.
        max: f32,
    },
    /// A model with fewer than two labels, which leaves no alternative to a prediction.
    #[error("the model has {found} label(s), expected at least 2")]
    TooFewLabels {
        /// The number of labels.
        found: usize,
    },
    /// A model that gives logits alone was asked for more.
    #[error(
        "{asker} needs a model that draws, and this one gives logits alone: choose a detector that needs no more, such as msp"
    )]
    NoDecoder {
        /// What asked: "detector `cycle`", say.
        asker: String,
    },
    /// The model reported an error.
    #[error("the model could not {task}: {}", without_backtrace(error))]
    Model {
        /// What it was asked to do.
        task: &'static str,
        /// What it reported.
        error: candle_core::Error,
    },
    /// The model returned a tensor of another shape than its contract says.
    #[error("the model gave {what} of shape {found:?}, expected {expected:?}")]
    Shape {
        /// Which tensor.
        what: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// The shape of the contract.
        expected: [usize; 2],
    },
    /// The model returned a value that no score can be made from.
    #[error("the model gave {what} of {value} for {of} {image}, expected {expected}: check its weights")]
    Value {
        /// Which tensor.
        what: &'static str,
        /// What it looked at: "image", "the reconstruction of image", ...
        of: &'static str,
        /// Position of the image in its batch.
        image: usize,
        /// The value.
        value: f32,
        /// What values may be.
        expected: &'static str,
    },
    /// A detector that no attack can descend.
    #[error("detector `{id}` has no gradient for an attack to follow: attack another one")]
    NoGradient {
        /// Its id.
        id: &'static str,
    },
    /// A fit that a detector cannot be made from.
    #[error("array `{name}` of the fit {found}, expected finite numbers of shape {expected:?}: fit the detector again")]
    Fit {
        /// The array.
        name: String,
        /// What is wrong with it.
        found: String,
        /// The shape that it should have.
        expected: Vec<usize>,
    },
    /// Clean images that a detector cannot be fitted on.
    #[error("found {found} clean image{}, expected at least {least} to fit a detector on", if *.found == 1 { "" } else { "s" })]
    TooFewImages {
        /// How many there are.
        found: usize,
        /// How many it takes.
        least: usize,
    },
    /// Clean images of one class, from which no detector learns to tell classes apart.
    #[error("found clean images of class {found} alone, expected images of at least 2 classes to fit a detector on")]
    OneClass {
        /// The class.
        found: u32,
    },
    /// Images without a label each.
    #[error("found {labels} labels for {images} images, expected one each")]
    LabelCount {
        /// How many images there are.
        images: usize,
        /// How many labels.
        labels: usize,
    },
    /// A label that the model does not know.
    #[error("found the label {found}, expected one below {classes}: take images of the model's own classes")]
    Label {
        /// The label.
        found: u32,
        /// How many labels the model knows.
        classes: usize,
    },
    /// No validation scores to make a threshold from.
    #[error("found no validation scores, expected at least one: a threshold is made from clean validation images")]
    NoValidationScores,
    /// A false-positive rate outside [0, 1].
    #[error("found a false-positive rate of {found}, expected one in [0, 1], such as 0.05")]
    Rate {
        /// The rate.
        found: f64,
    },
    /// A NaN where a score belongs.
    #[error("found NaN as {what} score {index}, expected a number")]
    NanScore {
        /// Which scores: "validation", "negative" or "positive".
        what: &'static str,
        /// Position of the NaN among them.
        index: usize,
    },
    /// A NaN where a threshold belongs.
    #[error("found NaN as the threshold, expected a score")]
    NanThreshold,
}

impl Error {
    /// The same of an array that lies in a part of a fit, by its full name.
    pub(crate) fn of_part(self, part: &str) -> Self {
        match self {
            Self::Fit { name, found, expected } => Self::Fit { name: format!("{part}.{name}"), found, expected },
            other => other,
        }
    }

    /// Turns candle's error into ours, for `map_err`.
    pub(crate) fn model(task: &'static str) -> impl FnOnce(candle_core::Error) -> Self {
        move |error| Self::Model { task, error }
    }
}

/// candle writes its backtrace into the message when `RUST_BACKTRACE` is set; ours stays one line.
fn without_backtrace(error: &candle_core::Error) -> &candle_core::Error {
    match error {
        candle_core::Error::WithBacktrace { inner, .. } => without_backtrace(inner),
        error => error,
    }
}

/// Rejects NaN, which has no place in an order of scores.
pub(crate) fn reject_nan(what: &'static str, scores: &[f32]) -> Result<(), Error> {
    match scores.iter().position(|score| score.is_nan()) {
        Some(index) => Err(Error::NanScore { what, index }),
        None => Ok(()),
    }
}
