//! Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1) on the variables of one image, with the paper's constants.

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f32 = 1e-8;

/// Running moments of the gradient. Single precision, so that the loop fits vector registers: the optimiser is asked for every
/// pixel of every step.
pub(crate) struct Adam {
    first: Vec<f32>,
    second: Vec<f32>,
    steps: i32,
}

impl Adam {
    /// For so many variables.
    pub(crate) fn new(variables: usize) -> Self {
        Self { first: vec![0.0; variables], second: vec![0.0; variables], steps: 0 }
    }

    /// Moves the variables downhill.
    pub(crate) fn descend(&mut self, variables: &mut [f32], gradient: &[f32], learning_rate: f64) {
        self.steps += 1;
        // The corrections for moments that start at zero, taken out of the loop.
        let rate = (learning_rate / (1.0 - BETA_1.powi(self.steps))) as f32;
        let root = (1.0 / (1.0 - BETA_2.powi(self.steps))).sqrt() as f32;
        let (old_1, new_1) = (BETA_1 as f32, (1.0 - BETA_1) as f32);
        let (old_2, new_2) = (BETA_2 as f32, (1.0 - BETA_2) as f32);
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((variable, &slope), (first, second)) in variables.iter_mut().zip(gradient).zip(moments) {
            *first = old_1 * *first + new_1 * slope;
            *second = old_2 * *second + new_2 * slope * slope;
            *variable -= rate * *first / (root * second.sqrt() + EPSILON);
        }
    }
}
