//! A run in a few sentences and figures: what was done, what the attacks did, what the detector saw.

use super::detected::Detection;
use super::image_set::ImageSet;
use super::run::Run;
use super::words::percent;
use crate::evaluation::MetricsRow;
use crate::words::{counted, first_of, of_images};

/// At most three statements; a run without attacks or detectors has fewer.
pub(super) fn sentences(run: &Run) -> Vec<String> {
    [what_was_done(run), training(run), attacks(run), detection(run)].into_iter().flatten().take(3).collect()
}

/// The sets that somebody attacked.
fn attacked(run: &Run) -> impl Iterator<Item = &ImageSet> {
    run.sets.iter().filter(|set| !set.natural)
}

/// The attack that fools most images, among those within a budget if there are any; the first of several.
fn strongest(run: &Run) -> Option<&ImageSet> {
    let within = attacked(run).any(|set| set.epsilon.is_some());
    first_most(attacked(run).filter(|set| !within || set.epsilon.is_some()), |set| set.success_rate().unwrap_or(0.0))
}

/// The attack that most images pass the detector by, the first of several; blind ones are left out, since what they do not get past a
/// detector is no merit of the detector.
fn least_noticed<'a>(run: &'a Run, clean: &Detection) -> Option<(&'a ImageSet, MetricsRow, f64)> {
    let seeing = attacked(run).filter(|set| !set.scores.is_empty() && set.blind.is_none());
    let seen = seeing.filter_map(|set| {
        let metrics = set.metrics(clean)?;
        let undetected = metrics.undetected_rate?;
        Some((set, metrics, undetected))
    });
    first_most(seen, |(.., undetected)| *undetected)
}

fn first_most<T>(items: impl Iterator<Item = T>, value: impl Fn(&T) -> f64) -> Option<T> {
    items.reduce(|best, item| if value(&item) > value(&best) { item } else { best })
}

/// A figure to begin with, in plain words.
pub(super) struct Key {
    pub(super) name: &'static str,
    /// Its name in the files.
    pub(super) symbol: &'static str,
    pub(super) value: String,
    /// Of what.
    pub(super) meaning: String,
}

/// The figures of the sentences, to be seen at a glance.
pub(super) fn keys(run: &Run) -> Vec<Key> {
    let key = |name, symbol, value: Option<f64>, meaning: String| {
        Some(Key { name, symbol, value: percent(Some(value?)), meaning })
    };
    let strongest = strongest(run);
    let one = attacked(run).count() == 1;
    let under = |set: &ImageSet| {
        let meaning = if one { format!("after {}", set.name) } else { format!("{}, the strongest attack", set.name) };
        key("Right under attack", "accuracy_under_attack", Some(set.accuracy_under_attack()), meaning)
    };
    let right = |set: &ImageSet| {
        let meaning = "of all images, before any attack".to_owned();
        key("Right on clean images", "accuracy_clean", Some(set.accuracy_clean()), meaning)
    };
    let mut keys = vec![strongest.and_then(right), strongest.and_then(under)];
    if let Some(clean) = &run.detection
        && let Some((set, metrics, undetected)) = least_noticed(run, clean)
    {
        let detector = &clean.detectors[clean.chosen].id;
        let meaning = match undetected {
            0.0 => "whatever the attack".to_owned(),
            _ if one => format!("after {}, by {detector}", set.name),
            _ => format!("{}, the attack that {detector} sees least", set.name),
        };
        keys.push(key("Fooled and not flagged", "undetected_rate", Some(undetected), meaning));
        let meaning = format!("flagged by {detector}, of the clean images answered rightly");
        keys.push(key("False alarms", "fpr", metrics.fpr, meaning));
    }
    keys.into_iter().flatten().collect()
}

fn what_was_done(run: &Run) -> Option<String> {
    let sets: Vec<&ImageSet> = attacked(run).collect();
    let images = sets.first()?.index.len();
    let model = run.fact("model").unwrap_or("(its name is not in the files)");
    let data = match (run.fact("dataset"), run.fact("split")) {
        (Some(dataset), Some(split)) => format!(" of {dataset} ({split})"),
        _ => String::new(),
    };
    let how = match &sets[..] {
        [set] => format!("by {}", set.name),
        sets => format!("in {} ways", sets.len()),
    };
    Some(format!("The network {model} was attacked {how}, on {}{data}.", of_images(grouped(images))))
}

fn attacks(run: &Run) -> Option<String> {
    let strongest = strongest(run)?;
    if attacked(run).all(|set| set.positives() == 0) {
        let who = if attacked(run).count() > 1 { "any of them" } else { "it" };
        let why = blindness(run);
        let why = why.unwrap_or_else(|| "the attacks may be too weak, or their epsilon too small".into());
        return Some(format!("No image was fooled by {who}, which says little: {why}."));
    }
    let name = &strongest.name;
    let who =
        if attacked(run).count() > 1 { format!("The strongest attack, {name},") } else { format!("The attack {name}") };
    Some(format!(
        "{who} fooled it on {} of the images attacked: its accuracy fell from {} to {}{}.",
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
    let seen = || attacked(run).filter(|set| !set.scores.is_empty());
    let share = clean.threshold()?.flagged_share(&clean.scores[clean.chosen]);
    let detector =
        format!("The detector {} flags {} of the clean images", clean.detectors[clean.chosen].id, percent(share));
    let Some((set, metrics, undetected)) = least_noticed(run, clean) else {
        return seen().next().map(|_| format!("{detector}; it cannot be judged by attacks that were blind."));
    };
    if seen().all(|set| set.positives() == 0 || set.blind.is_some()) {
        return Some(format!("{detector}; it had nothing to notice, since no image was fooled."));
    }
    if undetected == 0.0 {
        return Some(format!("{detector}, and lets none of the images pass that fool the network."));
    }
    let who =
        if seen().count() > 1 { format!("The attack that it sees least, {},", set.name) } else { set.name.clone() };
    Some(format!(
        "{detector}. {who} gets {} of the images attacked past it: they fool the network and are not flagged. There, {} of all images \
         stay safe: the clean one is answered rightly and accepted, and the attacked one is answered rightly or refused.",
        percent(Some(undetected)),
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
