//! Scans of written characters, brought to the layout of MNIST or of EMNIST: bright ink on black paper, cut to its box, of the right size and in the
//! right place of 28x28 pixels.
//!
//! Any picture will do: dark on bright or bright on dark, of any size, with a line around its edge. Not a finder of characters: all that is
//! written in a picture counts as one.

mod ink;
mod layout;
mod parts;
mod unprepared;

use std::path::Path;

pub use self::{
    layout::{Layout, UnknownLayout},
    unprepared::Unprepared,
};
use crate::{FitError, ImageShape, PIXELS, fit::greyed, resample::Resampler};

/// The longer side of larger pictures is reduced to this, which is plenty for 24 pixels.
const MOST: usize = 1024;

/// Whole images of `shape` as images of [`ImageShape::GREY`]. One on which nothing is written, or nothing but ink is to be seen, becomes black.
///
/// # Errors
/// [`FitError::Shape`]: the images have neither one channel nor three. `path` is where they come from.
pub(crate) fn prepare(layout: Layout, shape: ImageShape, images: &[f32], path: &Path) -> Result<Vec<f32>, FitError> {
    let grey: fn(ImageShape, &[f32]) -> Vec<f32> = match shape.channels {
        1 => |_, image| image.to_vec(),
        3 => greyed,
        _ => {
            let expected = ImageShape { channels: 1, ..shape };
            return Err(FitError::Shape { path: path.to_owned(), found: shape, expected });
        }
    };
    let size = [shape.height, shape.width];
    Ok(images.chunks_exact(shape.values()).flat_map(|image| prepared(layout, grey(shape, image), size)).collect())
}

/// One grey image of `[height, width]`.
fn prepared(layout: Layout, grey: Vec<f32>, size: [usize; 2]) -> [f32; PIXELS] {
    let (grey, size) = reduced(grey, size);
    let mut ink = ink::ink(&grey, size);
    let Some([top, left, bottom, right]) = parts::keep_characters(&mut ink, size) else { return [0.0; PIXELS] };
    let cut: Vec<f32> =
        ink.chunks_exact(size[1]).take(bottom).skip(top).flat_map(|row| &row[left..right]).copied().collect();
    let from = [bottom - top, right - left];
    let to = scaled(from, layout.side());
    let mut character = resized(&cut, from, to);
    ink::stretch(&mut character);
    layout.placed(&character, to)
}

fn reduced(grey: Vec<f32>, size: [usize; 2]) -> (Vec<f32>, [usize; 2]) {
    if size[0].max(size[1]) <= MOST {
        return (grey, size);
    }
    let to = scaled(size, MOST);
    (resized(&grey, size, to), to)
}

/// The size in the same proportions whose longer side is `longer`.
fn scaled(size: [usize; 2], longer: usize) -> [usize; 2] {
    let from = size[0].max(size[1]);
    size.map(|side| ((2 * side * longer + from) / (2 * from)).max(1))
}

fn resized(plane: &[f32], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    let mut resized = Vec::with_capacity(to[0] * to[1]);
    Resampler::new(from, to).append(plane, &mut resized);
    resized
}

#[cfg(test)]
mod tests {
    use super::{layout::MIDDLE, *};
    use crate::{
        WIDTH,
        written::{bounds, mass},
    };

    /// A picture of one level, and on it a rectangle of another: its first row and column, its rows and columns.
    fn rectangle(size: [usize; 2], [paper, ink]: [f32; 2], at: [usize; 2], of: [usize; 2]) -> Vec<f32> {
        let inside = |place: usize, axis: usize| (at[axis]..at[axis] + of[axis]).contains(&place);
        let level = |pixel: usize| if inside(pixel / size[1], 0) && inside(pixel % size[1], 1) { ink } else { paper };
        (0..size[0] * size[1]).map(level).collect()
    }

    fn on_mnist(grey: Vec<f32>, size: [usize; 2]) -> [f32; PIXELS] {
        prepared(Layout::Mnist, grey, size)
    }

    /// The largest difference of two pixels.
    fn difference(found: &[f32], expected: &[f32]) -> f32 {
        found.iter().zip(expected).map(|(found, expected)| (found - expected).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn a_rectangle_ends_in_the_same_place_wherever_and_however_it_is_drawn() {
        // 20 high and 10 wide; the centre lies between two pixels, of which it takes the later.
        let expected = rectangle([28, 28], [0.0, 1.0], [5, 10], [20, 10]);
        let expected: [f32; PIXELS] = expected.try_into().unwrap();
        let centre = mass(&expected, WIDTH);
        assert_eq!(centre, [14.5, 14.5]);
        for levels in [[0.0, 1.0], [1.0, 0.0], [0.9, 0.2], [0.1, 0.4], [0.8, 0.6]] {
            for (size, at, of) in [
                ([28, 28], [0, 0], [20, 10]),
                ([28, 28], [4, 9], [20, 10]),
                ([300, 300], [7, 200], [160, 80]),
                ([300, 200], [99, 90], [200, 100]),
                ([40, 500], [3, 480], [32, 16]),
                ([1500, 2048], [512, 512], [512, 256]),
            ] {
                let found = on_mnist(rectangle(size, levels, at, of), size);
                // A picture of many pixels is reduced before it is cut, which leaves it a soft edge.
                let most = if size[1] > MOST { 0.1 } else { 1e-4 };
                let difference = difference(&found, &expected);
                assert!(difference < most, "{levels:?} {size:?} {at:?} {of:?}: {difference}");
            }
        }
    }

    #[test]
    fn letters_are_larger_and_have_the_middle_of_their_box_in_the_middle() {
        // A line that ends in a block, whose centre of mass lies below the middle of the box.
        let [line, block] =
            [([10, 40], [90, 10]), ([80, 35], [20, 20])].map(|(at, of)| rectangle([120, 90], [0.0, 1.0], at, of));
        let grey = line.iter().zip(&block).map(|(a, b)| a.max(*b)).collect();
        let found = prepared(Layout::Emnist, grey, [120, 90]);
        assert_eq!(bounds(&found, WIDTH, 0.0), Some([2, 11, 25, 15]));
    }

    #[test]
    fn what_is_prepared_stays_as_it_is() {
        let cross =
            [rectangle([30, 40], [1.0, 0.1], [5, 8], [3, 20]), rectangle([30, 40], [1.0, 0.1], [2, 12], [24, 4])];
        let cross = cross[0].iter().zip(&cross[1]).map(|(a, b)| a.min(*b)).collect();
        let once = on_mnist(cross, [30, 40]);
        assert!(once.contains(&1.0) && mass(&once, WIDTH).iter().all(|centre| (centre - MIDDLE).abs() <= 0.5));
        // The second time what is faint goes.
        assert!(difference(&on_mnist(once.to_vec(), [28, 28]), &once) < 0.1);
    }

    #[test]
    fn a_blank_picture_becomes_black_whatever_its_level() {
        for level in [0.0, 0.3, 1.0] {
            assert_eq!(on_mnist(vec![level; 30 * 40], [30, 40]), [0.0; PIXELS]);
        }
        assert_eq!(on_mnist(vec![0.5], [1, 1]), [0.0; PIXELS]);
        // Light from the left, and nothing written.
        let shade = (0..100 * 120).map(|at| 0.4 + 0.005 * (at % 120) as f32).collect();
        assert_eq!(on_mnist(shade, [100, 120]), [0.0; PIXELS]);
    }

    #[test]
    fn a_single_pixel_becomes_a_full_box() {
        for levels in [[0.0, 1.0], [1.0, 0.0]] {
            let found = on_mnist(rectangle([28, 28], levels, [3, 24], [1, 1]), [28, 28]);
            assert!(difference(&found, &rectangle([28, 28], [0.0, 1.0], [5, 5], [20, 20])) < 1e-4);
        }
    }

    #[test]
    fn colours_become_grey_and_other_channels_are_refused() {
        let shape = ImageShape { channels: 3, height: 30, width: 40 };
        let grey = rectangle([30, 40], [1.0, 0.0], [9, 9], [10, 5]);
        let found = prepare(Layout::Mnist, shape, &[&grey[..], &grey, &grey].concat(), Path::new("a")).unwrap();
        assert!(difference(&found, &on_mnist(grey, [30, 40])) < 1e-4);
        let message =
            prepare(Layout::Mnist, ImageShape { channels: 2, ..shape }, &[], Path::new("a")).unwrap_err().to_string();
        assert_eq!(
            message,
            "a holds images of 40x30 pixels in 2 channels, expected 40x30 pixels in 1 channel: convert them first"
        );
    }
}
