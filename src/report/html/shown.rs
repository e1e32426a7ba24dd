//! Which images of a set are shown: some of every way that an attack can end, as many as a page has room for.

use robust_data::ImageShape;
use robust_detectors::Status;

use super::attacked::AttackedRow;

/// Images of a set that are shown at most: with 4 pictures of 784 bytes each, 12 sets of them take some 5 MB of the page.
const SHOWN: usize = 96;
/// Levels in a column of pictures, twice those of 96 digits: 12 sets of larger images take some 10 MB.
const LEVELS: usize = 2 * SHOWN * 784;
/// Images that are shown however large they are: one for each way that an attack can end.
const FEWEST: usize = 4;

/// How many images of that shape are shown of a set.
pub(super) fn fitting(shape: ImageShape) -> usize {
    (LEVELS / shape.values()).clamp(FEWEST, SHOWN)
}

/// The images of a set to show; `flagged` tells of each whether the detector flags it.
///
/// At most [`SHOWN`] positions, ascending: of every way that an attack can end (fooled and accepted, fooled and flagged,
/// not fooled, skipped) as many as of any other, while there are; within each, spread evenly over the set.
pub(super) fn choose(rows: &[AttackedRow], flagged: &[bool]) -> Vec<usize> {
    choose_at_most(rows, flagged, SHOWN)
}

/// The same, of at most so many positions.
pub(super) fn choose_at_most(rows: &[AttackedRow], flagged: &[bool], most: usize) -> Vec<usize> {
    let mut groups: [Vec<usize>; 4] = Default::default();
    for (i, row) in rows.iter().enumerate() {
        let group = match row.status {
            Status::Succeeded if flagged.get(i) == Some(&true) => 1,
            Status::Succeeded => 0,
            Status::Failed => 2,
            Status::Skipped => 3,
        };
        groups[group].push(i);
    }
    groups.sort_by_key(Vec::len);
    let mut chosen = Vec::new();
    for (position, group) in groups.iter().enumerate() {
        // What a small group leaves over goes to the larger ones after it.
        let share = ((most - chosen.len()) / (4 - position)).min(group.len());
        chosen.extend((0..share).map(|i| group[i * group.len() / share]));
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_end_is_shown_and_nothing_twice() {
        let row = |status| AttackedRow { status, ..AttackedRow::default() };
        let count = |counts: [usize; 4]| {
            let [accepted, flagged, failed, skipped] = counts;
            let mut rows = vec![row(Status::Succeeded); accepted + flagged];
            rows.extend(vec![row(Status::Failed); failed]);
            rows.extend(vec![row(Status::Skipped); skipped]);
            let flags: Vec<bool> = (0..rows.len()).map(|i| i >= accepted && i < accepted + flagged).collect();
            let chosen = choose(&rows, &flags);
            assert!(chosen.is_sorted_by(|a, b| a < b), "{chosen:?}");
            let bounds = [0, accepted, accepted + flagged, accepted + flagged + failed, rows.len()];
            [0, 1, 2, 3].map(|g| chosen.iter().filter(|&&i| i >= bounds[g] && i < bounds[g + 1]).count())
        };
        for (there, shown) in [
            ([0, 0, 0, 0], [0, 0, 0, 0]),
            ([3, 2, 1, 0], [3, 2, 1, 0]),
            ([1000, 1000, 1000, 1000], [24, 24, 24, 24]),
            ([5, 9000, 900, 60], [5, 31, 30, 30]),
            ([0, 9900, 0, 100], [0, 48, 0, 48]),
        ] {
            assert_eq!(count(there), shown, "of {there:?}");
        }
    }
}
