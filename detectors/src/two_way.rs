//! [`TwoWay`]: inference in both directions, from the image to label and style and from them back to the image.
//!
//! What Wiyatno and Orchard 2018 conclude with: the encoder proposes a style `m`, and the decoder then looks for the style under which
//! each label explains the image best. Under label `k` it descends, from `m` on, the energy
//! `E_k = ||decode(onehot k, m') - x||² + P sum over j of z_j²`, where `z` is the logit of `m'` in deviations of clean styles: up to
//! constants the negative logarithm of the probability of image and style given the label, if pixels and logits are Gaussian. The
//! prior keeps a style a style: without it, a few more steps draw any image under any label.
//!
//! The score compares what the predicted label achieves with the best of the others, as [`Alternative`](crate::Alternative)
//! does without descent, and a flagged image is answered with the label of the least energy. Steps and prior were chosen on the MNIST
//! validation images (`docs/detector-choices.md`).

use candle_core::{Result, Tensor, Var};
use robust_attacks::ClassConditional;

use crate::class_errors::{TINY, log_error};
use crate::moments::moments;
use crate::tensors::{one_hot, rows};
use crate::{ClassErrors, Detector, Error, Fit, Judgement, Made, Perception, Population, Recorded, Tape};

/// Steps down the energy.
const STEPS: usize = 4;
/// Their size in clean deviations, as Adam (Kingma and Ba 2015) takes it.
const STEP: f64 = 0.1;
/// `P`: the variance of a pixel, in effect, under the right label and style.
const PRIOR: f64 = 0.1;
/// Styles count as so far from 0 and 1 at least, where their logits are infinite.
const EDGE: f64 = 1e-6;
/// Clean images that a fit takes at least.
const LEAST: usize = 2;
/// The arrays of a fit.
const MEAN: &str = "style.mean";
const DEVIATION: &str = "style.deviation";

/// `log(E_p / min over k != p of E_k)`; made by [`crate::DetectorInfo::making`].
pub struct TwoWay {
    /// Of the logits of clean styles, `S` each.
    mean: Vec<f32>,
    deviation: Vec<f32>,
}

/// Images with what tries to explain them.
struct Scene<'a> {
    model: &'a dyn ClassConditional,
    x: &'a Tensor,
    /// Label distributions `(B, K)`.
    labels: Tensor,
}

impl TwoWay {
    pub(crate) fn fit(clean: &Population) -> Made {
        clean.images(LEAST)?[0].0.decoder_for(Self::ID)?;
        let mut styles: Vec<Vec<f32>> = Vec::new();
        for batch in clean.batches() {
            styles.extend(batch.seen.style()?.to_vec2::<f32>().map_err(Error::model("return f32 numbers"))?);
        }
        let of_neuron = |neuron: usize| moments(styles.iter().map(move |style| logit(f64::from(style[neuron]))));
        let (mean, deviation): (Vec<f64>, Vec<f64>) = (0..styles[0].len()).map(of_neuron).unzip();
        let single = |values: Vec<f64>| values.into_iter().map(|value| value as f32).collect();
        Ok(Box::new(Self { mean: single(mean), deviation: single(deviation) }))
    }

    pub(crate) fn restore(fit: &Fit, _classes: usize) -> Made {
        let styles = fit.shape(MEAN).iter().product();
        let array = |name| Ok::<_, Error>(fit.values(name, &[styles])?.to_vec());
        Ok(Box::new(Self { mean: array(MEAN)?, deviation: array(DEVIATION)? }))
    }

    /// The least energy that was found under every label.
    fn energies(&self, perception: &Perception) -> std::result::Result<ClassErrors, Error> {
        let (model, style) = (perception.decoder_for(Self::ID)?, perception.style()?);
        let (images, classes) = (perception.predictions().len(), perception.classes());
        let descend = || {
            let start = self.standard(style)?.detach();
            let of_label = |label: usize| {
                let labels = one_hot(&vec![label as u32; images], classes, start.device())?;
                let scene = Scene { model, x: perception.x(), labels };
                self.energy(&scene, &self.descend(&scene, &start)?)
            };
            Tensor::stack(&(0..classes).map(of_label).collect::<Result<Vec<_>>>()?, 1)
        };
        let energies = descend().map_err(Error::model("descend on the style"))?;
        ClassErrors::new(rows("energies", "image", &energies, [images, classes])?, perception.predictions())
    }

    /// `STEPS` steps down the energy from standard styles `(B, S)`.
    fn descend(&self, scene: &Scene, start: &Tensor) -> Result<Tensor> {
        let (mut first, mut second) = (start.zeros_like()?, start.zeros_like()?);
        let mut z = start.clone();
        for step in 1..=STEPS as i32 {
            let at = Var::from_tensor(&z)?;
            let gradients = self.energy(scene, &at)?.sum_all()?.backward()?;
            let Some(slope) = gradients.get(&at) else {
                candle_core::bail!("the drawing does not depend on the style")
            };
            first = ((first * 0.9)? + (slope * 0.1)?)?;
            second = ((second * 0.999)? + (slope.sqr()? * 0.001)?)?;
            let root = ((&second / (1.0 - 0.999_f64.powi(step)))?.sqrt()? + 1e-8)?;
            z = (z - ((&first * (STEP / (1.0 - 0.9_f64.powi(step))))? / root)?)?.detach();
        }
        Ok(z)
    }

    /// `E` of standard styles `(B, S)`: `(B)`.
    fn energy(&self, Scene { model, x, labels }: &Scene, z: &Tensor) -> Result<Tensor> {
        let logit = z.broadcast_mul(&self.row(&self.deviation, z)?)?.broadcast_add(&self.row(&self.mean, z)?)?;
        let style = (logit.neg()?.exp()? + 1.0)?.recip()?;
        let error = (model.decode(labels, &style)? - *x)?.flatten_from(1)?.sqr()?.sum(1)?;
        error + (z.sqr()?.sum(1)? * PRIOR)?
    }

    /// Styles `(B, S)` as logits in clean deviations from the clean mean.
    fn standard(&self, style: &Tensor) -> Result<Tensor> {
        let inside = style.affine(1.0 - 2.0 * EDGE, EDGE)?;
        let logit = (inside.log()? - inside.affine(-1.0, 1.0)?.log()?)?;
        logit.broadcast_sub(&self.row(&self.mean, style)?)?.broadcast_div(&self.row(&self.deviation, style)?)
    }

    fn row(&self, values: &[f32], like: &Tensor) -> Result<Tensor> {
        Tensor::new(values, like.device())?.unsqueeze(0)
    }
}

impl TwoWay {
    /// The name by which it is chosen.
    pub const ID: &'static str = "two-way";
}

impl Detector for TwoWay {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn scores(&self, perception: &Perception) -> std::result::Result<Vec<f32>, Error> {
        Ok(self.judge(perception)?.scores)
    }

    fn judge(&self, perception: &Perception) -> std::result::Result<Judgement, Error> {
        let energies = self.energies(perception)?;
        Ok(Judgement { labels: Some(energies.best_label().to_vec()), ..Judgement::of(scores(&energies)) })
    }

    /// The surrogate is the score with what the descent adds to the encoder's style held fast: where it has arrived, the energy is flat in the style.
    fn record(&self, tape: &Tape) -> Result<Option<Recorded>> {
        let (perception, x) = (tape.perception(), tape.x());
        let energies = self.energies(perception).map_err(candle_core::Error::wrap)?;
        let model = perception.decoder_for(Self::ID).map_err(candle_core::Error::wrap)?;
        let start = self.standard(tape.style()?)?;
        let log_energy = |labels: &[u32]| {
            let labels = one_hot(labels, perception.classes(), x.device())?;
            let scene = |x| Scene { model, x, labels: labels.clone() };
            let moved = (self.descend(&scene(perception.x()), &start.detach())? - start.detach())?;
            (self.energy(&scene(x), &(&start + moved)?)? + TINY)?.log()
        };
        let surrogate = (log_energy(perception.predictions())? - log_energy(energies.alternative_label())?)?;
        Ok(Some(Recorded { scores: scores(&energies), surrogate }))
    }

    fn fit(&self) -> Fit {
        let array = |values: &[f32]| (vec![values.len()], values.to_vec());
        let (mean, deviation) = (array(&self.mean), array(&self.deviation));
        Fit::default().with(MEAN, mean.0, mean.1).with(DEVIATION, deviation.0, deviation.1)
    }
}

/// The logarithms of the ratios.
fn scores(energies: &ClassErrors) -> Vec<f32> {
    let ratio = |(&own, &other): (&f32, &f32)| (log_error(own) - log_error(other)) as f32;
    energies.predicted().iter().zip(energies.alternative()).map(ratio).collect()
}

fn logit(style: f64) -> f64 {
    let inside = (1.0 - 2.0 * EDGE) * style + EDGE;
    (inside / (1.0 - inside)).ln()
}
