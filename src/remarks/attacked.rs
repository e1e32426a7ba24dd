//! Remarks on attacked sets: attacks that could not see, attacks that fooled nothing, and figures of a handful of images.

use robust_attacks::methods;

use super::{Kind, Remark};
use crate::evaluation::{AttackedSet, MetricsRow};
use crate::words::{listed, of_images};

/// Below so many images on a side an AUROC is shown with their number.
const FEW: usize = 10;

/// What an attack on a set came to, as far as remarks ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect<'a> {
    /// Name of the set.
    pub set: String,
    /// Method id.
    pub method: &'a str,
    /// Images attacked: those not skipped.
    pub attacked: usize,
    /// Of them fooled.
    pub succeeded: usize,
    /// Images whose gradient was all zero at some step.
    pub zero_gradient: usize,
    /// Images whose gradient held a NaN at some step.
    pub nan_gradient: usize,
}

impl<'a> From<&'a AttackedSet> for Effect<'a> {
    fn from(set: &'a AttackedSet) -> Self {
        Self {
            set: set.set.to_string(),
            method: &set.method,
            attacked: set.counts.succeeded + set.counts.failed,
            succeeded: set.counts.succeeded,
            zero_gradient: set.zero_gradient,
            nan_gradient: set.nan_gradient,
        }
    }
}

impl Effect<'_> {
    /// On how many images the attack was blind, such as `39 of 40`; none if it saw, or if it fooled every image nevertheless.
    #[must_use]
    pub fn blind(&self) -> Option<String> {
        let blind = (self.zero_gradient + self.nan_gradient).min(self.attacked);
        (blind > 0 && self.succeeded < self.attacked).then(|| format!("{blind} of {}", self.attacked))
    }

    /// Whether it is an attack and fooled nothing.
    #[must_use]
    pub fn fooled_nothing(&self) -> bool {
        self.succeeded == 0 && !self.is_control()
    }

    /// Whether it is no attack but what attacks are held against: noise, a corruption.
    fn is_control(&self) -> bool {
        methods().iter().any(|method| method.id == self.method && method.is_control())
    }

    fn gradients(&self) -> String {
        let on = |what: &str, count: usize| (count > 0).then(|| format!("{what} on {count}"));
        let found = [on("zero", self.zero_gradient), on("NaN", self.nan_gradient)];
        let found = found.into_iter().flatten().collect::<Vec<_>>().join(" and ");
        format!("{} ({found} of {})", self.set, of_images(self.attacked))
    }
}

/// What the counts of the sets say against the attacks: that they were blind, or fooled nothing.
#[must_use]
pub fn of_attacks(effects: &[Effect]) -> Vec<Remark> {
    let blind = about(
        Kind::BlindAttack,
        effects,
        |effect| effect.blind().is_some(),
        |found| {
            format!(
                "attacks without a gradient to follow: {}; they could not see where to go, and their figures say nothing about robustness: \
             try a gradient-free attack such as square, or look at the scale of the network's logits",
                listed(found.iter().map(|effect| effect.gradients()))
            )
        },
    );
    let nothing = about(
        Kind::NothingFooled,
        effects,
        |effect| effect.fooled_nothing(),
        |found| {
            format!(
                "no image was fooled by {}: that a detector lets none of them pass is no merit; raise --epsilon, or choose a stronger attack",
                listed(found.iter().map(|effect| format!("{} ({} attacked)", effect.set, effect.attacked)))
            )
        },
    );
    [blind, nothing].into_iter().flatten().collect()
}

/// What is to be said of the AUROCs of sets of which fewer than ten images fooled. Controls are left out: that they fool few is what
/// they are for.
#[must_use]
pub fn few_positives(effects: &[Effect]) -> Option<Remark> {
    let few = |effect: &Effect| (1..FEW).contains(&effect.succeeded) && !effect.is_control();
    about(Kind::FewPositives, effects, few, |found| {
        format!(
            "AUROCs of fewer than {FEW} images that fool: {}; one image more or less would move them far: attack more images, or within a larger epsilon",
            listed(found.iter().map(|effect| format!("{} ({})", effect.set, effect.succeeded)))
        )
    })
}

/// One remark about all sets that are concerned; none if there are none.
fn about(
    kind: Kind,
    effects: &[Effect],
    is_concerned: impl Fn(&Effect) -> bool,
    text: impl Fn(&[&Effect]) -> String,
) -> Option<Remark> {
    let found: Vec<&Effect> = effects.iter().filter(|effect| is_concerned(effect)).collect();
    let sets = found.iter().map(|effect| effect.set.clone()).collect();
    (!found.is_empty()).then(|| Remark { kind, sets, detectors: Vec::new(), text: text(&found) })
}

/// The AUROC as text, with the number of images on a side that has fewer than ten: `0.9312 (n 3)`.
#[must_use]
pub fn auroc(metrics: &MetricsRow) -> Option<String> {
    // Without counts, which `metrics` has wherever it has an AUROC, none are few.
    let count = |count: Option<usize>| count.unwrap_or(usize::MAX);
    Some(format!("{:.4}{}", metrics.auroc?, few(count(metrics.n_positive), count(metrics.n_negative))))
}

/// The number of images where a side has fewer than ten, such as ` (n 3)`; nothing where both have more.
#[must_use]
pub fn few(positives: usize, negatives: usize) -> String {
    match (positives < FEW, negatives < FEW) {
        (false, false) => String::new(),
        (true, false) => format!(" (n {positives})"),
        (_, true) => format!(" (n {positives}, {negatives} clean)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(set: &'static str, attacked: usize, succeeded: usize, zero: usize, nan: usize) -> Effect<'static> {
        let method = set.split('@').next().unwrap();
        Effect { set: set.to_owned(), method, attacked, succeeded, zero_gradient: zero, nan_gradient: nan }
    }

    #[test]
    fn each_fault_of_an_attack_is_one_remark_about_all_its_sets() {
        let sound = [effect("bim@0.3", 40, 40, 0, 0), effect("noise@0.1", 40, 0, 0, 0), effect("blur@s3", 40, 0, 0, 0)];
        assert_eq!(of_attacks(&sound), []);
        // Gradients that vanish where every image is fooled have done no harm.
        assert_eq!(of_attacks(&[effect("bim@0.3", 40, 40, 7, 0)]), []);
        for (effects, kind, sets, words) in [
            (
                vec![effect("bim@0.2", 40, 1, 39, 0)],
                Kind::BlindAttack,
                &["bim@0.2"][..],
                "bim@0.2 (zero on 39 of 40 images)",
            ),
            (
                vec![effect("bim@0.2", 40, 1, 20, 3), sound[0].clone(), effect("pgd@0.2", 40, 2, 0, 4)],
                Kind::BlindAttack,
                &["bim@0.2", "pgd@0.2"],
                "bim@0.2 (zero on 20 and NaN on 3 of 40 images), pgd@0.2 (NaN on 4 of 40 images);",
            ),
            (
                vec![effect("fgsm@0.001", 200, 0, 0, 0), sound[1].clone(), effect("spatial@s1", 199, 0, 0, 0)],
                Kind::NothingFooled,
                &["fgsm@0.001", "spatial@s1"],
                "fgsm@0.001 (200 attacked), spatial@s1 (199 attacked)",
            ),
        ] {
            let found = of_attacks(&effects);
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!((found[0].kind, found[0].sets.join(" ")), (kind, sets.join(" ")));
            assert!(found[0].text.contains(words), "{}", found[0].text);
        }
    }

    #[test]
    fn few_positives_of_an_attack_are_told_and_every_small_number_stands_beside_its_figure() {
        for (succeeded, set, is_told) in [
            (0, "bim@0.1", false),
            (1, "bim@0.1", true),
            (9, "bim@0.1", true),
            (10, "bim@0.1", false),
            (3, "noise@0.1", false),
        ] {
            assert_eq!(few_positives(&[effect(set, 50, succeeded, 0, 0)]).is_some(), is_told, "{succeeded} of {set}");
        }
        for (positives, negatives, text) in [
            (10, 10, "0.9312"),
            (3, 10, "0.9312 (n 3)"),
            (3, 4, "0.9312 (n 3, 4 clean)"),
            (30, 4, "0.9312 (n 30, 4 clean)"),
        ] {
            let (n_positive, n_negative) = (Some(positives), Some(negatives));
            let metrics = MetricsRow { auroc: Some(0.93121), n_positive, n_negative, ..MetricsRow::default() };
            assert_eq!(auroc(&metrics).as_deref(), Some(text));
        }
    }
}
