//! [`ScoredSet`]: a set of `detect.csv`, and what the sets of one must have in common, so that every figure compares like with like.

use robust_detectors::{Reason, Status};

/// The scores of all detectors on a set of images.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ScoredSet {
    pub(super) name: String,
    pub(super) index: Vec<u32>,
    /// Empty where images have no label.
    pub(super) label: Vec<u32>,
    pub(super) prediction: Vec<u32>,
    /// None for images that nobody attacked.
    pub(super) status: Vec<Option<Status>>,
    /// Why the detector that flags does; none of an image that it accepts, or of a file of an older version.
    pub(super) reasons: Vec<Option<Reason>>,
    /// A column per detector.
    pub(super) scores: Vec<Vec<f32>>,
}

impl ScoredSet {
    /// Whether these are images as they are: nobody attacked them.
    pub(super) fn is_natural(&self) -> bool {
        self.status.iter().all(Option::is_none)
    }

    /// What decides whether two sets hold versions of the same images.
    pub(super) fn identity(&self) -> (&[u32], &[u32]) {
        (&self.index, &self.label)
    }
}

/// What was found that does not go together, and what was expected; none if all does.
pub(super) fn incoherence(sets: &[ScoredSet]) -> Option<(String, &'static str)> {
    let first = sets.first()?;
    sets.iter().enumerate().find_map(|(position, set)| {
        let ScoredSet { name, index, label, status, .. } = set;
        let attacked = status.iter().flatten().count();
        if sets[..position].iter().any(|other| other.name == *name) {
            Some((format!("rows of set {name} in two places"), "the rows of a set one below the other"))
        } else if set.index != first.index {
            Some((format!("other images in set {name} than in {}", first.name), "the same in every set"))
        } else if ![0, index.len()].contains(&label.len()) || (position == 0 && label.is_empty() && sets.len() > 1) {
            Some((
                format!("{} labels for {} images of set {name}", label.len(), index.len()),
                "one each, or none for a blend",
            ))
        } else if ![0, index.len()].contains(&attacked) || (attacked > 0 && label.is_empty()) {
            Some((format!("{attacked} of {} images of set {name} with status and label", index.len()), "all or none"))
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, index: &[u32], labels: usize, attacked: usize) -> ScoredSet {
        let status = (0..index.len()).map(|i| (i < attacked).then_some(Status::Failed)).collect();
        ScoredSet { name: name.into(), index: index.into(), label: vec![0; labels], status, ..ScoredSet::default() }
    }

    #[test]
    fn what_does_not_go_together_is_named() {
        let clean = || set("clean", &[3, 4], 2, 0);
        for (others, found) in [
            (vec![set("bim@0.3", &[3, 4], 2, 2), set("ambiguous", &[3, 4], 0, 0)], None),
            (vec![set("bim@0.3", &[3], 1, 1)], Some("other images in set bim@0.3")),
            (vec![set("ambiguous", &[3, 4, 5], 0, 0)], Some("other images in set ambiguous")),
            (vec![set("bim@0.3", &[3, 4], 2, 2), clean()], Some("rows of set clean in two places")),
            (vec![set("bim@0.3", &[3, 4], 1, 2)], Some("1 labels for 2 images of set bim@0.3")),
            (vec![set("bim@0.3", &[3, 4], 2, 1)], Some("1 of 2 images of set bim@0.3")),
            (vec![set("bim@0.3", &[3, 4], 0, 2)], Some("2 of 2 images of set bim@0.3")),
        ] {
            let sets: Vec<ScoredSet> = [clean()].into_iter().chain(others).collect();
            let told = incoherence(&sets).map(|(found, _)| found);
            assert_eq!(told.is_some(), found.is_some(), "{told:?}");
            assert!(told.unwrap_or_default().starts_with(found.unwrap_or_default()));
        }
    }
}
