//! Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1) with the paper's constants.

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f32 = 1e-8;

/// Adam's running moments of the gradient: of the pixels of one image, or of the weights of something small. Single precision, so that the loop fits vector registers: the optimiser is asked for every
/// pixel of every step.
#[derive(Debug, Clone)]
pub struct Adam {
    first: Vec<f32>,
    second: Vec<f32>,
    steps: i32,
    beta_2: f64,
}

impl Adam {
    /// For so many variables.
    #[must_use]
    pub fn new(variables: usize) -> Self {
        Self { first: vec![0.0; variables], second: vec![0.0; variables], steps: 0, beta_2: BETA_2 }
    }

    /// With another decay of the second moment than the paper's, in [0, 1).
    #[must_use]
    pub fn remembering(self, beta_2: f64) -> Self {
        Self { beta_2, ..self }
    }

    /// Moves the variables downhill, each by about `learning_rate`.
    pub fn descend(&mut self, variables: &mut [f32], gradient: &[f32], learning_rate: f64) {
        self.steps += 1;
        // The corrections for moments that start at zero, taken out of the loop.
        let rate = (learning_rate / (1.0 - BETA_1.powi(self.steps))) as f32;
        let root = (1.0 / (1.0 - self.beta_2.powi(self.steps))).sqrt() as f32;
        let (old_1, new_1) = (BETA_1 as f32, (1.0 - BETA_1) as f32);
        let (old_2, new_2) = (self.beta_2 as f32, (1.0 - self.beta_2) as f32);
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((variable, &slope), (first, second)) in variables.iter_mut().zip(gradient).zip(moments) {
            *first = old_1 * *first + new_1 * slope;
            *second = old_2 * *second + new_2 * slope * slope;
            *variable -= rate * *first / (root * second.sqrt() + EPSILON);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Adam;

    // import torch
    // x = torch.tensor([1.0, -2.0, 0.5], requires_grad=True); adam = torch.optim.Adam([x], lr=0.1)
    // for _ in range(25): adam.zero_grad(); (x ** 4).sum().backward(); adam.step()
    // print(x.tolist())
    #[test]
    fn agrees_with_pytorch() {
        let (mut x, mut adam) = ([1.0_f32, -2.0, 0.5], Adam::new(3));
        for _ in 0..25 {
            let gradient = x.map(|x| 4.0 * x * x * x);
            adam.descend(&mut x, &gradient, 0.1);
        }
        for (x, expected) in x.into_iter().zip([-0.178_691_92, -0.380_410_67, -0.137_358_52_f32]) {
            assert!((x - expected).abs() < 2e-6, "{x} instead of {expected}");
        }
    }

    #[test]
    fn the_first_step_is_the_learning_rate_against_the_sign_and_a_zero_gradient_moves_nothing() {
        let mut x = [1.0, 1.0, 1.0];
        Adam::new(3).descend(&mut x, &[7.0, -1e-3, 0.0], 0.25);
        for (x, expected) in x.into_iter().zip([0.75_f32, 1.25, 1.0]) {
            assert!((x - expected).abs() < 1e-5, "{x} instead of {expected}");
        }
    }
}
