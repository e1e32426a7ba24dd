//! [`Probe`]: what a classifier says of some clean images under each guess.

use anyhow::{Error, Result};
use candle_core::{Device, Tensor};
use robust_attacks::{Model, prediction};
use robust_data::Split;
use robust_networks::Preprocessing;

use super::guesses::{Guess, guesses};
use super::orders::{OrderFound, other_order};
use super::sign_test::{RARE, chance, is_better, may_be_better};
use crate::settings::Layout;

/// Images of a batch.
const BATCH: usize = 50;
/// Images that are looked at.
pub const LOOKED_AT: usize = 200;
/// [`RARE`] in deviations of a normal distribution.
const DEVIATIONS: f64 = 3.1;

/// A guess, and how often the network is right under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// The preprocessing.
    pub guess: Guess,
    /// Share of images that the network is right on.
    pub accuracy: f64,
    right: Vec<bool>,
    answers: Vec<u32>,
}

/// A look at a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// Images looked at.
    pub images: usize,
    /// Classes that the network knows.
    pub classes: usize,
    /// As it was given.
    pub given: Looked,
    /// Under the usual preprocessings, the best first.
    pub others: Vec<Looked>,
    /// Another order of classes that explains the answers under the best preprocessing.
    pub order: Option<OrderFound>,
    /// Which preprocessing that is: 0 as given, then the others.
    under_order: Option<usize>,
}

impl Probe {
    /// What `network`, which takes images without any preprocessing, says of `images` under `given` and under the usual preprocessings.
    /// `names` are those of the dataset's classes. `other`: the network with its input in the other layout, if it takes such images then too.
    ///
    /// # Errors
    /// Whatever the network reports.
    pub fn new(
        network: &dyn Model,
        other: Option<(Layout, &dyn Model)>,
        images: &Split,
        names: &[String],
        given: &Preprocessing,
        device: &Device,
    ) -> Result<Self> {
        let given = Guess { name: "as given".to_owned(), preprocessing: given.clone(), layout: None };
        let usual = guesses(images).into_iter().filter(|guess| guess.preprocessing != given.preprocessing);
        let usual: Vec<Guess> = usual.collect();
        let look = |network, guess: &Guess| looked(network, images, guess.clone(), device);
        let mut others = usual.iter().map(|guess| look(network, guess)).collect::<Result<Vec<_>>>()?;
        if let Some((layout, network)) = other {
            let all = [&given].into_iter().chain(&usual);
            others.extend(all.map(|guess| look(network, &guess.lying(layout))).collect::<Result<Vec<_>>>()?);
        }
        let given = look(network, &given)?;
        others.sort_by(|a, b| b.accuracy.total_cmp(&a.accuracy));
        let classes = network.signature().classes;
        let mut probe = Self { images: images.len(), classes, given, others, order: None, under_order: None };
        let order = |looked: &Looked| other_order(&looked.answers, images.labels(), names, classes);
        // A wrong order hides which preprocessing is right.
        let looks = [&probe.given].into_iter().chain(&probe.others);
        let mut found: Vec<(usize, OrderFound)> =
            looks.enumerate().filter_map(|(at, looked)| Some((at, order(looked)?))).collect();
        found.sort_by(|a, b| b.1.worth().total_cmp(&a.1.worth()).then(a.0.cmp(&b.0)));
        if let Some((at, order)) = found.into_iter().next().filter(|(_, order)| order.accuracy > probe.best()) {
            (probe.order, probe.under_order) = (Some(order), Some(at));
        }
        Ok(probe)
    }

    /// The best accuracy in the dataset's order.
    fn best(&self) -> f64 {
        self.others.first().map_or(0.0, |looked| looked.accuracy).max(self.given.accuracy)
    }

    /// What to take instead of what was given: what is better by more than chance, or, where another order of classes explains the answers, that
    /// under which it does.
    #[must_use]
    pub fn best_preprocessing(&self) -> Option<&Looked> {
        self.under_order.map_or_else(|| self.suggestion(), |at| at.checked_sub(1).map(|at| &self.others[at]))
    }

    /// The preprocessing under which the network is right more often than as given, by more than chance, if there is one.
    #[must_use]
    pub fn suggestion(&self) -> Option<&Looked> {
        self.others.first().filter(|other| is_better(&self.given.right, &other.right, self.others.len()))
    }

    /// The preprocessing that may be better than what was given, on too few images to say that it is no chance.
    #[must_use]
    pub fn inkling(&self) -> Option<&Looked> {
        self.others.first().filter(|other| may_be_better(&self.given.right, &other.right, self.others.len()))
    }

    /// That in words, with the flags to give.
    #[must_use]
    pub fn inkling_told(&self) -> Option<String> {
        let Looked { guess, accuracy, .. } = self.inkling()?;
        Some(format!(
            "'{}' may be better, {} instead of {}, but {} images are too few to say that it is no chance; name more with --validation, or give {}",
            guess.name,
            percent(*accuracy),
            percent(self.given.accuracy),
            self.images,
            guess.flags()
        ))
    }

    /// What to change, in words; that nothing helps if nothing does.
    #[must_use]
    pub fn advice(&self) -> String {
        match (&self.order, self.suggestion()) {
            (Some(OrderFound { order, accuracy, .. }), _) => {
                format!("{} under another order of classes ({order})", percent(*accuracy))
            }
            (None, Some(other)) => {
                format!("{} under '{}' ({})", percent(other.accuracy), other.guess.name, other.guess.flags())
            }
            (None, None) => self
                .inkling_told()
                .unwrap_or_else(|| format!("none of {} usual preprocessings helps", self.others.len())),
        }
    }
}

/// A share as text.
fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Whether so many right answers to images of so many classes are hardly more than somebody gives who guesses.
#[must_use]
pub fn is_near_chance(right: usize, images: usize, classes: usize) -> bool {
    if classes <= 2 {
        return chance(right, images) > RARE;
    }
    // The normal bound of a share that one in K are right on.
    let share = 1.0 / classes as f64;
    let deviation = (share * (1.0 - share) / images.max(1) as f64).sqrt();
    (right as f64) < images as f64 * (share + DEVIATIONS * deviation)
}

/// On how many of the images a network is right.
///
/// # Errors
/// Whatever it reports.
pub fn right(network: &dyn Model, images: &Split, device: &Device) -> Result<usize> {
    let answers = answers(network, images, &Preprocessing::default(), device)?;
    Ok(answers.iter().zip(images.labels()).filter(|(answer, label)| answer == label).count())
}

/// What a network says of images under a guess.
fn looked(network: &dyn Model, images: &Split, guess: Guess, device: &Device) -> Result<Looked> {
    let answers = answers(network, images, &guess.preprocessing, device)?;
    let right: Vec<bool> = answers.iter().zip(images.labels()).map(|(answer, label)| answer == label).collect();
    let accuracy = right.iter().filter(|right| **right).count() as f64 / images.len().max(1) as f64;
    Ok(Looked { guess, accuracy, right, answers })
}

/// The classes that a network says under a preprocessing.
fn answers(network: &dyn Model, images: &Split, preprocessing: &Preprocessing, device: &Device) -> Result<Vec<u32>> {
    let mut answers = Vec::with_capacity(images.len());
    for start in (0..images.len()).step_by(BATCH) {
        let x = images.image_tensor(start..images.len().min(start + BATCH), device)?;
        let logits = network.logits(&preprocessed(&x, preprocessing)?)?.to_vec2::<f32>()?;
        answers.extend(logits.iter().map(|row| prediction(row).0));
    }
    Ok(answers)
}

/// What [`Preprocessing`] makes of images `(B, C, H, W)`.
fn preprocessed(x: &Tensor, preprocessing: &Preprocessing) -> Result<Tensor> {
    let channels = x.dim(1)?;
    let factors = preprocessing.factors(channels).map_err(Error::msg)?;
    let each = |at: usize| {
        let values: Vec<f32> = factors.iter().map(|factor| factor[at] as f32).collect();
        Tensor::from_vec(values, (1, channels, 1, 1), x.device())
    };
    let order: Vec<u32> = (0..channels).map(|own| preprocessing.channel(own, channels) as u32).collect();
    let x = x.index_select(&Tensor::new(order, x.device())?, 1)?;
    Ok(x.broadcast_mul(&each(0)?)?.broadcast_add(&each(1)?)?)
}
