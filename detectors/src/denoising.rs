//! How an [`Autoencoder`] is trained: to give clean images back from noisy ones (Meng and Chen 2017: mean squared error,
//! Gaussian noise of deviation 0.1, pixels clipped to [0, 1]).
//!
//! The paper takes 100 epochs of Adam over 55,000 images in batches of 256, at a learning rate of 0.001. Here there are fewer images, hence
//! smaller batches, and a rate that starts higher and falls to 0 along a cosine.

use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use robust_attacks::{Adam, random::stream};
use robust_networks::kernels::{Memory, Network, PlanError};

use crate::architecture::Architecture;
use crate::autoencoder::{Autoencoder, ISA};
use crate::epochs::{Shuffled, falling};
use crate::form::Form;

/// Deviation of the noise.
const NOISE: f32 = 0.1;
/// Images that are looked at, each time under other noise.
const PASSES: usize = 50_000;
/// Images between two steps of the weights.
const BATCH: usize = 16;
/// Learning rate at the start.
const RATE: f64 = 0.03;

/// Trains on images of one form, with all that is random drawn from `seed`.
///
/// # Errors
/// The kernels do not compute the network: its images are too large.
pub(crate) fn train(
    architecture: Architecture,
    form: Form,
    images: &[f32],
    seed: u64,
) -> Result<Autoencoder, PlanError> {
    let mut parameters = start(architecture, form, seed);
    let mut network = Network::new(ISA, &architecture.spec(form))?;
    let (mut adam, mut memory) = (Adam::new(parameters.len()), Memory::new(&network, BATCH));
    let mut shuffled = Shuffled::new(images.len() / form.pixels().max(1), stream(seed, "shuffle", &[]));
    let mut noise = stream(seed, "noise", &[]);
    let mut gradient = vec![0.0; parameters.len()];
    let steps = PASSES.div_ceil(BATCH);
    for step in 0..steps {
        let mut clean = Vec::with_capacity(BATCH * form.pixels());
        for image in shuffled.next(BATCH) {
            clean.extend_from_slice(&images[image * form.pixels()..][..form.pixels()]);
        }
        let noisy: Vec<f32> = clean.iter().map(|pixel| with_noise(*pixel, &mut noise)).collect();
        network.take(&parameters);
        network.forward(&[&noisy], &mut memory);
        let off: Vec<f32> = memory.output(0).iter().zip(&clean).map(|(drawn, clean)| drawn - clean).collect();
        network.backward(&[Some(&off)], &mut memory, &mut [None], Some(&mut gradient));
        adam.descend(&mut parameters, &gradient, falling(RATE, step, steps));
    }
    Ok(Autoencoder::new(architecture, form.channels, parameters))
}

fn with_noise(pixel: f32, rng: &mut impl Rng) -> f32 {
    let noise: f32 = StandardNormal.sample(rng);
    (pixel + NOISE * noise).clamp(0.0, 1.0)
}

/// Weights uniform as Glorot and Bengio (2010) have them, biases 0.
fn start(architecture: Architecture, form: Form, seed: u64) -> Vec<f32> {
    let mut rng = stream(seed, "init", &[]);
    let mut parameters = Vec::new();
    for slot in architecture.layout(form.channels).tensors() {
        match slot.shape[..] {
            [outputs, inputs, height, width] => {
                let bound = (6.0 / (height * width * (inputs + outputs)) as f32).sqrt();
                parameters.extend((0..slot.len()).map(|_| rng.random_range(-bound..bound)));
            }
            _ => parameters.extend((0..slot.len()).map(|_| 0.0)),
        }
    }
    parameters
}
