//! Every pixel with its neighbours, and how far their patches are apart.

/// The side of the window in which patches are compared.
const SEARCH: usize = 11;
/// The side of a patch.
const PATCH: usize = 3;
/// How far a pixel's neighbours and their patches reach beyond it.
const REACH: usize = SEARCH / 2 + PATCH / 2;
/// The weight of equal patches: all of a window, times the highest level, stay below 2^31.
const FULL: u32 = i32::MAX as u32 / (SEARCH * SEARCH * u8::MAX as usize) as u32;
/// Squared differences of a patch are divided by this power of two.
const SHIFT: u32 = (PATCH * PATCH).next_power_of_two().ilog2();

/// Hands on every pixel with each of its neighbours: the pixel's place, how far their patches are apart, and the neighbour's place in the extended planes.
pub(super) fn compare<const N: usize>(
    planes: &[Vec<u8>; N],
    [height, width]: [usize; 2],
    mut pair: impl FnMut(usize, u32, usize),
) {
    let wide = width + 2 * REACH;
    // Squared differences of all pixels that some patch holds, between the image and the image moved; then their sums down a patch.
    let [rows, columns] = [height + PATCH - 1, width + PATCH - 1];
    let mut squares = vec![0_u32; rows * columns];
    let mut down_patch = vec![0_u32; columns];
    for (down, across) in (0..SEARCH * SEARCH).map(|place| (place / SEARCH, place % SEARCH)) {
        squares.fill(0);
        for plane in planes {
            for (row, squares) in squares.chunks_exact_mut(columns).enumerate() {
                let here = &plane[(row + SEARCH / 2) * wide + SEARCH / 2..][..columns];
                let there = &plane[(row + down) * wide + across..][..columns];
                for ((square, here), there) in squares.iter_mut().zip(here).zip(there) {
                    *square += u32::from(here.abs_diff(*there)).pow(2);
                }
            }
        }
        for row in 0..height {
            down_patch.copy_from_slice(&squares[row * columns..][..columns]);
            for below in squares[(row + 1) * columns..].chunks_exact(columns).take(PATCH - 1) {
                down_patch.iter_mut().zip(below).for_each(|(sum, square)| *sum += square);
            }
            let neighbours = (row + down + PATCH / 2) * wide + across + PATCH / 2;
            for (column, patch) in down_patch.windows(PATCH).enumerate() {
                pair(row * width + column, patch.iter().sum::<u32>() >> SHIFT, neighbours + column);
            }
        }
    }
}

/// The weight of a patch by its distance: `exp(-d / (h² N))` for a strength `h` and a mean squared difference `d` of `N` planes. None below a thousandth.
pub(super) fn weights(planes: usize, strength: f32) -> Vec<u32> {
    let unit = f64::from(1 << SHIFT) / (PATCH * PATCH) as f64;
    let scale = f64::from(strength).powi(2) * planes as f64;
    let weight = |distance: u32| f64::from(FULL) * (-f64::from(distance) * unit / scale).exp();
    (0..)
        .map(|distance| weight(distance).round_ties_even())
        .take_while(|&weight| weight >= 0.001 * f64::from(FULL))
        .map(|weight| weight as u32)
        .collect()
}

/// A plane with what lies beyond its edges: its mirror image, without the edge itself.
pub(super) fn extended<T: Copy>(plane: &[T], [height, width]: [usize; 2]) -> Vec<T> {
    let mirrored = |side: usize| {
        let period = (2 * (side - 1)).max(1) as isize;
        (0..side + 2 * REACH).map(move |at| {
            let at = (at as isize - REACH as isize).rem_euclid(period) as usize;
            if at < side { at } else { period as usize - at }
        })
    };
    mirrored(height).flat_map(|row| mirrored(width).map(move |column| plane[row * width + column])).collect()
}
