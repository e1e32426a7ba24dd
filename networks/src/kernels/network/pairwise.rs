//! A function of two maps, element by element. A map of one row, column or channel in place of many has it again and again, as in
//! squeeze and excitation (Hu et al. 2018), where one value multiplies all pixels of a channel.

use crate::kernels::elementwise::each_run;
use crate::kernels::map::Map;
use crate::spec::Pairwise;

/// Some maps of a step: their layout and the floats.
type Maps<'a> = (Map, &'a [f32]);

/// The function of two operands.
pub(super) fn apply(function: Pairwise, images: usize, a: Maps<'_>, b: Maps<'_>, to: (Map, &mut [f32])) {
    match function {
        Pairwise::Add => each(images, a, b, to, |a, b| a + b),
        Pairwise::Subtract => each(images, a, b, to, |a, b| a - b),
        Pairwise::Multiply => each(images, a, b, to, |a, b| a * b),
        Pairwise::Divide => each(images, a, b, to, |a, b| a / b),
        Pairwise::Larger => each(images, a, b, to, |a, b| if a > b || a.is_nan() { a } else { b }),
        Pairwise::Smaller => each(images, a, b, to, |a, b| if a < b || a.is_nan() { a } else { b }),
    }
}

/// The way back to an operand (`own`), of which this is the first share or another one; `is_second` says which of both it is.
pub(super) fn back(
    (function, is_second): (Pairwise, bool),
    images: usize,
    [own, other]: [Maps<'_>; 2],
    d: Maps<'_>,
    to: (Map, &mut [f32]),
    is_first: bool,
) {
    let both = [own, other];
    match (function, is_second) {
        (Pairwise::Add, _) | (Pairwise::Subtract, false) => each_back(images, both, d, to, is_first, |_, _, d| d),
        (Pairwise::Subtract, true) => each_back(images, both, d, to, is_first, |_, _, d| -d),
        (Pairwise::Multiply, _) => each_back(images, both, d, to, is_first, |_, other, d| d * other),
        (Pairwise::Divide, false) => each_back(images, both, d, to, is_first, |_, other, d| d / other),
        (Pairwise::Divide, true) => each_back(images, both, d, to, is_first, |own, other, d| -d * other / (own * own)),
        (Pairwise::Larger, _) => {
            each_back(images, both, d, to, is_first, |own, other, d| d * share(own > other, own == other))
        }
        (Pairwise::Smaller, _) => {
            each_back(images, both, d, to, is_first, |own, other, d| d * share(own < other, own == other))
        }
    }
}

/// The slope of the larger or the smaller one.
fn share(is_it: bool, is_equal: bool) -> f32 {
    if is_equal { 0.5 } else { f32::from(u8::from(is_it)) }
}

fn each(images: usize, a: Maps<'_>, b: Maps<'_>, to: (Map, &mut [f32]), f: impl Fn(f32, f32) -> f32) {
    let (steps, (map, to)) = ([a.0, b.0].map(|map| step(map, to.0)), to);
    each_run(images, [a.0, b.0, map], |[a_at, b_at, at], length| {
        let to = &mut to[at..][..length];
        let (a, b) = (&a.1[a_at..], &b.1[b_at..]);
        if steps == [1, 1] {
            to.iter_mut().zip(&a[..length]).zip(&b[..length]).for_each(|((to, a), b)| *to = f(*a, *b));
        } else {
            to.iter_mut().enumerate().for_each(|(at, to)| *to = f(a[at * steps[0]], b[at * steps[1]]));
        }
    });
}

fn each_back(
    images: usize,
    [own, other]: [Maps<'_>; 2],
    (d_map, d): Maps<'_>,
    (map, to): (Map, &mut [f32]),
    is_first: bool,
    f: impl Fn(f32, f32, f32) -> f32,
) {
    // What is there again and again has the sum of all its slopes.
    let is_repeated = map.size != d_map.size || map.channels != d_map.channels;
    if is_first && is_repeated {
        map.clear(images, to);
    }
    let replaces = is_first && !is_repeated;
    let steps = [map, other.0].map(|map| step(map, d_map));
    each_run(images, [own.0, other.0, d_map, map], |[own_at, other_at, d_at, at], length| {
        let (own, other, d) = (&own.1[own_at..], &other.1[other_at..], &d[d_at..][..length]);
        match (steps, replaces) {
            ([1, 1], true) => {
                let both = own[..length].iter().zip(&other[..length]);
                to[at..][..length].iter_mut().zip(both).zip(d).for_each(|((to, (a, b)), d)| *to = f(*a, *b, *d));
            }
            ([1, 1], false) => {
                let both = own[..length].iter().zip(&other[..length]);
                to[at..][..length].iter_mut().zip(both).zip(d).for_each(|((to, (a, b)), d)| *to += f(*a, *b, *d));
            }
            _ => {
                for (number, d) in d.iter().enumerate() {
                    let slope = f(own[number * steps[0]], other[number * steps[1]], *d);
                    let to = &mut to[at + number * steps[0]];
                    *to = if replaces { slope } else { *to + slope };
                }
            }
        }
    });
}

/// Floats from one element of a run to the next: none where a map has one channel in place of many.
fn step(map: Map, whole: Map) -> usize {
    usize::from(map.channels == whole.channels)
}
