//! Adam (Kingma and Ba 2015, algorithm 1) on one flat buffer, with its state open so that a run can be resumed.
//!
//! candle-nn's `AdamW` hides its moments, which a resumable run must store.

use rayon::prelude::*;

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;
/// Weights that one thread updates at a time.
const CHUNK: usize = 4 * 1024;

/// First and second moment of every weight, and how many steps made them.
#[derive(Debug, Clone, PartialEq)]
pub struct Adam {
    pub(super) first: Vec<f32>,
    pub(super) second: Vec<f32>,
    pub(super) steps: u64,
}

impl Adam {
    /// The state before the first step, for `len` weights.
    #[must_use]
    pub fn new(len: usize) -> Self {
        Self { first: vec![0.0; len], second: vec![0.0; len], steps: 0 }
    }

    /// Whether every moment is a finite number.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.first.iter().chain(&self.second).all(|moment| moment.is_finite())
    }

    /// Moves `values` one step of size `rate` against the sum of `gradients`; all as long as the state.
    pub fn step(&mut self, rate: f64, gradients: &[&[f32]], values: &mut [f32]) {
        let lengths = gradients.iter().map(|part| part.len()).chain([values.len()]);
        lengths.for_each(|length| assert_eq!(length, self.first.len(), "one gradient per weight"));
        self.steps += 1;
        let correction1 = 1.0 - BETA1.powf(self.steps as f64);
        let correction2 = 1.0 - BETA2.powf(self.steps as f64);
        let rate = (rate / correction1) as f32;
        let scale = (1.0 / correction2.sqrt()) as f32;
        let (beta1, beta2, epsilon) = (BETA1 as f32, BETA2 as f32, EPSILON as f32);
        let moments = self.first.par_chunks_mut(CHUNK).zip(self.second.par_chunks_mut(CHUNK));
        let chunks = values.par_chunks_mut(CHUNK).zip(moments).enumerate();
        chunks.for_each(|(chunk, (values, (first, second)))| {
            let mut sums = [0.0; CHUNK];
            for part in gradients {
                sums.iter_mut().zip(&part[chunk * CHUNK..]).for_each(|(sum, gradient)| *sum += gradient);
            }
            for (((value, gradient), first), second) in values.iter_mut().zip(sums).zip(first).zip(second) {
                *first = beta1 * *first + (1.0 - beta1) * gradient;
                *second = beta2 * *second + (1.0 - beta2) * gradient * gradient;
                *value -= rate * *first / (second.sqrt() * scale + epsilon);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::Adam;

    #[test]
    fn steps_follow_pytorch() {
        // import torch
        // w = torch.tensor([1.0, -2.0, 0.5], requires_grad=True); o = torch.optim.Adam([w], lr=0.1)
        // for g in ([0.3, -1e-4, 0.0], [0.1, 2.0, -4.0], [-1.0, 0.5, 0.25]): w.grad = torch.tensor(g); o.step()
        // print(w.tolist())
        let mut values = [1.0, -2.0, 0.5];
        let mut adam = Adam::new(3);
        for gradient in [[0.3, -1e-4, 0.0], [0.1, 2.0, -4.0], [-1.0, 0.5, 0.25]] {
            let parts = [gradient.map(|slope| 0.25 * slope), gradient.map(|slope| 0.75 * slope)];
            adam.step(0.1, &[&parts[0], &parts[1]], &mut values);
        }
        for (value, expected) in values.iter().zip(EXPECTED) {
            assert!((value - expected).abs() < 1e-6, "{value} and {expected}");
        }
    }

    const EXPECTED: [f32; 3] = [0.853_523, -2.045_721_5, 0.627_836_7];
}
