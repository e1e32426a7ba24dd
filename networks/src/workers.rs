//! [`Workers`]: the store from which threads borrow workers.
//!
//! A thread gets the worker back that it had before, which remembers the images that it encoded.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::worker::Worker;
use crate::encoder::Encoder;

/// Workers of one network that nobody uses at the moment.
pub(super) struct Workers<E: Encoder>(Mutex<Vec<Worker<E>>>);

impl<E: Encoder> Default for Workers<E> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<E: Encoder> Workers<E> {
    /// The worker that this thread had last, or else any, or else a new one for chunks of up to so many images.
    pub(super) fn take(&self, encoder: &E, chunk: usize) -> Worker<E> {
        let thread = rayon::current_thread_index();
        let mut stored = self.stored();
        let own = stored.iter().rposition(|worker| worker.thread == thread);
        let found = own.map(|own| stored.remove(own)).or_else(|| stored.pop());
        drop(stored);
        let mut worker = found.unwrap_or_else(|| Worker::new(encoder, chunk));
        worker.thread = thread;
        worker
    }

    /// Puts a worker into the store.
    pub(super) fn give_back(&self, worker: Worker<E>) {
        self.stored().push(worker);
    }

    /// Whether some worker would not encode these images.
    #[cfg(test)]
    pub(super) fn remember(&self, x: &[f32]) -> bool {
        self.stored().iter().any(|worker| worker.recall(x).is_some())
    }

    /// A worker holds nothing that a panic elsewhere could have broken: the store outlives one.
    fn stored(&self) -> MutexGuard<'_, Vec<Worker<E>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use rand::Rng;
    use rayon::prelude::*;
    use robust_attacks::random::stream;

    use crate::chunked::HELD;
    use crate::fast::Fast;
    use crate::kernels::Engine;
    use crate::{PIXELS, Parameters, StyleMemorySpec};

    /// Images of a chunk of the paper's network.
    const CHUNK: usize = 64;

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

    fn fast(parameters: &Parameters) -> Fast {
        Fast::new(Engine::new(parameters).unwrap())
    }

    fn parameters(classes: usize) -> Parameters {
        Parameters::random(StyleMemorySpec::paper(classes), 1)
    }

    /// Bits of logits and style, and of a gradient.
    fn look(fast: &Fast, x: &[f32]) -> [Vec<u32>; 2] {
        let twice = |logits: &[f32]| Ok::<_, Infallible>(logits.iter().map(|logit| 2.0 * logit).collect());
        let (code, Ok(gradient)) = (fast.encode(x), fast.input_gradient(x, twice));
        [code, gradient].map(|values| values.into_iter().map(f32::to_bits).collect())
    }

    #[test]
    fn threads_never_see_each_others_images_nor_their_own_earlier_ones() {
        let parameters = parameters(3);
        let (images, shared) = (images(24), fast(&parameters));
        let alone: Vec<_> = images.iter().map(|image| look(&fast(&parameters), image)).collect();
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
        let fast = fast(&parameters(2));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let x = images(2).concat().repeat(20 * CHUNK);
        let whole = pool.install(|| look(&fast, &x));
        let [code, gradient] = look(&fast, &x[..2 * PIXELS]);
        assert!(whole[0].chunks_exact(code.len()).all(|pair| pair == code));
        assert!(whole[1].chunks_exact(gradient.len()).all(|pair| pair == gradient));
        let workers = fast.workers.0.lock().unwrap().len();
        assert!(workers <= HELD + 2, "{workers} workers");
    }
}
