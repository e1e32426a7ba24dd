//! [`Worker`]: buffers that remember which images they encoded last; those are not encoded again.
//!
//! An attack asks about the same images more than once: the campaign classifies the clean ones, and the first gradient
//! starts from those that are right. The weights never change and an image's result is the same in any batch, so what is
//! remembered is, bit for bit, what would be computed again. Images are the same if all their bits are.

use crate::encoder::Encoder;

/// Buffers with their memory. They serve one network only.
pub(super) struct Worker<E: Encoder> {
    /// The rayon thread that took it last.
    pub(super) thread: Option<usize>,
    pub(super) buffers: E::Buffers,
    /// Elements of an image.
    pixels: usize,
    /// `(B, pixels)`, the images whose activations the buffers hold.
    images: Vec<f32>,
}

impl<E: Encoder> Worker<E> {
    /// For up to `max_images` images.
    pub(super) fn new(encoder: &E, max_images: usize) -> Self {
        Self { thread: None, buffers: encoder.buffers(max_images), pixels: encoder.pixels(), images: Vec::new() }
    }

    /// Logits `(K)` and style `(S)` of each of the images `(B, pixels)`, encoded where they are not remembered.
    pub(super) fn encode(&mut self, encoder: &E, x: &[f32]) -> impl Iterator<Item = (&[f32], &[f32])> {
        let rows = self.recall(x).unwrap_or_else(|| self.encode_anew(encoder, x));
        let [classes, styles] = encoder.widths();
        let [logits, style] = E::code(&self.buffers);
        rows.into_iter().map(move |row| (&logits[row * classes..][..classes], &style[row * styles..][..styles]))
    }

    /// The gradient to images `x` `(B, pixels)`, written to `d_x`, from those to their logits `(B, K)` and styles `(B, S)`.
    pub(super) fn gradient(
        &mut self,
        encoder: &E,
        x: &[f32],
        d_logits: &[f32],
        d_style: Option<&[f32]>,
        d_x: &mut [f32],
    ) {
        // All that is remembered goes the way back: cheaper than to encode again, unless most of it is of no use.
        let of_use = |rows: &Vec<usize>| 2 * rows.len() * self.pixels >= self.images.len();
        let rows = self.recall(x).filter(of_use).unwrap_or_else(|| self.encode_anew(encoder, x));
        if d_x.len() == self.images.len() {
            return encoder.backward(d_logits, d_style, &mut self.buffers, d_x);
        }
        let images = self.images.len() / self.pixels;
        let spread = |values: &[f32]| spread(values, &rows, images);
        let (d_logits, d_style) = (spread(d_logits), d_style.map(spread));
        let mut d_images = vec![0.0; self.images.len()];
        encoder.backward(&d_logits, d_style.as_deref(), &mut self.buffers, &mut d_images);
        for (d_x, row) in d_x.chunks_exact_mut(self.pixels).zip(rows) {
            d_x.copy_from_slice(&d_images[row * self.pixels..][..self.pixels]);
        }
    }

    /// The row of each of these images, if all are remembered, in this order.
    pub(super) fn recall(&self, x: &[f32]) -> Option<Vec<usize>> {
        let mut remembered = self.images.chunks_exact(self.pixels).enumerate();
        let mut row = |image| remembered.find(|(_, other)| same_bits(image, other)).map(|(row, _)| row);
        x.chunks_exact(self.pixels).map(&mut row).collect()
    }

    fn encode_anew(&mut self, encoder: &E, x: &[f32]) -> Vec<usize> {
        encoder.forward(x, &mut self.buffers);
        self.images.clear();
        self.images.extend_from_slice(x);
        (0..x.len() / self.pixels).collect()
    }
}

/// Unlike `==` it tells 0 from -0, and NaN is itself. Without an early exit, so that the compiler can use vector registers.
fn same_bits(a: &[f32], b: &[f32]) -> bool {
    a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a.to_bits() ^ b.to_bits())) == 0
}

/// Puts as many values as `rows` into their rows among `images`, and zeros into the others.
fn spread(values: &[f32], rows: &[usize], images: usize) -> Vec<f32> {
    let width = values.len() / rows.len();
    let mut all = vec![0.0; images * width];
    for (values, row) in values.chunks_exact(width).zip(rows) {
        all[row * width..][..width].copy_from_slice(values);
    }
    all
}

#[cfg(test)]
mod tests {
    use crate::kernels::Engine;
    use crate::{PIXELS, Parameters, StyleMemorySpec};

    type Worker = super::Worker<Engine>;

    fn engine() -> Engine {
        Engine::new(&Parameters::random(StyleMemorySpec::paper(3), 1)).unwrap()
    }

    fn images(count: usize) -> Vec<f32> {
        (0..count * PIXELS).map(|i| (i % 83) as f32 / 83.0).collect()
    }

    fn gradient(worker: &mut Worker, engine: &Engine, x: &[f32]) -> Vec<f32> {
        let rows = x.len() / PIXELS;
        let (d_logits, mut d_x) = (vec![1.0; rows * 3], vec![0.0; x.len()]);
        worker.gradient(engine, x, &d_logits, None, &mut d_x);
        d_x
    }

    #[test]
    fn remembered_images_are_found_in_order_and_by_every_bit() {
        let engine = engine();
        let x = images(4);
        let [a, b, c, d] = [0, 1, 2, 3].map(|image| &x[image * PIXELS..][..PIXELS]);
        let mut worker = Worker::new(&engine, 4);
        assert_eq!((worker.recall(a), worker.recall(&[])), (None, Some(vec![])));
        worker.encode(&engine, &x).for_each(drop);
        let mut negative_zero = a.to_vec();
        negative_zero[0] = -negative_zero[0];
        assert!(negative_zero == a, "equal as numbers");
        for (images, rows) in [
            (vec![a, b, c, d], Some(vec![0, 1, 2, 3])),
            (vec![b, d], Some(vec![1, 3])),
            (vec![c], Some(vec![2])),
            (vec![b, a], None),
            (vec![a, a], None),
            (vec![a, b, c, d, d], None),
            (vec![&negative_zero], None),
        ] {
            assert_eq!(worker.recall(&images.concat()), rows);
        }
    }

    #[test]
    fn what_is_remembered_is_not_encoded_and_what_is_not_is() {
        let engine = engine();
        let (x, other) = (images(6), images(12)[6 * PIXELS..].to_vec());
        let logits = |worker: &mut Worker, x: &[f32]| -> Vec<f32> {
            worker.encode(&engine, x).flat_map(|(logits, _)| logits).copied().collect()
        };
        let mut worker = Worker::new(&engine, 6);
        let found = logits(&mut worker, &x);
        // A false memory shows who looks at it.
        worker.images.clone_from(&other);
        assert_eq!(logits(&mut worker, &other), found);
        assert_eq!(logits(&mut worker, &other[PIXELS..]), found[3..]);
        assert_eq!(gradient(&mut worker, &engine, &other), gradient(&mut Worker::new(&engine, 6), &engine, &x));
        let mut changed = other.clone();
        changed[5 * PIXELS] += 0.125;
        assert_eq!(logits(&mut worker, &changed), logits(&mut Worker::new(&engine, 6), &changed));
        assert_eq!(worker.images, changed);
    }

    #[test]
    fn the_way_back_takes_others_along_unless_they_are_most() {
        let engine = engine();
        let x = images(8);
        let image = |row: usize| &x[row * PIXELS..][..PIXELS];
        for (rows, remembered) in [(vec![0, 1, 2, 3, 4, 5, 6, 7], 8), (vec![1, 2, 4, 7], 8), (vec![2, 3, 6], 3)] {
            let mut worker = Worker::new(&engine, 8);
            worker.encode(&engine, &x).for_each(drop);
            let some: Vec<f32> = rows.iter().flat_map(|&row| image(row)).copied().collect();
            let expected = gradient(&mut Worker::new(&engine, 8), &engine, &some);
            assert!(expected.iter().any(|&slope| slope != 0.0));
            assert!(gradient(&mut worker, &engine, &some) == expected, "{rows:?}");
            assert_eq!(worker.images.len() / PIXELS, remembered, "{rows:?}");
        }
    }
}
