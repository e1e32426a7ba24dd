//! Faults planted into the digits and into their network.

use std::fs;
use std::path::Path;

use robust::checkpoint::Checkpoint;
use robust_data::pretrained::pretrained;
use robust_data::{Dataset, PIXELS, Split, SplitName};

/// The digits' network.
pub(crate) fn network() -> Checkpoint {
    Checkpoint::from_bytes("mnist", pretrained("mnist").unwrap()).unwrap()
}

/// The weights and biases of the classifier of a network.
fn change_classifier(checkpoint: &mut Checkpoint, change: impl Fn(&str, usize, &mut f32)) {
    for spec in checkpoint.parameters.layout().tensors().to_vec() {
        if let Some(kind) = spec.name.strip_prefix("encoder.classifier.") {
            let values = &mut checkpoint.parameters.values_mut()[spec.offset..][..spec.len()];
            values.iter_mut().enumerate().for_each(|(place, value)| change(kind, place, value));
        }
    }
}

/// Predicts what the digits' network does, with a softmax that leaves no gradient.
pub(crate) fn blind() -> Checkpoint {
    let mut checkpoint = network();
    change_classifier(&mut checkpoint, |_, _, value| *value *= 100.0);
    checkpoint
}

/// Predicts 1 whatever it sees.
pub(crate) fn constant() -> Checkpoint {
    let mut checkpoint = network();
    change_classifier(&mut checkpoint, |kind, place, value| {
        *value = if kind == "bias" && place == 1 { 1.0 } else { 0.0 };
    });
    checkpoint
}

/// Flags some `share` of clean images at a threshold that is for 5 %: the validation scores of all detectors are moved to that end.
pub(crate) fn flagging(share: f64) -> Checkpoint {
    let mut checkpoint = network();
    checkpoint.calibration.scores.values_mut().for_each(|scores| *scores = moved(scores, share));
    checkpoint
}

/// Scores of which the least that 5 % lie above is what a `share` of the ascending `scores` lies above; with 0 it is above them all.
pub(crate) fn moved(scores: &[f32], share: f64) -> Vec<f32> {
    let above = |share: f64| scores[scores.len() - 1 - (share * (scores.len() - 1) as f64) as usize];
    let span = above(0.0) - above(1.0);
    let by = if share > 0.0 { above(share) - above(0.05) } else { span };
    scores.iter().map(|score| score + by).collect()
}

/// The MNIST test digits.
pub(crate) fn digits() -> Split {
    Dataset::open("mnist", None).unwrap().split(SplitName::Test).unwrap()
}

/// The first pixel becomes the last of its row and so on: images lie on their side.
pub(crate) fn transposed(pixels: &[u8]) -> Vec<u8> {
    let image = |image: &[u8]| (0..PIXELS).map(|at| image[at % 28 * 28 + at / 28]).collect::<Vec<_>>();
    pixels.chunks(PIXELS).flat_map(image).collect()
}

/// White becomes black.
pub(crate) fn inverted(pixels: &[u8]) -> Vec<u8> {
    pixels.iter().map(|pixel| 255 - pixel).collect()
}

/// Labels that begin with 1 where 0 is meant.
pub(crate) fn shifted(labels: &[u32]) -> Vec<u32> {
    labels.iter().map(|label| (label + 1) % 10).collect()
}

/// Writes test images in MNIST's names.
pub(crate) fn write_test_images(folder: &Path, pixels: &[u8], labels: &[u32]) {
    let header = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
    let count = labels.len() as u32;
    fs::create_dir_all(folder).unwrap();
    let write = |kind: &str, head: &[u32], body: &[u8]| {
        fs::write(folder.join(format!("t10k-{kind}-ubyte")), [&header(head), body].concat()).unwrap();
    };
    write("images-idx3", &[0x0803, count, 28, 28], pixels);
    write("labels-idx1", &[0x0801, count], &labels.iter().map(|&label| label as u8).collect::<Vec<_>>());
}
