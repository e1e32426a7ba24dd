//! What can be wrong with an attack's input, its settings, or the model's answers.

use candle_core::{DType, Shape};

use crate::{ImageShape, Norm, Setting};

/// Every error of this crate; one line each, saying what was found and what was expected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Candle failed, usually inside the model.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
    /// The budget's epsilon is negative, NaN or infinite.
    #[error("epsilon is {0}, expected a finite number of at least 0")]
    Epsilon(f64),
    /// An epsilon that no perturbation can reach.
    #[error(
        "epsilon is {epsilon} in {norm}, expected at most {farthest}: images with pixels in [0, 1] lie no farther apart"
    )]
    BeyondBounds {
        /// What was given.
        epsilon: f64,
        /// The norm.
        norm: Norm,
        /// The distance between the two images that lie farthest apart.
        farthest: f64,
    },
    /// An image that cannot be saved as JPEG and read again.
    #[error("an image of {height}x{width} pixels cannot be saved as JPEG: {what}")]
    Jpeg {
        /// Its rows.
        height: usize,
        /// Its columns.
        width: usize,
        /// What went wrong.
        what: String,
    },
    /// A budget of a norm that the attack cannot work in.
    #[error("`{attack}` does not work in {norm}, expected {expected}")]
    NormOfAttack {
        /// The attack's name.
        attack: &'static str,
        /// The budget's norm.
        norm: Norm,
        /// The norms that it works in.
        expected: &'static str,
    },
    /// A norm that a method does not know.
    #[error("{method} has no norm {norm}, only {}", known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    NormOfMethod {
        /// The method's id.
        method: &'static str,
        /// What was asked for.
        norm: Norm,
        /// The norms that it knows.
        known: &'static [Norm],
    },
    /// An attack that knows the detector, on a model that has none.
    #[error("`{attack}` attacks a detector, and the model has none: put one in front of it with `Guarded`")]
    NoDetector {
        /// The attack's name.
        attack: &'static str,
    },
    /// An attack that stops where the detector lets an image pass, against one that does not say where that is.
    #[error("`{attack}` stops early where the detector lets an image pass, and the detector has no threshold: set one")]
    NoThreshold {
        /// The attack's name.
        attack: &'static str,
    },
    /// No such method in [`methods`](crate::methods).
    #[error("unknown attack `{name}`, expected one of {known}")]
    UnknownMethod {
        /// What was asked for.
        name: String,
        /// Every name that exists, separated by commas.
        known: String,
    },
    /// A setting that the method does not have.
    #[error("`{method}` has no {setting} to set")]
    UnusedSetting {
        /// The method's id.
        method: &'static str,
        /// The setting.
        setting: Setting,
    },
    /// A setting outside its range.
    #[error("{setting} is {value}, expected {expected}")]
    SettingRange {
        /// The setting.
        setting: Setting,
        /// What was given.
        value: f64,
        /// The range.
        expected: &'static str,
    },
    /// Images without a batch dimension, without an image or without a pixel.
    #[error("images have shape {0:?}, expected (batch, ...) with at least one image and one pixel")]
    ImageShape(Shape),
    /// Images of another size than the model's.
    #[error("images have shape {found:?}, expected (batch, ...) with {} pixels each: the model takes {expected}", expected.pixels())]
    OtherShape {
        /// The shape of the images.
        found: Shape,
        /// That of one image of the model's.
        expected: ImageShape,
    },
    /// Images without rows and columns, where pixels are moved or mixed with those around them.
    #[error("images have shape {0:?}, expected (batch, channels, height, width) or (batch, height, width)")]
    Plane(Shape),
    /// Images that are not f32.
    #[error("images are {0:?}, expected F32")]
    ImageType(DType),
    /// A pixel that is NaN or infinite, or outside the model's bounds.
    #[error("image {image} of the batch has a pixel of {value}, expected {min} to {max}, the model's bounds")]
    Pixel {
        /// Position in the batch.
        image: usize,
        /// The pixel.
        value: f32,
        /// The smallest allowed.
        min: f32,
        /// The largest allowed.
        max: f32,
    },
    /// A model whose bounds are not an interval.
    #[error("the model's bounds are {min} to {max}, expected two finite numbers, the smaller first")]
    Bounds {
        /// The model's smallest pixel.
        min: f32,
        /// The model's largest pixel.
        max: f32,
    },
    /// Not one label, target class or dataset index per image.
    #[error("{found} {what} for {images} images, expected one per image")]
    Count {
        /// What was counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many images there are.
        images: usize,
    },
    /// A label or target class that the model does not have.
    #[error("image {image} of the batch has class {class}, but the model has classes 0 to {}", classes - 1)]
    Class {
        /// Position in the batch.
        image: usize,
        /// The label or target.
        class: u32,
        /// How many classes the model has.
        classes: usize,
    },
    /// The model's answer is not a matrix of logits.
    #[error(
        "the model's logits have shape {found:?} for {images} images, expected ({images}, classes) with at least two"
    )]
    Logits {
        /// The shape of its answer.
        found: Shape,
        /// How many images it was asked about.
        images: usize,
    },
    /// A model that gives another number of logits than its signature says.
    #[error("the model gives {found} logits for an image, expected {classes}, one for each class of its signature")]
    OtherClasses {
        /// How many logits it gives.
        found: usize,
        /// How many classes its signature names.
        classes: usize,
    },
    /// The model's logits for an image are NaN or infinite.
    #[error("the model's logits for image {image} of the batch are NaN or infinite: are its weights sound?")]
    LogitsNotFinite {
        /// Position in the batch.
        image: usize,
    },
    /// The model's gradient has not the shape of the images.
    #[error("the gradient has shape {found:?}, expected {expected:?}, that of the images")]
    Gradient {
        /// The gradient's shape.
        found: Shape,
        /// The images' shape.
        expected: Shape,
    },
    /// An attack proposed something other than one finite image per image.
    #[error("attack `{attack}` is broken: it proposed {found}")]
    Proposal {
        /// The attack's name.
        attack: String,
        /// What is wrong.
        found: String,
    },
}
