//! [`Pool`]: the largest pixel of each window, or its mean, channel by channel, for windows of any kind.

use std::ops::Range;

use crate::kernels::map::Map;
use crate::spec::Window;

/// Windows over a map, without weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pool {
    pub(super) window: Window,
    pub(super) by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The largest pixel; of equal ones the first, row by row, has the slope.
    Largest,
    /// The mean, where so many rows above the map and below it, columns left of it and right of it, count as zeros.
    Mean { counted: [[usize; 2]; 2] },
}

impl Pool {
    /// `images` maps to their pools.
    pub(super) fn apply(&self, images: usize, (map, from): (Map, &[f32]), (to_map, to): (Map, &mut [f32])) {
        for image in 0..images {
            let (from, to) = (&from[image * map.floats()..], &mut to[image * to_map.floats()..]);
            each_position(to_map, |position, at| {
                let to = &mut to[at..][..map.channels];
                let mut pixels = self.pixels(map, position).map(|at| &from[at..][..map.channels]);
                if let Some(first) = pixels.next() {
                    to.copy_from_slice(first);
                }
                match self.by {
                    By::Largest => {
                        pixels.for_each(|pixel| to.iter_mut().zip(pixel).for_each(|(to, &x)| *to = larger(*to, x)))
                    }
                    By::Mean { counted } => {
                        pixels.for_each(|pixel| to.iter_mut().zip(pixel).for_each(|(to, x)| *to += x));
                        let count = self.count(map, position, counted);
                        to.iter_mut().for_each(|to| *to /= count);
                    }
                }
            });
        }
    }

    /// Adds to the gradient of the maps what that of the pools gives them.
    pub(super) fn back(
        &self,
        images: usize,
        (map, values): (Map, &[f32]),
        (d_map, d): (Map, &[f32]),
        (to_map, to): (Map, &mut [f32]),
    ) {
        let (mut largest, mut places) = (vec![0.0; map.channels], vec![0; map.channels]);
        for image in 0..images {
            let (values, d) = (&values[image * map.floats()..], &d[image * d_map.floats()..]);
            let to = &mut to[image * to_map.floats()..];
            each_position(d_map, |position, at| {
                let d = &d[at..][..map.channels];
                match self.by {
                    By::Largest => {
                        let both = self.pixels(map, position).zip(self.pixels(to_map, position));
                        for (number, (at, place)) in both.enumerate() {
                            let pixel = values[at..][..map.channels].iter();
                            for ((largest, at), &x) in largest.iter_mut().zip(&mut places).zip(pixel) {
                                let is_larger = number == 0 || x > *largest || x.is_nan();
                                *at = if is_larger { place } else { *at };
                                *largest = if is_larger { x } else { *largest };
                            }
                        }
                        places.iter().zip(d).enumerate().for_each(|(channel, (place, d))| to[place + channel] += d);
                    }
                    By::Mean { counted } => {
                        let count = self.count(map, position, counted);
                        for at in self.pixels(to_map, position) {
                            to[at..][..map.channels].iter_mut().zip(d).for_each(|(to, d)| *to += d / count);
                        }
                    }
                }
            });
        }
    }

    /// The offsets of a window's pixels, row by row, of those that lie on the map.
    fn pixels(&self, map: Map, position: [usize; 2]) -> impl Iterator<Item = usize> + use<> {
        let Window { stride, dilation, padding, .. } = self.window;
        let [down, across] = [0, 1].map(|way| self.taps(way, position[way], [0, map.size[way]]));
        let at = move |way: usize, tap: usize| {
            (position[way] * stride[way] + tap * dilation[way]) as isize - padding[way][0] as isize
        };
        down.flat_map(move |ky| across.clone().map(move |kx| map.at(at(0, ky), at(1, kx))))
    }

    /// Pixels over which the mean of a window is taken.
    fn count(&self, map: Map, position: [usize; 2], counted: [[usize; 2]; 2]) -> f32 {
        let taps = |way: usize| self.taps(way, position[way], [counted[way][0], map.size[way] + counted[way][1]]).len();
        (taps(0) * taps(1)) as f32
    }

    /// The taps of a window, down or across, that lie on the map with so many more rows before it; `end` is behind its last.
    fn taps(&self, way: usize, position: usize, [before, end]: [usize; 2]) -> Range<usize> {
        let Window { size, stride, dilation, padding } = self.window;
        let first = position * stride[way];
        let tap = |at: usize| at.saturating_sub(first).div_ceil(dilation[way]).min(size[way]);
        tap(padding[way][0] - before)..tap(padding[way][0] + end)
    }
}

/// The larger of both; what is no number stays.
fn larger(a: f32, b: f32) -> f32 {
    if b > a || b.is_nan() { b } else { a }
}

/// Calls with every position of a map and its offset.
fn each_position(map: Map, mut call: impl FnMut([usize; 2], usize)) {
    for y in 0..map.size[0] {
        for x in 0..map.size[1] {
            call([y, x], map.at(y as isize, x as isize));
        }
    }
}
