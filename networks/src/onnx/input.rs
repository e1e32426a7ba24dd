//! The image that a network is given: what the file declares, and what its owner adds where it says nothing.

use super::budget::elements;
use super::error::{OnnxError, plain};
use super::message::{Declared, Dimension, Kind};
use super::stored::kind_name;

/// Where the channels of an image lie in the file's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channels {
    /// Batch, channels, rows, columns: PyTorch.
    First,
    /// Batch, rows, columns, channels: Keras.
    Last,
}

impl Channels {
    /// Where in the file's input a value lies that is the one `at` of an image channel by channel, of so many channels of so many pixels.
    pub fn place(self, at: usize, [channels, pixels]: [usize; 2]) -> usize {
        match self {
            Channels::First => at,
            Channels::Last => at % pixels * channels + at / pixels,
        }
    }
}

/// The file's input as an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Image {
    /// Channels, rows, columns.
    pub(super) shape: [usize; 3],
    /// The input's shape for a batch of one.
    pub(super) whole: Vec<usize>,
    pub(super) channels: Channels,
    /// The batch that the file fixes, where that is more than one image.
    pub(super) batch: Option<usize>,
    pub(super) notes: Vec<String>,
}

/// The sizes that are fixed.
pub(super) fn declared_sizes(declared: &Declared) -> Result<Vec<Option<usize>>, OnnxError> {
    let wrong = |reason: String| OnnxError::Input(format!("{} {reason}", plain(declared.name)));
    match &declared.kind {
        Kind::Tensor(1 | 11, Some(shape)) => shape
            .iter()
            .map(|dimension| match *dimension {
                Dimension::Named(_) | Dimension::Fixed(-1 | 0) => Ok(None),
                Dimension::Fixed(size) => match usize::try_from(size) {
                    Ok(size) if size > 0 => Ok(Some(size)),
                    _ => Err(wrong(format!("has a dimension of {size}"))),
                },
            })
            .collect(),
        Kind::Tensor(1 | 11, None) | Kind::Unsaid => Err(wrong("is declared without a shape".to_owned())),
        Kind::Tensor(kind, _) => {
            Err(wrong(format!("is of {}, and images are FLOAT; export the network in float32", kind_name(*kind))))
        }
        Kind::Other(kind) => Err(wrong(format!("is {kind}, not a tensor"))),
    }
}

/// The image. `said`: its shape and where its channels lie, if the owner says so.
pub(super) fn image(
    declared: &Declared,
    said: Option<[usize; 3]>,
    channels: Option<Channels>,
) -> Result<Image, OnnxError> {
    let sizes = declared_sizes(declared)?;
    let name = plain(declared.name);
    let told = |reason: &str| format!("{name} of shape {} {reason}", written(&sizes));
    let wrong = |reason: &str| OnnxError::Input(told(reason));
    let mut notes = Vec::new();
    if let Kind::Tensor(11, _) = declared.kind {
        notes.push("The input is declared as doubles; the network is computed in floats.".to_owned());
    }
    let channels_at = channels.unwrap_or(match sizes[..] {
        [_, second, _, Some(1 | 3)] if !matches!(second, Some(1 | 3)) => Channels::Last,
        _ => Channels::First,
    });
    // What the file leaves open is as the owner says.
    let closed = |open: [Option<usize>; 3]| -> Result<[usize; 3], OnnxError> {
        let mut shape = [0; 3];
        for (at, size) in open.into_iter().enumerate() {
            shape[at] = match (size, said.map(|said| said[at])) {
                (Some(size), Some(other)) if size != other => {
                    return Err(wrong(&format!(
                        "is no image of {:?} (channels, rows, columns)",
                        said.unwrap_or_default()
                    )));
                }
                (Some(size), _) | (None, Some(size)) => size,
                (None, None) => {
                    let reason = told("leaves the image's size open; say it (channels, rows, columns)");
                    return Err(OnnxError::OpenSize(reason));
                }
            };
        }
        Ok(shape)
    };
    let (batch, shape, whole) = match (&sizes[..], channels_at) {
        (&[batch, c, h, w], Channels::First) => {
            let shape = closed([c, h, w])?;
            (batch, shape, vec![1, shape[0], shape[1], shape[2]])
        }
        (&[batch, h, w, c], Channels::Last) => {
            let shape = closed([c, h, w])?;
            if channels.is_none() {
                notes
                    .push(format!("The channels are taken to be the last dimension of the input {}.", written(&sizes)));
            }
            (batch, shape, vec![1, shape[1], shape[2], shape[0]])
        }
        (&[batch @ (None | Some(1)), h, w], _) => {
            let shape = closed([Some(1), h, w])?;
            notes.push(format!("The input {} is taken as images of one channel.", written(&sizes)));
            (batch, shape, vec![1, shape[1], shape[2]])
        }
        (&[batch, features], _) if features.is_some() || said.is_some() => {
            let features = features.unwrap_or_else(|| said.unwrap_or_default().iter().product());
            let shape = said.unwrap_or([1, 1, features]);
            if elements(&shape) != Ok(features) {
                return Err(wrong(&format!(
                    "has not as many features as an image of {shape:?} (channels, rows, columns)"
                )));
            }
            let order =
                if channels_at == Channels::Last { "rows, columns, channels" } else { "channels, rows, columns" };
            notes.push(format!(
                "The {features} features of the input are taken as images of {shape:?} (channels, rows, columns), one behind the other by {order}."
            ));
            (batch, shape, vec![1, features])
        }
        _ => return Err(wrong("is no batch of images: (batch, channels, rows, columns) is expected")),
    };
    if shape.contains(&0) || elements(&shape).is_err() {
        return Err(wrong(&format!("has images of {shape:?}, which is absurd")));
    }
    let batch = batch.filter(|&batch| batch > 1);
    if let Some(batch) = batch {
        notes.push(format!("The file fixes a batch of {batch} images; the network is lowered for any number of them."));
    }
    Ok(Image { shape, whole, channels: channels_at, batch, notes })
}

/// A shape with `?` for what is open.
fn written(sizes: &[Option<usize>]) -> String {
    let one = |size: &Option<usize>| size.map_or_else(|| "?".to_owned(), |size| size.to_string());
    format!("[{}]", sizes.iter().map(one).collect::<Vec<_>>().join(", "))
}
