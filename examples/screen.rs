//! Screening in a program of one's own: detectors in front of a network, thresholds from clean images, a verdict for each image.
//!
//! `cargo run --release --example screen`

use anyhow::{Context, Result};
use candle_core::{Device, Tensor};
use robust::attacks::{AttackExt, Budget, Goal, GradientDescent, Norm, Randomness, Task};
use robust::checkpoint::Checkpoint;
use robust::data::{Dataset, SplitName, pretrained::pretrained};
use robust::detectors::{Threshold, detector};
use robust::evaluation::{Screen, Sighting};
use robust::networks::StyleMemory;

/// The share of clean images that may be flagged.
const FALSE_ALARMS: f64 = 0.01;
const IMAGES: usize = 64;

fn main() -> Result<()> {
    let bytes = pretrained("mnist").context("the network is not embedded")?;
    let Checkpoint { parameters, calibration, .. } = Checkpoint::from_bytes("mnist", bytes)?;
    let network = StyleMemory::new(&parameters, &Device::Cpu)?;

    // What a detector learned, and how it scores clean validation images, lies in the checkpoint; `robust train` puts it there.
    let detectors = [detector("combined")?, detector("msp")?];
    let screen = Screen::new(&network, &detectors, &calibration.fits)?;
    let threshold = |id: &str| -> Result<Threshold> {
        let scores = calibration.scores.get(id).with_context(|| format!("{id} is not calibrated"))?;
        Ok(Threshold::at_fpr(scores, FALSE_ALARMS)?)
    };
    let thresholds = [threshold("combined")?, threshold("msp")?];

    let test = Dataset::open("mnist", None)?.split(SplitName::Test)?;
    let clean = test.image_tensor(0..IMAGES, &Device::Cpu)?;
    let goal = Goal::Untargeted { labels: test.labels()[..IMAGES].to_vec() };
    let randomness = Randomness { seed: 0, indices: (0..IMAGES as u64).collect() };
    let task = Task { model: &network, x0: &clean, goal: &goal, randomness: &randomness };
    let attacked = GradientDescent::bim(20, 0.02).run(&task, &Budget::new(Norm::Linf, 0.2)?)?.images;

    let flagged = |x: &Tensor| -> Result<usize> {
        let is_flagged = |seen: &Sighting| {
            seen.verdicts.iter().zip(thresholds).any(|(verdict, threshold)| threshold.flags(verdict.score))
        };
        Ok(screen.look_at(x)?.iter().filter(|seen| is_flagged(seen)).count())
    };
    let (before, after) = (flagged(&clean)?, flagged(&attacked)?);
    println!("flagged of {IMAGES} images: {before} as they are, {after} after BIM");
    assert!(before < IMAGES / 4 && after > before);

    // The first image in full.
    let seen = screen.look_at(&clean.narrow(0, 0, 1)?)?;
    for (info, verdict) in detectors.iter().zip(&seen[0].verdicts) {
        println!("{}: score {:.3} for a {}", info.id, verdict.score, seen[0].prediction);
    }
    Ok(())
}

#[test]
fn attacked_images_are_flagged_more_often_than_clean_ones() -> Result<()> {
    main()
}
