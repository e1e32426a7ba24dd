//! [`Form`]: how the pixels of an image lie.

/// Planes of pixels, one after the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Form {
    pub(crate) channels: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Form {
    /// Of images of these dimensions: `(B, ..., height, width)`, or `(B, width)`.
    pub(crate) fn of(dims: &[usize]) -> Self {
        let dims = dims.get(1..).unwrap_or_default();
        let (rest, width) = dims.split_last().map_or((dims, 1), |(width, rest)| (rest, *width));
        let (rest, height) = rest.split_last().map_or((rest, 1), |(height, rest)| (rest, *height));
        Self { channels: rest.iter().product(), height, width }
    }

    pub(crate) fn pixels(self) -> usize {
        self.channels * self.height * self.width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_the_last_two_dimensions_and_as_many_planes() {
        for (dims, channels, height, width) in
            [(&[5, 3, 28, 26][..], 3, 28, 26), (&[5, 28, 26], 1, 28, 26), (&[5, 8], 1, 1, 8), (&[5], 1, 1, 1)]
        {
            assert_eq!(Form::of(dims), Form { channels, height, width }, "{dims:?}");
        }
    }
}
