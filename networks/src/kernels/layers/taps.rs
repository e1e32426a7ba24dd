//! [`Tap`]s of windows that are seen channel by channel, and how far they reach.

use crate::kernels::gemm::Grid;

/// Pixels, or taps, whose sums are kept in registers side by side.
pub(super) const TOGETHER: usize = 4;

/// Where a tap's pixel lies behind a window's first, and its weights behind those of the first tap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tap {
    pub(super) offset: usize,
    pub(super) weight: usize,
}

/// Floats from the first pixel to behind `width` channels of the last one of `images` maps.
///
/// # Panics
/// Where there are so many that they cannot be counted.
pub(super) fn extent(grid: Grid, [images, rows, columns]: [usize; 3], taps: &[Tap], width: usize) -> usize {
    let furthest = taps.iter().map(|tap| tap.offset).max().unwrap_or(0);
    let last = grid.checked([images - 1, rows - 1, columns - 1]);
    let end = last.and_then(|last| last.checked_add(furthest + width));
    assert!(end.is_some(), "a window before the beginning of its map");
    end.unwrap_or(usize::MAX)
}
