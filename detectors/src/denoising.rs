//! How an [`Autoencoder`] is trained: to give clean images back from noisy ones (Meng and Chen 2017, section 5.2: mean squared error,
//! Gaussian noise of deviation 0.1, pixels clipped to [0, 1]).
//!
//! The paper takes 100 epochs of Adam over 55,000 images. A few hundred parameters are as well found from a few hundred images,
//! since each pixel is an example, and far sooner by a method that knows curvature: L-BFGS on all of them at once.

use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use robust_attacks::random::stream;

use crate::autoencoder::{Architecture, Autoencoder, Form, Pass};
use crate::lbfgs;

/// Deviation of the noise.
const NOISE: f32 = 0.1;
/// Steps of L-BFGS; the error falls by little after them.
const STEPS: usize = 150;

/// Trains on images of one form, with all that is random drawn from `seed`.
pub(crate) fn train(architecture: Architecture, form: Form, images: &[f32], seed: u64) -> Autoencoder {
    let mut rng = stream(seed, "noise", &[]);
    let noisy = |&pixel: &f32| {
        let noise: f32 = StandardNormal.sample(&mut rng);
        (pixel + NOISE * noise).clamp(0.0, 1.0)
    };
    let noisy: Vec<f32> = images.iter().map(noisy).collect();
    let single = |parameters: &[f64]| parameters.iter().map(|&one| one as f32).collect::<Vec<f32>>();
    let fitted = lbfgs::minimize(start(architecture, form, seed), STEPS, |parameters| {
        let (loss, gradient) = loss_gradient(architecture, form, &single(parameters), (&noisy, images));
        (loss, gradient.into_iter().map(f64::from).collect())
    });
    Autoencoder { architecture, channels: form.channels, parameters: single(&fitted) }
}

/// Weights uniform as Glorot and Bengio (2010) have them, biases 0.
fn start(architecture: Architecture, form: Form, seed: u64) -> Vec<f64> {
    let mut rng = stream(seed, "init", &[]);
    let mut parameters = Vec::new();
    for convolution in architecture.convolutions(form.channels) {
        let bound = (6.0 / (9.0 * (convolution.inputs + convolution.outputs) as f64)).sqrt();
        parameters.extend((0..convolution.weights()).map(|_| rng.random_range(-bound..bound)));
        parameters.extend((0..convolution.outputs).map(|_| 0.0));
    }
    parameters
}

/// The mean squared error over all pixels, and its gradient to the parameters.
fn loss_gradient(
    architecture: Architecture,
    form: Form,
    parameters: &[f32],
    (noisy, clean): (&[f32], &[f32]),
) -> (f64, Vec<f32>) {
    let mut pass = Pass::new(architecture, form);
    let (mut loss, mut gradient) = (0.0, vec![0.0; parameters.len()]);
    for (noisy, clean) in noisy.chunks_exact(form.pixels()).zip(clean.chunks_exact(form.pixels())) {
        let off: Vec<f32> = pass.forward(parameters, noisy).zip(clean).map(|(drawn, clean)| drawn - clean).collect();
        loss += f64::from(off.iter().map(|off| off * off).sum::<f32>());
        pass.backward(parameters, off.iter().map(|off| 2.0 * off), Some(&mut gradient)).for_each(drop);
    }
    let pixels = clean.len() as f32;
    (loss / f64::from(pixels), gradient.into_iter().map(|slope| slope / pixels).collect())
}
