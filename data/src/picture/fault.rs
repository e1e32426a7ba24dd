//! What can be wrong with a picture, as the end of a line that begins with its path.

use crate::shape::MAX_SIDE;

/// A file of `D` bytes cannot hold more pixels than this times `D`: deflate packs 1,032 bytes into one, a JPEG at best a block of 64
/// pixels into a bit.
const MOST_PACKED: u64 = 1_100;
/// The most pixels of a picture: what it takes to be decoded stays below 1 GB.
const MOST_PIXELS: u64 = 1 << 26;

/// Why a picture cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureFault {
    /// The decoder gave up.
    #[error("is no readable {format} ({reason}): save it again")]
    Damaged {
        /// PNG or JPEG.
        format: &'static str,
        /// What the decoder said.
        reason: String,
    },
    /// Colours for a printer, which mean nothing without its profile.
    #[error("is a JPEG in CMYK, the colours of a printer: convert it to RGB")]
    Cmyk,
    /// More pixels than are accepted.
    #[error(
        "has {width}x{height} pixels, expected at most {MAX_SIDE} a side and {MOST_PIXELS} in all: make it smaller"
    )]
    TooLarge {
        /// Columns.
        width: u64,
        /// Rows.
        height: u64,
    },
    /// More pixels than its bytes can hold.
    #[error("claims {width}x{height} pixels, more than its {bytes} bytes can hold: get the file again")]
    Claim {
        /// Columns.
        width: u64,
        /// Rows.
        height: u64,
        /// The length of the file.
        bytes: usize,
    },
}

impl PictureFault {
    /// A fault unless a picture of that size, which takes `raw` bytes unpacked, may lie in a file of `bytes` bytes.
    pub(super) fn check(width: u64, height: u64, raw: u64, bytes: usize) -> Result<(), Self> {
        if width.max(height) > MAX_SIDE as u64 || width * height > MOST_PIXELS {
            return Err(Self::TooLarge { width, height });
        }
        match raw > MOST_PACKED * bytes as u64 {
            true => Err(Self::Claim { width, height, bytes }),
            false => Ok(()),
        }
    }

    /// The fault of a decoder that says `reason`, on one line.
    pub(super) fn damaged(format: &'static str, reason: &str) -> Self {
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        Self::Damaged { format, reason: crate::plain(&reason).into_owned() }
    }
}
