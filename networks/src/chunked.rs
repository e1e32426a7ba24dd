//! [`Chunked`]: a network on the kernels with a store of workers, for batches of any size.
//!
//! A batch is cut into chunks that fit a worker; chunks run on rayon's threads. A single chunk runs where the caller
//! is, so that callers who spread their own chunks over threads (the commands do) pay for nothing.

use rayon::prelude::*;

use super::encoder::Encoder;
use super::worker::Worker;
use super::workers::Workers;

/// Workers that may hold a batch's activations between the way to the logits and the way back, where there are no more
/// threads than that: what bounds the memory of a large batch. Chunks beyond are encoded twice.
pub(super) const HELD: usize = 16;
/// Bytes that those may hold together, where one for each thread is no more than that.
const HELD_BYTES: usize = 2 << 30;

/// A network with its weights packed for the kernels, shared by threads.
pub(super) struct Chunked<E: Encoder> {
    pub(super) encoder: E,
    pub(super) pixels: usize,
    pub(super) classes: usize,
    pub(super) styles: usize,
    /// Images of a chunk.
    pub(super) chunk: usize,
    pub(super) workers: Workers<E>,
}

impl<E: Encoder> Chunked<E> {
    pub(super) fn new(encoder: E) -> Self {
        let (pixels, [classes, styles], chunk) = (encoder.pixels(), encoder.widths(), encoder.chunk());
        Self { encoder, pixels, classes, styles, chunk, workers: Workers::default() }
    }

    /// Does some work with a worker.
    pub(super) fn with_worker(&self, work: impl FnOnce(&mut Worker<E>)) {
        let mut worker = self.workers.take(&self.encoder, self.chunk);
        work(&mut worker);
        self.workers.give_back(worker);
    }

    /// How many workers may hold a batch's activations.
    fn held(&self) -> usize {
        let held = HELD_BYTES / (self.chunk * self.encoder.bytes_per_image()).max(1);
        held.clamp(1, HELD).max(rayon::current_num_threads())
    }

    /// Logits and style side by side, `K + S`.
    pub(super) fn width(&self) -> usize {
        self.classes + self.styles
    }

    /// Images `(B, pixels)` to logits and style side by side, `(B, K + S)`.
    pub(super) fn encode(&self, x: &[f32]) -> Vec<f32> {
        let width = self.width();
        let mut code = vec![0.0; x.len() / self.pixels * width];
        let chunks = x.par_chunks(self.chunk * self.pixels).zip(code.par_chunks_mut(self.chunk * width));
        chunks.for_each(|(x, code)| {
            self.with_worker(|worker| {
                let rows = worker.encode(&self.encoder, x);
                for (code, (logits, style)) in code.chunks_mut(width).zip(rows) {
                    code[..self.classes].copy_from_slice(logits);
                    code[self.classes..].copy_from_slice(style);
                }
            });
        });
        code
    }

    /// The gradient to the images, `(B, pixels)`, from that to logits and style, `(B, K + S)`.
    pub(super) fn encode_gradient(&self, x: &[f32], d_code: &[f32]) -> Vec<f32> {
        let width = self.width();
        let mut d_x = vec![0.0; x.len()];
        let chunks = x.par_chunks(self.chunk * self.pixels).zip(d_code.par_chunks(self.chunk * width));
        chunks.zip(d_x.par_chunks_mut(self.chunk * self.pixels)).for_each(|((x, d_code), d_x)| {
            let part = |from, to| d_code.chunks(width).flat_map(|row| &row[from..to]).copied().collect::<Vec<f32>>();
            let (d_logits, d_style) = (part(0, self.classes), part(self.classes, width));
            self.with_worker(|worker| {
                worker.gradient(&self.encoder, x, &d_logits, (!d_style.is_empty()).then_some(&d_style[..]), d_x)
            });
        });
        d_x
    }

    /// The gradient to images `(B, pixels)` of a loss whose gradient to all their logits `(B, K)` `d_logits` works out. One
    /// forward and one backward pass, or none forward where the images have just been encoded.
    pub(super) fn input_gradient<F>(
        &self,
        x: &[f32],
        d_logits: impl FnOnce(&[f32]) -> Result<Vec<f32>, F>,
    ) -> Result<Vec<f32>, F> {
        let chunks = x.len().div_ceil(self.chunk * self.pixels);
        let share = self.chunk * chunks.div_ceil(self.held()).max(1);
        let encode = |x: &[f32]| {
            let (mut worker, mut logits) = (self.workers.take(&self.encoder, self.chunk), Vec::new());
            for x in x.chunks(self.chunk * self.pixels) {
                worker.encode(&self.encoder, x).for_each(|(row, _)| logits.extend_from_slice(row));
            }
            (worker, logits)
        };
        let (mut workers, logits): (Vec<Worker<E>>, Vec<Vec<f32>>) =
            x.par_chunks(share * self.pixels).map(encode).unzip();
        let d_logits = d_logits(&logits.concat())?;
        let mut d_x = vec![0.0; x.len()];
        let shares = workers.par_iter_mut().zip(x.par_chunks(share * self.pixels));
        let gradients = d_logits.par_chunks(share * self.classes).zip(d_x.par_chunks_mut(share * self.pixels));
        shares.zip(gradients).for_each(|((worker, x), (d_logits, d_x))| {
            let gradients = d_logits.chunks(self.chunk * self.classes).zip(d_x.chunks_mut(self.chunk * self.pixels));
            for (x, (d_logits, d_x)) in x.chunks(self.chunk * self.pixels).zip(gradients) {
                worker.gradient(&self.encoder, x, d_logits, None, d_x);
            }
        });
        workers.into_iter().for_each(|worker| self.workers.give_back(worker));
        Ok(d_x)
    }
}
