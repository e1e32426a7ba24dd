//! Geometry of the feature maps: channels-last, with a border of zeros.

/// A square feature map of one image in memory: `[row][column][channel]`, with `before` rows and columns of zeros
/// ahead of the content and `after` behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Map {
    pub(super) size: usize,
    pub(super) channels: usize,
    pub(super) before: usize,
    pub(super) after: usize,
}

/// The image. A 5x5 window of stride 2 and padding 2 reaches from -2 to size.
pub(super) const IMAGE: Map = Map { size: 28, channels: 1, before: 2, after: 1 };
/// Behind the first convolution.
pub(super) const MIDDLE: Map = Map { size: 14, channels: 32, before: 2, after: 1 };
/// Behind the second convolution: never the larger side of one, so a border of 1 serves the transposed windows.
pub(super) const INNER: Map = Map { size: 7, channels: 64, before: 1, after: 1 };

impl Map {
    /// Pixels of the content.
    pub(super) const fn pixels(self) -> usize {
        self.size * self.size
    }

    /// Floats of the content.
    pub(super) const fn content(self) -> usize {
        self.pixels() * self.channels
    }

    /// Rows, and columns, with the border.
    pub(super) const fn pitch(self) -> usize {
        self.before + self.size + self.after
    }

    /// Floats from one row to the next.
    pub(super) const fn row(self) -> usize {
        self.pitch() * self.channels
    }

    /// Floats of one image, border included.
    pub(super) const fn floats(self) -> usize {
        self.pitch() * self.row()
    }

    /// Offset of a pixel of the content, or of the border with negative or large coordinates.
    pub(super) const fn at(self, y: isize, x: isize) -> usize {
        let y = (y + self.before as isize) as usize;
        let x = (x + self.before as isize) as usize;
        y * self.row() + x * self.channels
    }
}

/// Where the rows of a matrix lie: `rows` and `columns` of positions in each image, `[image, row, column]` strides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    pub(super) origin: usize,
    pub(super) strides: [usize; 3],
}

impl Grid {
    /// Every `step`-th pixel of a map, from `(y, x)` on.
    pub(super) const fn of(map: Map, y: isize, x: isize, step: usize) -> Self {
        Self { origin: map.at(y, x), strides: [map.floats(), step * map.row(), step * map.channels] }
    }

    /// Offset of a position.
    pub(super) const fn at(self, [image, y, x]: [usize; 3]) -> usize {
        self.origin + image * self.strides[0] + y * self.strides[1] + x * self.strides[2]
    }
}
