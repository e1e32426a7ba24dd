//! Image and method in, adversarial image and all that is seen of it out.

use anyhow::{Context, Result};
use robust_attacks::{Guarded, MethodSpec, Model, Setting, Settings, Watched};
use robust_detectors::Gradient;
use serde::{Deserialize, Serialize};

use super::answer::Refusal;
use super::asker::Asker;
use super::film::Film;
use super::look::{Judgement, Look};
use super::source::{Picture, Source};
use super::studio::Studio;
use crate::evaluation::{AttackRow, AttackedSet, Images, PlannedAttack, Sighting, Target};
use crate::packed;

/// The most frames of a film.
const FRAMES: usize = 32;
/// The most that a setting may be: of confidence the command line's limit, and of steps the page's own. An epsilon is checked where the
/// attack is planned.
const MOST: f64 = 1000.0;

/// An attack as the page describes it; what is left out is the method's default.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Threat {
    /// As in `--method`.
    method: String,
    /// Size of the allowed change, for methods that have a budget.
    epsilon: Option<f64>,
    /// Margin in logits, for those that want to be sure.
    confidence: Option<f64>,
    /// Of a shift.
    severity: Option<f64>,
    /// Of an iterative attack.
    steps: Option<f64>,
    /// None is any wrong class.
    target: Option<Target>,
}

/// What to attack, and how.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttackWish {
    source: Source,
    attack: Threat,
    /// Whether to show the way there too.
    #[serde(default)]
    film: bool,
}

/// What came of an attack.
#[derive(Debug, Serialize)]
pub(super) struct Attacked {
    /// The attack, as it ran.
    pub(super) attack: AttackedSet,
    /// What it did to the image, whose label is what the network said of it before.
    pub(super) row: AttackRow,
    /// What is seen of the adversarial image.
    pub(super) look: Look,
    /// Where it was on the way, from the image itself on; empty unless asked for.
    film: Vec<Frame>,
    /// The adversarial image, exactly.
    #[serde(skip)]
    pub(super) pixels: Vec<f32>,
}

/// A place on the way of an attack.
#[derive(Debug, Serialize)]
struct Frame {
    #[serde(serialize_with = "packed::bytes")]
    image: Vec<u8>,
    prediction: u32,
    confidence: f32,
    /// Softmax of what the network said before the attack.
    remains: f32,
    /// What the detector that flags says.
    verdict: Judgement,
}

impl Studio<'_> {
    pub(super) fn attack(&self, wish: &AttackWish, asker: Asker) -> Result<Attacked, Refusal> {
        let picture = self.picture(&wish.source)?;
        self.run(&picture, &wish.attack, wish.film, asker)
    }

    /// Attacks the image away from what the network says of it, whether that is right or not: nobody knows what a drawing is. For
    /// images of the split that it gets right that is the attack of `robust attack`, to the bit.
    pub(super) fn run(
        &self,
        picture: &Picture,
        threat: &Threat,
        film: bool,
        asker: Asker,
    ) -> Result<Attacked, Refusal> {
        if let Some(Target::Class(class)) = threat.target {
            self.check_class(class)?;
        }
        let spec: MethodSpec = threat.method.parse()?;
        let settings = threat.settings()?;
        let epsilon: Vec<f64> = threat.epsilon.into_iter().collect();
        let planned = PlannedAttack::new(spec, &settings, &epsilon, self.shape(), self.chosen.id)?;
        let detector = planned.against.and_then(|id| self.screen.detector(id));
        let detector = detector.map(|detector| Gradient::new(self.network, detector));
        let guarded = detector.as_ref().map(|detector| Guarded { model: self.network, detector });
        let opponent = guarded.as_ref().map_or(self.network as &dyn Model, |guarded| guarded);
        let camera = Film::default();
        let watched = Watched::new(opponent, |question, x| {
            asker.waits()?;
            camera.note(question, x)
        });

        let x = self.tensor(&picture.pixels)?;
        let prediction = self.artist().read(&picture.pixels)?.predictions[0].0;
        let images = Images { x, labels: vec![prediction], indices: vec![picture.index.unwrap_or(0)] };
        let campaign = planned.campaign(&watched, &planned.sets, threat.target, self.run.seed);
        let attacked = campaign.run(&images)?.pop().context("the attack made no image")?;
        let pixels: Vec<f32> = attacked.x_adv.flatten_all().and_then(|x| x.to_vec1()).map_err(anyhow::Error::from)?;
        let mut places = if film { camera.develop(FRAMES) } else { Vec::new() };
        if film && places.last() != Some(&pixels) {
            places.push(pixels.clone());
        }
        Ok(Attacked {
            attack: planned.attacked(&planned.sets[0], threat.target, &[&attacked.outcome]),
            row: attacked.outcome.rows[0].clone(),
            look: self.look(&pixels)?,
            film: self.frames(&places.concat(), prediction)?,
            pixels,
        })
    }

    /// What is seen of the images `(N, P)` on the way.
    fn frames(&self, places: &[f32], before: u32) -> Result<Vec<Frame>> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let sightings = self.screen.look_at(&self.tensor(places)?)?;
        let distributions = self.artist().read(places)?.distributions;
        let rows = distributions.chunks(self.class_names.len()).zip(places.chunks(self.shape().pixels()));
        let frame = |(sighting, (probabilities, place)): (&Sighting, (&[f32], &[f32]))| Frame {
            image: packed::levels(place),
            prediction: sighting.prediction,
            confidence: sighting.confidence,
            remains: probabilities[before as usize],
            verdict: self.judgement(self.chosen, sighting),
        };
        Ok(sightings.iter().zip(rows).map(frame).collect())
    }
}

impl Threat {
    fn settings(&self) -> Result<Settings, Refusal> {
        for (name, value) in [("confidence", self.confidence), ("steps", self.steps)] {
            if let Some(value) = value.filter(|&value| value > MOST) {
                return Err(Refusal::Question(format!("{name} is {value}, expected at most {MOST}")));
            }
        }
        let given =
            [(Setting::Confidence, self.confidence), (Setting::Severity, self.severity), (Setting::Steps, self.steps)];
        let given = given.into_iter().filter_map(|(setting, value)| Some((setting, value?)));
        Ok(given.fold(Settings::new(), |all, (setting, value)| all.with(setting, value)))
    }
}
