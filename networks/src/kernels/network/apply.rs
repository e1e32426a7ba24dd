//! Functions of the elements of maps, there and back.

use crate::kernels::elementwise::each_run;
use crate::kernels::functions::{slopes, slopes_behind, values};
use crate::kernels::map::Map;
use crate::kernels::simd::Isa;
use crate::spec::Function;

/// The function's values, in place. What lies between two pixels is left alone: it must stay finite.
pub(super) fn apply(isa: Isa, function: Function, images: usize, map: Map, floats: &mut [f32]) {
    each_run(images, [map], |[at], length| values(isa, function, &mut floats[at..][..length]));
}

/// The way back from the gradient of the function's results to that of its operands, which are given.
pub(super) fn back(
    isa: Isa,
    function: Function,
    images: usize,
    (map, operands): (Map, &[f32]),
    (d_map, d_results): (Map, &[f32]),
    (to_map, to): (Map, &mut [f32]),
    pair: impl Fn(&mut f32, f32),
) {
    let mut scratch = Vec::new();
    each_run(images, [map, d_map, to_map], |[at, d_at, to_at], length| {
        scratch.clear();
        scratch.extend_from_slice(&operands[at..][..length]);
        slopes(isa, function, &mut scratch);
        let slopes = scratch.iter().zip(&d_results[d_at..][..length]);
        to[to_at..][..length].iter_mut().zip(slopes).for_each(|(to, (slope, d))| pair(to, slope * d));
    });
}

/// The way back through a function whose results are given, of which its slopes follow, in place.
pub(super) fn through(
    isa: Isa,
    function: Function,
    images: usize,
    (map, results): (Map, &[f32]),
    (d_map, gradient): (Map, &mut [f32]),
) {
    let mut scratch = Vec::new();
    each_run(images, [map, d_map], |[at, d_at], length| {
        scratch.clear();
        scratch.extend_from_slice(&results[at..][..length]);
        slopes_behind(isa, function, &mut scratch);
        gradient[d_at..][..length].iter_mut().zip(&scratch).for_each(|(d, slope)| *d *= slope);
    });
}
