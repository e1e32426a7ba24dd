//! [`Fast`]: the kernels' engine with a store of workers, on batches of any size.
//!
//! A batch is cut into chunks that fit a worker; chunks run on rayon's threads. A single chunk runs where the caller
//! is, so that callers who spread their own chunks over threads (the commands do) pay for nothing. A thread gets the
//! worker back that it had before, which remembers the images that it encoded.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::worker::Worker;
use super::{PIXELS, Parameters, STYLES};
use crate::kernels::Engine;

/// Images of a chunk: enough to make good use of the linear layers' weights, few enough for the cache.
const CHUNK: usize = 64;

/// Workers that may hold a batch's activations between the way to the logits and the way back, where there are no more
/// threads than that: what bounds the memory of a large batch. Chunks beyond are encoded twice.
const HELD: usize = 16;

/// Network weights packed for the kernels, shared by threads.
pub(super) struct Fast {
    classes: usize,
    engine: Engine,
    workers: Mutex<Vec<Worker>>,
}

impl Fast {
    /// Packs the weights.
    pub(super) fn new(parameters: &Parameters) -> Self {
        let classes = parameters.layout().classes();
        let engine = Engine::new(classes, STYLES, &parameters.slices().collect::<Vec<_>>());
        Self { classes, engine, workers: Mutex::new(Vec::new()) }
    }

    /// Number of labels, `K`.
    pub(super) fn classes(&self) -> usize {
        self.classes
    }

    /// Images `(B, 784)` to logits and style side by side, `(B, K + S)`.
    pub(super) fn encode(&self, x: &[f32]) -> Vec<f32> {
        let width = self.classes + STYLES;
        let mut code = vec![0.0; x.len() / PIXELS * width];
        let chunks = x.par_chunks(CHUNK * PIXELS).zip(code.par_chunks_mut(CHUNK * width));
        chunks.for_each(|(x, code)| {
            self.with_worker(|worker| {
                let rows = worker.encode(&self.engine, x);
                for (code, (logits, style)) in code.chunks_mut(width).zip(rows) {
                    code[..self.classes].copy_from_slice(logits);
                    code[self.classes..].copy_from_slice(style);
                }
            });
        });
        code
    }

    /// The gradient to the images, `(B, 784)`, from that to logits and style, `(B, K + S)`.
    pub(super) fn encode_gradient(&self, x: &[f32], d_code: &[f32]) -> Vec<f32> {
        let width = self.classes + STYLES;
        let mut d_x = vec![0.0; x.len()];
        let chunks = x.par_chunks(CHUNK * PIXELS).zip(d_code.par_chunks(CHUNK * width));
        chunks.zip(d_x.par_chunks_mut(CHUNK * PIXELS)).for_each(|((x, d_code), d_x)| {
            let part = |from, to| d_code.chunks(width).flat_map(|row| &row[from..to]).copied().collect::<Vec<f32>>();
            let (d_logits, d_style) = (part(0, self.classes), part(self.classes, width));
            self.with_worker(|worker| worker.gradient(&self.engine, x, &d_logits, Some(&d_style), d_x));
        });
        d_x
    }

    /// Label distribution `(B, K)` and style `(B, S)` to images `(B, 784)`.
    pub(super) fn decode(&self, label: &[f32], style: &[f32]) -> Vec<f32> {
        let mut images = vec![0.0; style.len() / STYLES * PIXELS];
        let chunks = label.par_chunks(CHUNK * self.classes).zip(style.par_chunks(CHUNK * STYLES));
        chunks.zip(images.par_chunks_mut(CHUNK * PIXELS)).for_each(|((label, style), images)| {
            self.with_worker(|Worker { workspace, .. }| {
                self.engine.decode(label, style, workspace);
                images.copy_from_slice(workspace.reconstruction());
            });
        });
        images
    }

    /// The gradients to label distribution and style from that to the images.
    pub(super) fn decode_gradient(&self, label: &[f32], style: &[f32], d_images: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let (mut d_label, mut d_style) = (vec![0.0; label.len()], vec![0.0; style.len()]);
        let chunks = label.par_chunks(CHUNK * self.classes).zip(style.par_chunks(CHUNK * STYLES));
        let gradients = d_label.par_chunks_mut(CHUNK * self.classes).zip(d_style.par_chunks_mut(CHUNK * STYLES));
        let chunks = chunks.zip(d_images.par_chunks(CHUNK * PIXELS)).zip(gradients);
        chunks.for_each(|(((label, style), d_images), (d_label, d_style))| {
            self.with_worker(|Worker { workspace, .. }| {
                self.engine.decode(label, style, workspace);
                self.engine.decode_backward(d_images, workspace, Some(d_label), Some(d_style), None);
            });
        });
        (d_label, d_style)
    }

    /// The reconstruction error of images `(B, 784)` under every label, `(B, K)`.
    pub(super) fn class_errors(&self, x: &[f32], style: &[f32]) -> Vec<f32> {
        let mut errors = vec![0.0; x.len() / PIXELS * self.classes];
        let chunks = x.par_chunks(CHUNK * PIXELS).zip(style.par_chunks(CHUNK * STYLES));
        chunks.zip(errors.par_chunks_mut(CHUNK * self.classes)).for_each(|((x, style), errors)| {
            self.with_worker(|worker| self.engine.class_errors(x, style, &mut worker.workspace, errors));
        });
        errors
    }

    /// The gradient to images `(B, 784)` of a loss whose gradient to all their logits `(B, K)` `d_logits` works out. One
    /// forward and one backward pass, or none forward where the images have just been encoded.
    pub(super) fn input_gradient<E>(
        &self,
        x: &[f32],
        d_logits: impl FnOnce(&[f32]) -> Result<Vec<f32>, E>,
    ) -> Result<Vec<f32>, E> {
        let chunks = x.len().div_ceil(CHUNK * PIXELS);
        let share = CHUNK * chunks.div_ceil(HELD.max(rayon::current_num_threads())).max(1);
        let encode = |x: &[f32]| {
            let (mut worker, mut logits) = (self.take(), Vec::new());
            for x in x.chunks(CHUNK * PIXELS) {
                worker.encode(&self.engine, x).for_each(|(row, _)| logits.extend_from_slice(row));
            }
            (worker, logits)
        };
        let (mut workers, logits): (Vec<Worker>, Vec<Vec<f32>>) = x.par_chunks(share * PIXELS).map(encode).unzip();
        let d_logits = d_logits(&logits.concat())?;
        let mut d_x = vec![0.0; x.len()];
        let shares = workers.par_iter_mut().zip(x.par_chunks(share * PIXELS));
        let gradients = d_logits.par_chunks(share * self.classes).zip(d_x.par_chunks_mut(share * PIXELS));
        shares.zip(gradients).for_each(|((worker, x), (d_logits, d_x))| {
            let gradients = d_logits.chunks(CHUNK * self.classes).zip(d_x.chunks_mut(CHUNK * PIXELS));
            for (x, (d_logits, d_x)) in x.chunks(CHUNK * PIXELS).zip(gradients) {
                worker.gradient(&self.engine, x, d_logits, None, d_x);
            }
        });
        workers.into_iter().for_each(|worker| self.give_back(worker));
        Ok(d_x)
    }

    fn with_worker(&self, work: impl FnOnce(&mut Worker)) {
        let mut worker = self.take();
        work(&mut worker);
        self.give_back(worker);
    }

    /// The worker that this thread had last, or else any.
    // A worker holds nothing that a panic elsewhere could have broken: the store outlives one.
    fn take(&self) -> Worker {
        let thread = rayon::current_thread_index();
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        let own = workers.iter().rposition(|worker| worker.thread == thread);
        let stored = own.map(|own| workers.remove(own)).or_else(|| workers.pop());
        drop(workers);
        let mut worker = stored.unwrap_or_else(|| Worker::new(&self.engine, CHUNK));
        worker.thread = thread;
        worker
    }

    fn give_back(&self, worker: Worker) {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
    }

    /// Whether some worker would not encode these images.
    #[cfg(test)]
    pub(super) fn remembers(&self, x: &[f32]) -> bool {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|worker| worker.recall(x).is_some())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use rand::Rng;
    use robust_attacks::random::stream;

    use super::*;

    /// Images that are easily confused: each differs from the one before in a single bit, at times only the sign of a zero.
    fn images(count: usize) -> Vec<Vec<f32>> {
        let mut image: Vec<f32> = (0..PIXELS).map(|i| (i % 7) as f32 / 7.0).collect();
        let next = |i: usize| {
            let pixel = &mut image[i * 7 % PIXELS + i % 2];
            *pixel = f32::from_bits(pixel.to_bits() ^ if *pixel == 0.0 { 1 << 31 } else { 1 << 20 });
            image.clone()
        };
        (0..count).map(next).collect()
    }

    /// Bits of logits and style, and of a gradient.
    fn look(fast: &Fast, x: &[f32]) -> [Vec<u32>; 2] {
        let twice = |logits: &[f32]| Ok::<_, Infallible>(logits.iter().map(|logit| 2.0 * logit).collect());
        let (code, Ok(gradient)) = (fast.encode(x), fast.input_gradient(x, twice));
        [code, gradient].map(|values| values.into_iter().map(f32::to_bits).collect())
    }

    #[test]
    fn threads_never_see_each_others_images_nor_their_own_earlier_ones() {
        let parameters = Parameters::random(3, 1);
        let (images, shared) = (images(24), Fast::new(&parameters));
        let alone: Vec<_> = images.iter().map(|image| look(&Fast::new(&parameters), image)).collect();
        let check = |caller: u64| {
            let mut rng = stream(5, "batches", &[caller]);
            for _ in 0..20 {
                // Runs, subsets in order, repeats, and now and then more than a chunk.
                let (first, step) = (rng.random_range(0..images.len()), rng.random_range(0..3));
                let count = if rng.random_bool(0.1) { CHUNK + 3 } else { rng.random_range(1..12) };
                let batch: Vec<usize> = (0..count).map(|i| (first + i * step) % images.len()).collect();
                let x: Vec<f32> = batch.iter().flat_map(|&image| &images[image]).copied().collect();
                let [code, gradient] = look(&shared, &x);
                for (row, &image) in batch.iter().enumerate() {
                    let width = code.len() / count;
                    assert!(code[row * width..][..width] == alone[image][0], "{batch:?}: code of image {row}");
                    assert!(
                        gradient[row * PIXELS..][..PIXELS] == alone[image][1],
                        "{batch:?}: gradient of image {row}"
                    );
                }
            }
        };
        // Threads of a pool, which have numbers, and others, which share none.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        std::thread::scope(|scope| {
            (0..2).for_each(|caller| drop(scope.spawn(move || check(caller))));
            pool.install(|| (2..8_u64).into_par_iter().for_each(check));
        });
    }

    #[test]
    fn a_large_batch_holds_a_bounded_number_of_workers() {
        let fast = Fast::new(&Parameters::random(2, 1));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let x = images(2).concat().repeat(20 * CHUNK);
        let whole = pool.install(|| look(&fast, &x));
        let [code, gradient] = look(&fast, &x[..2 * PIXELS]);
        assert!(whole[0].chunks_exact(code.len()).all(|pair| pair == code));
        assert!(whole[1].chunks_exact(gradient.len()).all(|pair| pair == gradient));
        let workers = fast.workers.lock().unwrap().len();
        assert!(workers <= HELD + 2, "{workers} workers");
    }
}
