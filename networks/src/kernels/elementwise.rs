//! What is done element by element between maps whose layouts may differ.

use super::map::Map;

/// Calls with the offset in each map, and the length, of every run of elements that lie one behind the other in all of `images` maps
/// of one shape. A map of one row or one column in place of many has it again and again.
pub(super) fn each_run<const N: usize>(images: usize, maps: [Map; N], mut call: impl FnMut([usize; N], usize)) {
    let size = [0, 1].map(|way| maps.iter().map(|map| map.size[way]).max().unwrap_or(0));
    let channels = maps.iter().map(|map| map.channels).max().unwrap_or(0);
    let is_whole = |map: &Map| map.pixel == channels && map.channels == channels && map.size[1] == size[1];
    // Where pixels lie side by side in all maps, a row is one run.
    let (columns, length) = if maps.iter().all(is_whole) { (1, size[1] * channels) } else { (size[1], channels) };
    for image in 0..images {
        for y in 0..size[0] {
            for x in 0..columns {
                let at = |map: Map| {
                    let [y, x] = [y.min(map.size[0] - 1), x.min(map.size[1] - 1)];
                    image * map.floats() + map.at(y as isize, x as isize)
                };
                call(maps.map(at), length);
            }
        }
    }
}

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

/// The channels of these numbers, in this order.
pub(super) fn select(images: usize, channels: &[usize], (a, from): (Map, &[f32]), (b, to): (Map, &mut [f32])) {
    each_pixel(images, a, b, |from_at, to_at| {
        let (from, to) = (&from[from_at..][..a.channels], &mut to[to_at..][..b.channels]);
        to.iter_mut().zip(channels).for_each(|(to, &channel)| *to = from[channel]);
    });
}

/// The way back of [`select`]: every channel is added to the one that it was taken from.
pub(super) fn add_selected(images: usize, channels: &[usize], (a, from): (Map, &[f32]), (b, to): (Map, &mut [f32])) {
    each_pixel(images, a, b, |from_at, to_at| {
        let (from, to) = (&from[from_at..][..a.channels], &mut to[to_at..][..b.channels]);
        from.iter().zip(channels).for_each(|(from, &channel)| to[channel] += from);
    });
}

/// Calls with the offsets of every pixel of two maps of as many.
fn each_pixel(images: usize, a: Map, b: Map, mut call: impl FnMut(usize, usize)) {
    for image in 0..images {
        for y in 0..a.size[0] as isize {
            for x in 0..a.size[1] as isize {
                call(image * a.floats() + a.at(y, x), image * b.floats() + b.at(y, x));
            }
        }
    }
}

/// Runs over the elements of `images` maps, in PyTorch's order `(channel, row, column)`, and those of others of as many elements.
pub(super) fn view(images: usize, a: Map, from: &[f32], b: Map, to: &mut [f32], pair: impl Fn(&mut f32, f32)) {
    if a.pixels() == 1 {
        return b.take_with(images, &from[a.at(0, 0)..], a.floats(), to, pair);
    }
    if b.pixels() == 1 {
        return a.give_with(images, from, &mut to[b.at(0, 0)..], b.floats(), pair);
    }
    for image in 0..images {
        for element in 0..a.content() {
            pair(&mut to[image * b.floats() + b.place(element)], from[image * a.floats() + a.place(element)]);
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
