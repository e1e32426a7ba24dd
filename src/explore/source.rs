//! [`Source`]: where the image of a question comes from.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use robust_data::{PIXELS, Split, pixel};
use serde::{Deserialize, Serialize};

use super::answer::Refusal;
use super::framing::Framing;
use super::strokes::Strokes;

/// Where an image comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Source {
    /// A person drew it.
    Strokes(Strokes),
    /// It is in the split, at this position of the whole.
    Index(u64),
    /// 784 grey levels, row by row, as base64.
    Pixels(String),
}

/// An image, and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    /// `(784)`, in [0, 1].
    pub(super) pixels: Vec<f32>,
    /// Position in the split, if it is from there.
    pub(super) index: Option<u64>,
    /// True class, if it is from there.
    pub(super) label: Option<u32>,
}

impl Source {
    /// The image.
    pub(super) fn picture(&self, split: &Split, framing: &Framing) -> Result<Picture, Refusal> {
        match self {
            Self::Strokes(strokes) => Ok(Picture { pixels: strokes.image(framing)?, index: None, label: None }),
            Self::Pixels(text) => Ok(Picture { pixels: decode(text)?, index: None, label: None }),
            Self::Index(index) => {
                let Ok(row) = split.indices().binary_search(index) else {
                    return Err(Refusal::NotFound(format!("there is no image {index} among the {}", split.len())));
                };
                let bytes = &split.pixels()[row * PIXELS..][..PIXELS];
                Ok(Picture {
                    pixels: bytes.iter().copied().map(pixel).collect(),
                    index: Some(*index),
                    label: Some(split.labels()[row]),
                })
            }
        }
    }
}

fn decode(text: &str) -> Result<Vec<f32>, Refusal> {
    let bytes = BASE64_STANDARD.decode(text).map_err(|_| Refusal::Question("the pixels are not base64".into()))?;
    if bytes.len() != PIXELS {
        return Err(Refusal::Question(format!("an image of {} pixels, expected {PIXELS}", bytes.len())));
    }
    Ok(bytes.into_iter().map(pixel).collect())
}
