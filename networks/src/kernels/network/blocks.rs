//! Blocks of rows and columns of a fine map, each a pixel of a coarse one; at the end of the fine map blocks may be smaller.

use crate::kernels::map::Map;

/// The mean of every block.
pub(super) fn average(images: usize, size: usize, fine: (Map, &[f32]), (coarse, to): (Map, &mut [f32])) {
    coarse.rows_mut(images, to).for_each(|row| row.fill(0.0));
    sum(images, size, fine, (coarse, to));
    for image in 0..images {
        for y in 0..coarse.size[0] {
            for x in 0..coarse.size[1] {
                let pixel = &mut to[image * coarse.floats() + coarse.at(y as isize, x as isize)..][..coarse.channels];
                let pixels = pixels(fine.0, size, [y, x]) as f32;
                pixel.iter_mut().for_each(|sum| *sum /= pixels);
            }
        }
    }
}

/// Adds every block of `fine` to its pixel.
pub(super) fn sum(images: usize, size: usize, (fine, from): (Map, &[f32]), (coarse, to): (Map, &mut [f32])) {
    each(images, size, fine, coarse, |fine_at, coarse_at, _| {
        let pixel = &mut to[coarse_at..][..coarse.channels];
        pixel.iter_mut().zip(&from[fine_at..]).for_each(|(sum, value)| *sum += value);
    });
}

/// Every pixel of `coarse`, times a factor that depends on the pixels of its block, to all of them.
pub(super) fn spread(
    images: usize,
    size: usize,
    (coarse, from): (Map, &[f32]),
    (fine, to): (Map, &mut [f32]),
    factor: impl Fn(usize) -> f32,
    pair: impl Fn(&mut f32, f32),
) {
    each(images, size, fine, coarse, |fine_at, coarse_at, block| {
        let factor = factor(pixels(fine, size, block));
        let pixel = &mut to[fine_at..][..fine.channels];
        pixel.iter_mut().zip(&from[coarse_at..]).for_each(|(to, from)| pair(to, factor * from));
    });
}

/// Calls for every pixel of the fine maps with its place, that of its block, and which block that is.
fn each(images: usize, size: usize, fine: Map, coarse: Map, mut call: impl FnMut(usize, usize, [usize; 2])) {
    for image in 0..images {
        for y in 0..fine.size[0] {
            for x in 0..fine.size[1] {
                let block = [y / size, x / size];
                let fine_at = image * fine.floats() + fine.at(y as isize, x as isize);
                let coarse_at = image * coarse.floats() + coarse.at(block[0] as isize, block[1] as isize);
                call(fine_at, coarse_at, block);
            }
        }
    }
}

/// Pixels of a block.
fn pixels(fine: Map, size: usize, block: [usize; 2]) -> usize {
    (0..2).map(|way| (fine.size[way] - size * block[way]).min(size)).product()
}
