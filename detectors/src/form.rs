//! [`Form`]: how the pixels of an image lie, and where they go among bordered planes.

use crate::convolution::Plane;

/// How an image lies in memory: `channels` planes, one after the other, without borders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Form {
    pub(crate) channels: usize,
    pub(crate) plane: Plane,
}

impl Form {
    /// Of images of these dimensions: `(B, ..., height, width)`, or `(B, width)`.
    pub(crate) fn of(dims: &[usize]) -> Self {
        let dims = dims.get(1..).unwrap_or_default();
        let (rest, width) = dims.split_last().map_or((dims, 1), |(width, rest)| (rest, *width));
        let (rest, height) = rest.split_last().map_or((rest, 1), |(height, rest)| (rest, *height));
        Self { channels: rest.iter().product(), plane: Plane { height, width } }
    }

    pub(crate) fn pixels(self) -> usize {
        self.channels * self.plane.height * self.plane.width
    }

    /// The places of the pixels among bordered planes, in order.
    pub(crate) fn places(self) -> impl Iterator<Item = usize> {
        let Self { channels, plane } = self;
        (0..channels).flat_map(move |channel| {
            (0..plane.height).flat_map(move |y| (0..plane.width).map(move |x| channel * plane.len() + plane.row(y) + x))
        })
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
            assert_eq!(Form::of(dims), Form { channels, plane: Plane { height, width } }, "{dims:?}");
        }
    }
}
