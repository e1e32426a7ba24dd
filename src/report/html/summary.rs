//! A run in three sentences: what was done, what the attacks did, what the detector saw.

use super::image_set::ImageSet;
use super::run::Run;
use super::words::percent;
use crate::evaluation::MetricsRow;
use crate::words::{counted, first_of, of_images};

/// At most three sentences; a run without attacks or detectors has fewer.
pub(super) fn sentences(run: &Run) -> Vec<String> {
    [what_was_done(run), training(run), attacks(run), detection(run)].into_iter().flatten().take(3).collect()
}

/// The sets that somebody attacked.
fn attacked(run: &Run) -> impl Iterator<Item = &ImageSet> {
    run.sets.iter().filter(|set| !set.natural)
}

fn what_was_done(run: &Run) -> Option<String> {
    let sets: Vec<&ImageSet> = attacked(run).collect();
    let images = sets.first()?.index.len();
    let model = run.fact("model").unwrap_or("a network");
    let data = match (run.fact("dataset"), run.fact("split")) {
        (Some(dataset), Some(split)) => format!(" of {dataset} ({split})"),
        _ => String::new(),
    };
    let sets = match &sets[..] {
        [set] => format!("one attack, {}", set.name),
        sets => format!("{} sets of attacks", sets.len()),
    };
    Some(format!("The network {model} faced {sets}, on {}{data}.", of_images(grouped(images))))
}

fn attacks(run: &Run) -> Option<String> {
    let strongest =
        attacked(run).max_by(|a, b| a.success_rate().unwrap_or(0.0).total_cmp(&b.success_rate().unwrap_or(0.0)))?;
    if strongest.positives() == 0 {
        let who = if attacked(run).count() > 1 { "any of them" } else { "it" };
        let why = blindness(run);
        let why = why.unwrap_or_else(|| "the attacks may be too weak, or their epsilon too small".into());
        return Some(format!("No image was fooled by {who}, which says little: {why}."));
    }
    let strength = if attacked(run).count() > 1 { "The strongest attack, " } else { "" };
    Some(format!(
        "{strength}{} fooled it on {} of the images attacked: accuracy fell from {} to {}{}.",
        strongest.name,
        percent(strongest.success_rate()),
        percent(Some(strongest.accuracy_clean())),
        percent(Some(strongest.accuracy_under_attack())),
        blindness(run).map_or(String::new(), |blind| format!("; but {blind}")),
    ))
}

/// Which attacks were blind, and what that means.
fn blindness(run: &Run) -> Option<String> {
    let blind: Vec<String> =
        attacked(run).filter_map(|set| Some(format!("{} (on {})", set.name, of_images(set.blind.as_ref()?)))).collect();
    let which = || format!("{} had no gradient to follow, which says nothing about robustness", first_of(&blind, 3));
    (!blind.is_empty()).then(which)
}

fn detection(run: &Run) -> Option<String> {
    let clean = run.detection.as_ref()?;
    let seen: Vec<&ImageSet> = attacked(run).filter(|set| !set.scores.is_empty()).collect();
    // What a blind attack does not get past a detector is no merit of the detector.
    let judging = seen.iter().filter(|set| set.blind.is_none());
    let flagged: Vec<(&ImageSet, MetricsRow)> = judging.filter_map(|&set| Some((set, set.metrics(clean)?))).collect();
    let worst = flagged
        .iter()
        .filter_map(|(set, metrics)| Some((set, metrics, metrics.undetected_rate?)))
        .max_by(|(.., a), (.., b)| a.total_cmp(b));
    let share = clean.threshold()?.flagged_share(&clean.scores[clean.chosen]);
    let detector = format!(
        "The detector {}, which also flags {} of the clean images,",
        clean.detectors[clean.chosen].id,
        percent(share)
    );
    let Some((set, metrics, undetected)) = worst else {
        return (!seen.is_empty()).then(|| format!("{detector} cannot be judged by attacks that were blind."));
    };
    if flagged.iter().all(|(set, _)| set.positives() == 0) {
        return Some(format!("{detector} had nothing to notice, since no image was fooled."));
    }
    if undetected == 0.0 {
        return Some(format!("{detector} lets none of the images attacked pass as adversarial and unnoticed."));
    }
    let most = if flagged.len() > 1 { "at most " } else { "" };
    Some(format!(
        "{detector} lets {most}{} of the images attacked pass as adversarial and unnoticed ({}); there, {} of all images \
         are still answered rightly or refused.",
        percent(Some(undetected)),
        set.name,
        percent(metrics.robust_accuracy),
    ))
}

fn training(run: &Run) -> Option<String> {
    let training = run.training.as_ref()?;
    let epochs = counted(training.columns.first()?.len(), ["epoch", "epochs"]);
    let accuracy = percent(training.last("validation_accuracy"));
    Some(format!("The training ran for {epochs} and ended at a validation accuracy of {accuracy}."))
}

/// A number with its thousands apart.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (10_000, "10,000"), (1_234_567, "1,234,567")] {
            assert_eq!(super::grouped(number), text);
        }
    }
}
