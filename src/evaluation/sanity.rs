//! Signs that an evaluation is not to be trusted: an attack that is broken, or a gradient that is masked. After the checklist of
//! Carlini et al. 2019 (arXiv:1902.06705, section 5) and the flags of AutoAttack (Croce and Hein 2020). A check that has nothing
//! to compare is left out; what is left out passes nothing.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::attacked_set::AttackedSet;
use crate::words::{counted, of_images, percent};

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// Look at this before you believe the figures.
    Warn,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// What should hold.
    pub check: Cow<'static, str>,
    /// Whether it does.
    pub verdict: Verdict,
    /// Where it does not, or how much was compared.
    pub detail: String,
}

impl Check {
    /// Whether it asks to be looked at before the figures are believed.
    #[must_use]
    pub fn warns(&self) -> bool {
        self.verdict == Verdict::Warn
    }
}

const CONTROL: &str = "noise";
const ITERATIVE: [&str; 7] = ["bim", "pgd", "mi-fgsm", "ni-fgsm", "apgd", "apgd-dlr", "apgd-t"];
const GRADIENT: [&str; 8] = ["fgsm", "bim", "pgd", "mi-fgsm", "ni-fgsm", "apgd", "apgd-dlr", "apgd-t"];
/// What should hold of methods that are no stronger than others within the same budget: those, and the others.
const ORDER: [(&str, &[&str], &[&str]); 3] = [
    ("iterative attacks beat one step", &["fgsm"], &ITERATIVE),
    ("gradient-free attacks do not beat gradients", &["square", "spsa"], &GRADIENT),
    ("noise of the same norm does not beat attacks", &[CONTROL], &GRADIENT),
];
/// What an attack at the largest epsilon should reach on a network without a defence.
const ENOUGH: f64 = 0.95;

/// All checks on the success of attacks on the classifier.
#[must_use]
pub fn checks(sets: &[AttackedSet]) -> Vec<Check> {
    let ordered = ORDER.iter().map(|(name, weaker, stronger)| compare(name, sets, weaker, stronger));
    let [first, last] = [[more_is_worse(sets), None], [enough_is_enough(sets), zero(sets)]];
    first.into_iter().chain(ordered).chain(last).flatten().collect()
}

/// AutoAttack's flags, on two looks at the same images: a model that is random, or that gives probabilities for logits.
#[must_use]
pub fn flags(first: &[Vec<f32>], second: &[Vec<f32>]) -> Vec<Check> {
    let mass = |row: &Vec<f32>| row.iter().map(|&value| f64::from(value)).sum::<f64>();
    let is_distribution =
        |row: &Vec<f32>| row.iter().all(|value| (0.0..=1.0).contains(value)) && (mass(row) - 1.0).abs() < 1e-4;
    let is_softmax = !first.is_empty() && first.iter().all(is_distribution);
    let images = of_images(first.len());
    vec![
        check(
            "the model is not random",
            (first != second).then(|| "two looks at the same images differ".into()).into_iter(),
            &images,
        ),
        check("the model gives logits", is_softmax.then(|| "outputs are probabilities".into()).into_iter(), &images),
    ]
}

fn check(name: &'static str, found: impl Iterator<Item = String>, compared: &str) -> Check {
    let found: Vec<String> = found.collect();
    match &found[..] {
        [] => Check { check: name.into(), verdict: Verdict::Pass, detail: compared.to_owned() },
        found => Check { check: name.into(), verdict: Verdict::Warn, detail: found.join("; ") },
    }
}

/// A set with a budget, its success, and what it is compared by.
fn measured(sets: &[AttackedSet]) -> impl Iterator<Item = (&AttackedSet, f64, f64)> + Clone {
    sets.iter().filter_map(|set| Some((set, set.epsilon?, set.counts.success_rate?)))
}

/// Compares every set of `weaker` with the best of `stronger` within the same budget.
fn compare(name: &'static str, sets: &[AttackedSet], weaker: &[&str], stronger: &[&str]) -> Option<Check> {
    let pairs: Vec<_> = measured(sets)
        .filter(|(set, ..)| weaker.contains(&&*set.method))
        .filter_map(|(weak, epsilon, low)| {
            let rivals = measured(sets)
                .filter(|(set, at, _)| stronger.contains(&&*set.method) && *at == epsilon && set.norm == weak.norm);
            let (strong, _, high) = rivals.max_by(|a, b| a.2.total_cmp(&b.2))?;
            Some((weak, low, strong, high))
        })
        .collect();
    let wrong = pairs.iter().filter(|(_, low, _, high)| low > high).map(|(weak, low, strong, high)| {
        format!("{} {} above {} {}", weak.set, percent(*low), strong.set, percent(*high))
    });
    (!pairs.is_empty()).then(|| check(name, wrong, &format!("{} compared", counted(pairs.len(), ["set", "sets"]))))
}

/// A larger budget never hurts the attacker.
fn more_is_worse(sets: &[AttackedSet]) -> Option<Check> {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (small, epsilon, low) in measured(sets).filter(|(set, ..)| set.method != CONTROL) {
        let same = measured(sets).filter(|(set, at, _)| set.set.attack() == small.set.attack() && *at > epsilon);
        if let Some((large, _, high)) = same.min_by(|a, b| a.1.total_cmp(&b.1)) {
            compared += 1;
            if high < low {
                wrong.push(format!("{} {} below {} {}", large.set, percent(high), small.set, percent(low)));
            }
        }
    }
    (compared > 0).then(|| {
        check("a larger epsilon never hurts the attacker", wrong.into_iter(), &format!("{compared} pairs compared"))
    })
}

/// The strongest attack within the largest L-infinity budget fools nearly all images.
fn enough_is_enough(sets: &[AttackedSet]) -> Option<Check> {
    let linf = || {
        measured(sets)
            .filter(|(set, ..)| set.norm.as_deref() == Some("linf") && ITERATIVE.contains(&set.method.as_str()))
    };
    let largest = linf().map(|(_, epsilon, _)| epsilon).max_by(f64::total_cmp)?;
    let (best, _, rate) = linf().filter(|(_, at, _)| *at == largest).max_by(|a, b| a.2.total_cmp(&b.2))?;
    let found = format!("{} fools {}", best.set, percent(rate));
    let wrong = (rate < ENOUGH).then(|| format!("{found}, expected at least {}", percent(ENOUGH)));
    Some(check("the largest epsilon fools nearly all images", wrong.into_iter(), &found))
}

/// No image has a gradient of zero or NaN.
fn zero(sets: &[AttackedSet]) -> Option<Check> {
    let bad = sets.iter().filter(|set| set.zero_gradient + set.nan_gradient > 0);
    let wrong =
        bad.map(|set| format!("{}: zero on {}, NaN on {}", set.set, set.zero_gradient, of_images(set.nan_gradient)));
    (!sets.is_empty()).then(|| check("no gradient is zero or NaN", wrong, &counted(sets.len(), ["set", "sets"])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::AttackCounts;

    fn set(method: &str, epsilon: f64, success: f64, zero_gradient: usize) -> AttackedSet {
        AttackedSet {
            set: format!("{method}@{epsilon}").as_str().into(),
            method: method.into(),
            norm: Some("linf".into()),
            epsilon: Some(epsilon),
            counts: AttackCounts { success_rate: Some(success), ..AttackCounts::default() },
            zero_gradient,
            ..AttackedSet::default()
        }
    }

    #[test]
    fn a_sound_evaluation_passes_and_each_fault_is_named() {
        let sound = [("noise", 0.01, 0), ("fgsm", 0.6, 0), ("bim", 0.97, 0), ("square", 0.9, 0)];
        let sets = |change: Option<(usize, f64, usize)>| -> Vec<AttackedSet> {
            let mut sets: Vec<AttackedSet> =
                sound.iter().map(|&(method, rate, zero)| set(method, 0.3, rate, zero)).collect();
            sets.push(set("bim", 0.1, 0.2, 0));
            if let Some((position, rate, zero)) = change {
                sets[position] = set(&sets[position].method.clone(), sets[position].epsilon.unwrap(), rate, zero);
            }
            sets
        };
        let warnings = |sets: &[AttackedSet]| -> Vec<(String, String)> {
            let warned = checks(sets).into_iter().filter(Check::warns);
            warned.map(|check| (check.check.into_owned(), check.detail)).collect()
        };
        assert_eq!(checks(&sets(None)).len(), 6);
        assert_eq!(warnings(&sets(None)), []);
        for (change, check, detail) in [
            ((0, 0.98, 0), "noise of the same norm does not beat attacks", "noise@0.3 98.00 % above bim@0.3 97.00 %"),
            ((1, 0.99, 0), "iterative attacks beat one step", "fgsm@0.3 99.00 % above bim@0.3 97.00 %"),
            ((3, 1.0, 0), "gradient-free attacks do not beat gradients", "square@0.3 100.00 % above bim@0.3 97.00 %"),
            ((4, 0.99, 0), "a larger epsilon never hurts the attacker", "bim@0.3 97.00 % below bim@0.1 99.00 %"),
            ((1, 0.6, 7), "no gradient is zero or NaN", "fgsm@0.3: zero on 7, NaN on 0 images"),
        ] {
            assert_eq!(warnings(&sets(Some(change))), [(check.to_owned(), detail.to_owned())]);
        }
        let weak = "bim@0.3 fools 91.00 %, expected at least 95.00 %".to_owned();
        assert_eq!(
            warnings(&sets(Some((2, 0.91, 0)))),
            [("the largest epsilon fools nearly all images".to_owned(), weak)]
        );
        assert_eq!(checks(&[]), []);
    }

    #[test]
    fn random_models_and_probabilities_are_flagged() {
        let verdicts =
            |a: &[Vec<f32>], b: &[Vec<f32>]| flags(a, b).iter().map(|check| check.verdict).collect::<Vec<_>>();
        let (logits, probabilities) = (vec![vec![3.0, -1.0]], vec![vec![0.75, 0.25]]);
        assert_eq!(verdicts(&logits, &logits), [Verdict::Pass, Verdict::Pass]);
        assert_eq!(verdicts(&logits, &probabilities), [Verdict::Warn, Verdict::Pass]);
        assert_eq!(verdicts(&probabilities, &probabilities), [Verdict::Pass, Verdict::Warn]);
    }
}
