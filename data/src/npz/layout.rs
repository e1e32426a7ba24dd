//! Which images an array of a given shape holds.

use crate::ImageShape;

/// What is read, for messages.
pub(super) const EXPECTED: &str = "(N, H, W), (N, C, H, W), (N, H, W, C), (N, values) or (H, W)";

/// How many images, their shape, and whether their channels lie side by side, pixel by pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) count: usize,
    pub(super) shape: ImageShape,
    pub(super) channels_last: bool,
}

impl Layout {
    /// Channels are the second size, unless only the last one is 1 or 3, or only so the images are as `expected`. Two sizes say nothing of an image: it
    /// is as expected, or else MNIST's.
    pub(super) fn of(sizes: &[usize], expected: Option<ImageShape>) -> Option<Self> {
        let shape = |[channels, height, width]: [usize; 3]| ImageShape { channels, height, width };
        let flat = expected.unwrap_or(ImageShape::GREY);
        let first = |count, sizes| Self { count, shape: shape(sizes), channels_last: false };
        let last = |count, sizes| Self { count, shape: shape(sizes), channels_last: true };
        let found = match *sizes {
            [height, width] if shape([1, height, width]) == flat => first(1, [1, height, width]),
            [count, values] if values == flat.values() => Self { count, shape: flat, channels_last: false },
            [count, height, width] => first(count, [1, height, width]),
            [count, a, b, c] => {
                let (planes, pixels) = (first(count, [a, b, c]), last(count, [c, a, b]));
                let colours = |channels| channels == 1 || channels == 3;
                match expected {
                    Some(expected) if planes.shape == expected => planes,
                    Some(expected) if pixels.shape == expected => pixels,
                    _ if colours(c) && !colours(a) => pixels,
                    _ => planes,
                }
            }
            _ => return None,
        };
        found.shape.is_sane().then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_understood_as_images() {
        for (sizes, expected, found) in [
            (&[5, 28, 28][..], None, Some((5, [1, 28, 28], false))),
            (&[28, 28], None, Some((1, [1, 28, 28], false))),
            (&[5, 784], None, Some((5, [1, 28, 28], false))),
            (&[5, 3072], None, None),
            (&[5, 3072], Some([3, 32, 32]), Some((5, [3, 32, 32], false))),
            (&[24, 40], Some([1, 24, 40]), Some((1, [1, 24, 40], false))),
            (&[5, 1, 24, 40], None, Some((5, [1, 24, 40], false))),
            (&[5, 3, 24, 40], None, Some((5, [3, 24, 40], false))),
            (&[5, 24, 40, 3], None, Some((5, [3, 24, 40], true))),
            (&[5, 24, 40, 1], None, Some((5, [1, 24, 40], true))),
            (&[5, 3, 24, 3], None, Some((5, [3, 24, 3], false))),
            (&[5, 3, 24, 3], Some([3, 3, 24]), Some((5, [3, 3, 24], true))),
            (&[5, 24, 40, 5], None, Some((5, [24, 40, 5], false))),
            (&[5, 24, 40, 5], Some([5, 24, 40]), Some((5, [5, 24, 40], true))),
            (&[5], None, None),
            (&[], None, None),
            (&[5, 1, 1, 1, 1], None, None),
            (&[5, 0, 28], None, None),
            (&[5, usize::MAX, usize::MAX], None, None),
        ] {
            let expected = expected.map(|[channels, height, width]| ImageShape { channels, height, width });
            let found = found.map(|(count, [channels, height, width], channels_last)| Layout {
                count,
                shape: ImageShape { channels, height, width },
                channels_last,
            });
            assert_eq!(Layout::of(sizes, expected), found, "{sizes:?} {expected:?}");
        }
    }
}
