//! [`LocalResponse`]: each channel over a power of the squares of the channels around it (Krizhevsky et al. 2012, section 3.3).
//!
//! With `s_i = bias + alpha / size * sum of x_j^2` over the channels `j` around `i`: `y_i = x_i s_i^-beta`, and back
//! `d_x_j = d_y_j s_j^-beta - 2 alpha beta / size x_j * sum of d_y_i x_i s_i^(-beta - 1)` over the channels `i` that `j` is around.

use crate::kernels::elementwise::each_run;
use crate::kernels::map::Map;

/// A normalization over `size` channels, of which one more is behind its own than before it where that is even.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LocalResponse {
    pub(super) size: usize,
    pub(super) alpha: f32,
    pub(super) beta: f32,
    pub(super) bias: f32,
}

impl LocalResponse {
    /// The normalized pixels of `images` maps.
    pub(super) fn apply(self, images: usize, (map, from): (Map, &[f32]), (to_map, to): (Map, &mut [f32])) {
        each_run(images, [map, to_map], |[at, to_at], length| {
            let pixels = from[at..][..length].chunks_exact(map.channels);
            for (x, y) in pixels.zip(to[to_at..].chunks_exact_mut(map.channels)) {
                y.iter_mut().enumerate().for_each(|(channel, y)| {
                    *y = x[channel] * self.scale(x, channel).powf(-self.beta);
                });
            }
        });
    }

    /// The way back from the gradient of the results to that of the maps, which are given.
    pub(super) fn back(
        self,
        images: usize,
        (map, values): (Map, &[f32]),
        (d_map, d): (Map, &[f32]),
        (to_map, to): (Map, &mut [f32]),
        pair: impl Fn(&mut f32, f32),
    ) {
        let factor = 2.0 * self.alpha * self.beta / self.size as f32;
        let (mut powers, mut sums) = (vec![0.0; map.channels], vec![0.0; map.channels]);
        each_run(images, [map, d_map, to_map], |[at, d_at, to_at], length| {
            let pixels = values[at..][..length].chunks_exact(map.channels).zip(d[d_at..].chunks_exact(map.channels));
            for ((x, d), to) in pixels.zip(to[to_at..].chunks_exact_mut(map.channels)) {
                for channel in 0..map.channels {
                    let scale = self.scale(x, channel);
                    powers[channel] = scale.powf(-self.beta);
                    sums[channel] = d[channel] * x[channel] * powers[channel] / scale;
                }
                for (channel, to) in to.iter_mut().enumerate() {
                    let first = channel.saturating_sub(self.size / 2);
                    let last = (channel + (self.size - 1) / 2).min(map.channels - 1);
                    let around: f32 = sums[first..=last].iter().sum();
                    pair(to, d[channel] * powers[channel] - factor * x[channel] * around);
                }
            }
        });
    }

    /// What a channel of a pixel is divided by a power of.
    fn scale(self, x: &[f32], channel: usize) -> f32 {
        let first = channel.saturating_sub((self.size - 1) / 2);
        let last = (channel + self.size / 2).min(x.len() - 1);
        let squares: f32 = x[first..=last].iter().map(|x| x * x).sum();
        self.bias + self.alpha / self.size as f32 * squares
    }
}
