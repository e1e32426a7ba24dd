//! What is done element by element between maps whose layouts may differ.

use crate::kernels::map::Map;

/// Runs over the elements of `images` maps and those of others of the same shape.
pub(super) fn copy(images: usize, a: Map, from: &[f32], b: Map, to: &mut [f32], pair: impl Fn(&mut f32, f32)) {
    for image in 0..images {
        for y in 0..a.size[0] as isize {
            let from = &from[image * a.floats() + a.at(y, 0)..][..a.length()];
            let to = &mut to[image * b.floats() + b.at(y, 0)..][..b.length()];
            if a.pixel == b.pixel {
                to.iter_mut().zip(from).for_each(|(to, from)| pair(to, *from));
                continue;
            }
            for (to, from) in to.chunks_mut(b.pixel).zip(from.chunks(a.pixel)) {
                to.iter_mut().zip(&from[..a.channels]).for_each(|(to, from)| pair(to, *from));
            }
        }
    }
}

/// The same for some channels only: as many as the map of fewer has, from these on.
pub(super) fn copy_channels(
    images: usize,
    (a, from, a_first): (Map, &[f32], usize),
    (b, to, b_first): (Map, &mut [f32], usize),
    pair: impl Fn(&mut f32, f32),
) {
    let channels = (a.channels - a_first).min(b.channels - b_first);
    for image in 0..images {
        for y in 0..a.size[0] as isize {
            for x in 0..a.size[1] as isize {
                let from = &from[image * a.floats() + a.at(y, x) + a_first..][..channels];
                let to = &mut to[image * b.floats() + b.at(y, x) + b_first..][..channels];
                to.iter_mut().zip(from).for_each(|(to, from)| pair(to, *from));
            }
        }
    }
}

/// Runs over the elements of `images` maps, in PyTorch's order `(channel, row, column)`, and those of others of as many elements.
pub(super) fn view(images: usize, a: Map, from: &[f32], b: Map, to: &mut [f32], pair: impl Fn(&mut f32, f32)) {
    let at = |map: Map, element: usize| {
        let (pixel, [_, columns]) = (element % map.pixels(), map.size);
        map.at((pixel / columns) as isize, (pixel % columns) as isize) + element / map.pixels()
    };
    for image in 0..images {
        for element in 0..a.content() {
            pair(&mut to[image * b.floats() + at(b, element)], from[image * a.floats() + at(a, element)]);
        }
    }
}

/// The way back through a logistic function whose results `values` are, `d r (1 - r)`, in place.
pub(super) fn through_logistic(images: usize, a: Map, values: &[f32], b: Map, gradient: &mut [f32]) {
    copy(images, a, values, b, gradient, |d, r| *d = *d * r * (1.0 - r));
}

/// The way back through a ReLU, in place.
pub(super) fn through_relu(images: usize, a: Map, values: &[f32], b: Map, gradient: &mut [f32]) {
    copy(images, a, values, b, gradient, |d, r| *d = if r > 0.0 { *d } else { 0.0 });
}
