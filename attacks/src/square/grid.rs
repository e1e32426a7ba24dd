//! Where the pixels of an image are, and windows on them.

use std::ops::Range;

use candle_core::Shape;
use rand::Rng;

/// Channels, rows and columns of an image, whose pixels lie in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) channels: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

/// The same rectangle of every channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) top: usize,
    pub(super) left: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Grid {
    /// The last two dimensions of images `(B, ...)` are rows and columns, those before channels; a single one is columns.
    pub(super) fn of(images: &Shape) -> Self {
        match &images.dims()[1..] {
            [channels @ .., height, width] => {
                Self { channels: channels.iter().product(), height: *height, width: *width }
            }
            columns => Self { channels: 1, height: 1, width: columns.iter().product() },
        }
    }

    /// The pixels of a channel.
    pub(super) fn pixels(self) -> usize {
        self.height * self.width
    }

    /// A window anywhere in the image, `side` rows and columns or as many as there are, but never the whole image, which would
    /// leave nothing to choose.
    pub(super) fn window(self, side: usize, rng: &mut impl Rng) -> Window {
        let side = side.min(self.height.max(self.width) - 1).max(1);
        let (height, width) = (side.min(self.height), side.min(self.width));
        let (top, left) = (rng.random_range(0..=self.height - height), rng.random_range(0..=self.width - width));
        Window { top, left, height, width }
    }

    /// Where the rows of a window on a channel lie among the pixels of the image.
    pub(super) fn rows(self, window: Window, channel: usize) -> impl Iterator<Item = Range<usize>> {
        (window.top..window.top + window.height).map(move |row| {
            let start = (channel * self.height + row) * self.width + window.left;
            start..start + window.width
        })
    }
}
