//! Geometry of feature maps in memory: channels-last, with a border of zeros. A vector is a map of one pixel.

use super::gemm::Grid;

/// A feature map of one image: `[row][column][channel]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Map {
    /// Rows and columns of the content.
    pub(super) size: [usize; 2],
    pub(super) channels: usize,
    /// Floats from one pixel to the next: the channels, or more. What is more is finite, and weighs nothing.
    pub(super) pixel: usize,
    /// Rows and columns of zeros ahead of the content.
    pub(super) before: [usize; 2],
    /// Rows and columns of zeros behind it.
    pub(super) after: [usize; 2],
}

impl Map {
    /// A row of a matrix. Rows are an odd number of cache lines apart, lest a column of them fall into one cache set,
    /// and have room for whole registers.
    pub(super) const fn vector(length: usize) -> Self {
        Self::image([length, 1, 1], length.next_multiple_of(32) + 16)
    }

    /// `[channels, rows, columns]` without a border.
    pub(super) const fn image([channels, rows, columns]: [usize; 3], pixel: usize) -> Self {
        Self { size: [rows, columns], channels, pixel, before: [0, 0], after: [0, 0] }
    }

    /// The map with a border of at least this many rows and columns before and behind.
    pub(super) fn bordered(self, before: [usize; 2], after: [usize; 2]) -> Self {
        let larger = |a: [usize; 2], b: [usize; 2]| [a[0].max(b[0]), a[1].max(b[1])];
        Self { before: larger(self.before, before), after: larger(self.after, after), ..self }
    }

    /// Pixels of the content.
    pub(super) const fn pixels(self) -> usize {
        self.size[0] * self.size[1]
    }

    /// Elements of the content.
    pub(super) const fn content(self) -> usize {
        self.pixels() * self.channels
    }

    /// Floats from one row to the next.
    pub(super) const fn row(self) -> usize {
        (self.before[1] + self.size[1] + self.after[1]) * self.pixel
    }

    /// Floats of one image, border included.
    pub(super) const fn floats(self) -> usize {
        (self.before[0] + self.size[0] + self.after[0]) * self.row()
    }

    /// Floats of some maps in a buffer, with what tiles and registers reach behind the last of them.
    pub(super) const fn extent(self, images: usize) -> usize {
        images * self.floats() + 2 * self.row() + 2 * self.pixel + 32
    }

    /// Floats from the first element of a row of the content to behind its last.
    pub(super) const fn length(self) -> usize {
        (self.size[1] - 1) * self.pixel + self.channels
    }

    /// Offset of a pixel of the content, or of the border with negative or large coordinates.
    pub(super) const fn at(self, y: isize, x: isize) -> usize {
        let y = (y + self.before[0] as isize) as usize;
        let x = (x + self.before[1] as isize) as usize;
        y * self.row() + x * self.pixel
    }

    /// Offset of an element of the content, of which this is PyTorch's index.
    pub(super) const fn place(self, element: usize) -> usize {
        let pixel = element % self.pixels();
        self.at((pixel / self.size[1]) as isize, (pixel % self.size[1]) as isize) + element / self.pixels()
    }

    /// Whether the content lies in one piece, pixel by pixel.
    pub(super) const fn is_plain(self) -> bool {
        self.floats() == self.content()
    }

    /// The pixels of every `step[0]`-th row and `step[1]`-th column from `(y, x)` on, as rows of a matrix.
    pub(super) const fn grid(self, [y, x]: [isize; 2], step: [usize; 2]) -> Grid {
        Grid { origin: self.at(y, x), strides: [self.floats(), step[0] * self.row(), step[1] * self.pixel] }
    }

    /// PyTorch's index of every element of a row of the content as it lies in memory, `None` between two pixels.
    pub(super) fn order(self, y: usize) -> impl Iterator<Item = Option<usize>> {
        (0..self.length()).map(move |at| {
            let (x, channel) = (at / self.pixel, at % self.pixel);
            (channel < self.channels).then(|| (channel * self.size[0] + y) * self.size[1] + x)
        })
    }

    /// Copies images in PyTorch's order `(channel, row, column)`, `pitch` floats apart, to maps.
    pub(super) fn take(self, images: usize, flat: &[f32], pitch: usize, maps: &mut [f32]) {
        self.take_with(images, flat, pitch, maps, |to, from| *to = from);
    }

    /// Runs over the elements of maps and those of images in PyTorch's order.
    pub(super) fn take_with(
        self,
        images: usize,
        flat: &[f32],
        pitch: usize,
        maps: &mut [f32],
        pair: impl Fn(&mut f32, f32),
    ) {
        for (flat, map) in flat.chunks(pitch).zip(maps.chunks_mut(self.floats())).take(images) {
            for y in 0..self.size[0] {
                let row = &mut map[self.at(y as isize, 0)..][..self.length()];
                if self.pixel == 1 || self.pixels() == 1 {
                    let flat = &flat[y * row.len()..][..row.len()];
                    row.iter_mut().zip(flat).for_each(|(to, from)| pair(to, *from));
                    continue;
                }
                for channel in 0..self.channels {
                    let flat = &flat[(channel * self.size[0] + y) * self.size[1]..][..self.size[1]];
                    let row = row[channel..].iter_mut().step_by(self.pixel);
                    row.zip(flat).for_each(|(to, from)| pair(to, *from));
                }
            }
        }
    }

    /// Copies maps to images in PyTorch's order.
    pub(super) fn give(self, images: usize, maps: &[f32], flat: &mut [f32], pitch: usize) {
        if self.is_plain() && self.pixel == 1 && pitch == self.floats() {
            return flat[..images * pitch].copy_from_slice(&maps[..images * pitch]);
        }
        self.give_with(images, maps, flat, pitch, |to, from| *to = from);
    }

    /// Runs over the elements of images in PyTorch's order and those of maps.
    pub(super) fn give_with(
        self,
        images: usize,
        maps: &[f32],
        flat: &mut [f32],
        pitch: usize,
        pair: impl Fn(&mut f32, f32),
    ) {
        for (map, flat) in maps.chunks(self.floats()).zip(flat.chunks_mut(pitch)).take(images) {
            for y in 0..self.size[0] {
                let row = &map[self.at(y as isize, 0)..][..self.length()];
                if self.pixel == 1 || self.pixels() == 1 {
                    let flat = &mut flat[y * row.len()..][..row.len()];
                    flat.iter_mut().zip(row).for_each(|(to, from)| pair(to, *from));
                    continue;
                }
                for (x, pixel) in row.chunks(self.pixel).enumerate() {
                    let flat = flat[y * self.size[1] + x..].iter_mut().step_by(self.pixels());
                    flat.zip(&pixel[..self.channels]).for_each(|(to, from)| pair(to, *from));
                }
            }
        }
    }

    /// Zeroes the content of `images` maps.
    pub(super) fn clear(self, images: usize, maps: &mut [f32]) {
        self.rows_mut(images, maps).for_each(|row| row.fill(0.0));
    }

    /// The rows of the content of `images` maps, each from its first element to its last.
    pub(super) fn rows_mut(self, images: usize, maps: &mut [f32]) -> impl Iterator<Item = &mut [f32]> {
        let (skip, height, row) = (self.at(0, 0), self.size[0], self.row());
        let images = maps.chunks_mut(self.floats()).take(images);
        images.flat_map(move |map| {
            map[skip..].chunks_mut(row).take(height).map(move |floats| &mut floats[..self.length()])
        })
    }
}
