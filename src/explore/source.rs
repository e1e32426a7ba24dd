//! [`Source`]: where the image of a question comes from.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use robust_attacks::ImageShape;
use robust_data::pixel;
use serde::{Deserialize, Serialize};

use super::answer::Refusal;
use super::strokes::Strokes;
use super::studio::Studio;

/// Where an image comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Source {
    /// A person drew it.
    Strokes(Strokes),
    /// It is in the split, at this position of the whole.
    Index(u64),
    /// Levels, channel by channel, each row by row, as base64.
    Pixels(String),
}

/// An image, and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    /// `(P)`, in [0, 1].
    pub(super) pixels: Vec<f32>,
    /// Position in the split, if it is from there.
    pub(super) index: Option<u64>,
    /// True class, if it is from there.
    pub(super) label: Option<u32>,
}

impl Studio<'_> {
    /// The image of a question.
    pub(super) fn picture(&self, source: &Source) -> Result<Picture, Refusal> {
        let made = |pixels| Picture { pixels, index: None, label: None };
        match source {
            Source::Strokes(strokes) => match &self.framing {
                Some(framing) => Ok(made(strokes.image(framing)?)),
                None => Err(Refusal::Question(no_strokes(self.shape()))),
            },
            Source::Pixels(text) => Ok(made(decode(text, self.shape().pixels())?)),
            Source::Index(index) => {
                let split = self.split;
                let Ok(row) = split.indices().binary_search(index) else {
                    return Err(Refusal::NotFound(format!("there is no image {index} among the {}", split.len())));
                };
                let size = split.shape().values();
                let bytes = &split.pixels()[row * size..][..size];
                Ok(Picture {
                    pixels: bytes.iter().copied().map(pixel).collect(),
                    index: Some(*index),
                    label: Some(split.labels()[row]),
                })
            }
        }
    }
}

/// Why one cannot draw images of that shape.
pub(super) fn no_strokes(shape: ImageShape) -> String {
    format!("strokes become grey images of 28x28 pixels, and this network takes {shape}")
}

fn decode(text: &str, pixels: usize) -> Result<Vec<f32>, Refusal> {
    let bytes = BASE64_STANDARD.decode(text).map_err(|_| Refusal::Question("the pixels are not base64".into()))?;
    if bytes.len() != pixels {
        return Err(Refusal::Question(format!("an image of {} pixels, expected {pixels}", bytes.len())));
    }
    Ok(bytes.into_iter().map(pixel).collect())
}
