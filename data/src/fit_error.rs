//! What can be wrong with the size of images; one line each, which names the flags that help.

use std::path::PathBuf;

use crate::{Crop, ImageShape};

/// Why images do not have the size or the channels that they should have.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// Another shape than the one that is asked for.
    #[error("{} holds images of {}, expected {}: {}", path.display(), found.beside(*expected), expected.beside(*found), advice(*found, *expected))]
    Shape {
        /// The file or folder.
        path: PathBuf,
        /// The shape of its images.
        found: ImageShape,
        /// The shape that is asked for, a network's.
        expected: ImageShape,
    },
    /// A person's picture of another size than that of written characters, for a network that may take these.
    #[error("{path} holds images of {}, expected {}: give --prepare for scans of characters; for other pictures {}", found.beside(*expected), expected.beside(*found), advice(*found, *expected))]
    Scan {
        /// The file.
        path: PathBuf,
        /// The shape of its images.
        found: ImageShape,
        /// The shape that is asked for, [`ImageShape::GREY`].
        expected: ImageShape,
    },
    /// A crop that is larger than the image.
    #[error(
        "{path}: --crop {crop} is larger than its {}x{} pixels: crop less, or give --resize {crop} as well", found.width, found.height
    )]
    Crop {
        /// The file.
        path: PathBuf,
        /// The shape of the image, resized already.
        found: ImageShape,
        /// The crop.
        crop: Crop,
    },
    /// An image that resizing would make absurdly long.
    #[error(
        "{path}: --resize would make its {}x{} pixels {width}x{height} pixels, expected at most 16384 a side: leave the picture out, or give --resize WxH", found.width, found.height
    )]
    Long {
        /// The file.
        path: PathBuf,
        /// The shape of the image.
        found: ImageShape,
        /// The columns that it would have.
        width: usize,
        /// The rows that it would have.
        height: usize,
    },
    /// Pictures of several sizes.
    #[error("{folder} holds pictures of several sizes ({sizes}): give --resize WxH, or --resize SHORT with --crop N")]
    Sizes {
        /// The folder.
        folder: PathBuf,
        /// The sizes, and how many pictures have each.
        sizes: String,
    },
    /// Scans that should be prepared for a network of other images than characters.
    #[error("--prepare makes images of {}, and the network takes {expected}: leave it out", ImageShape::GREY)]
    Prepare {
        /// The shape that the network takes.
        expected: ImageShape,
    },
}

/// The flags that bring images to the expected size.
fn advice(found: ImageShape, expected: ImageShape) -> String {
    let ImageShape { height, width, .. } = expected;
    match (found.height, found.width) == (height, width) {
        true => "convert them first".to_owned(),
        false if height == width => format!("give --resize {width} --crop {width}, or --resize {width}x{height}"),
        false => format!("give --resize {width}x{height}"),
    }
}
