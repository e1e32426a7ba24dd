//! Which images of a set are shown: those first that fool the network and pass the detector, then some of every other way that an attack
//! can end, as many as a page has room for.

use robust_data::ImageShape;
use robust_detectors::Status;

use super::attacked::AttackedRow;

/// Images of a set that are shown at most.
const SHOWN: usize = 96;
/// Levels in a column of pictures of a set, twice those of 96 digits.
const LEVELS: usize = 2 * SHOWN * 784;
/// Levels in a column of pictures of all sets together: four such columns take some 6 MB of the page.
const LEVELS_IN_ALL: usize = 1_100_000;
/// Images that are shown however large they are: one for each way that an attack can end.
const FEWEST: usize = 4;
/// Of more sets than these a single image is shown however large it is.
const FEW_SETS: usize = 12;

/// How many images of that shape are shown of each of so many sets.
pub(super) fn fitting(shape: ImageShape, sets: usize) -> usize {
    let levels = LEVELS.min(LEVELS_IN_ALL / sets.max(1));
    let fewest = if sets > FEW_SETS { 1 } else { FEWEST };
    (levels / shape.values()).clamp(fewest, SHOWN)
}

/// The images of a set to show; `flagged` tells of each whether the detector flags it.
///
/// At most [`SHOWN`] positions, ascending: up to half of them fooled and accepted; of every other way that an attack can end (fooled and
/// flagged, not fooled, skipped) as many as of any other, while there are; within each, spread evenly over the set.
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
    let others: usize = groups[1..].iter().map(Vec::len).sum();
    // What the others do not need is left to those that passed.
    let missed = groups[0].len().min((most.div_ceil(2)).max(most.saturating_sub(others)));
    groups[1..].sort_by_key(Vec::len);
    let mut chosen = spread(&groups[0], missed);
    for (position, group) in groups[1..].iter().enumerate() {
        // What a small group leaves over goes to the larger ones after it.
        let share = ((most - chosen.len()) / (3 - position)).min(group.len());
        chosen.extend(spread(group, share));
    }
    chosen.sort_unstable();
    chosen
}

/// So many of a group, from all over it.
fn spread(group: &[usize], share: usize) -> Vec<usize> {
    (0..share).map(|i| group[i * group.len() / share]).collect()
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
            ([1000, 1000, 1000, 1000], [48, 16, 16, 16]),
            ([90, 10, 0, 0], [86, 10, 0, 0]),
            ([5, 9000, 900, 60], [5, 31, 30, 30]),
            ([0, 9900, 0, 100], [0, 48, 0, 48]),
        ] {
            assert_eq!(count(there), shown, "of {there:?}");
        }
    }

    #[test]
    fn many_sets_share_the_page() {
        let [digits, colours] = [ImageShape::GREY, ImageShape { channels: 3, height: 224, width: 224 }];
        for (shape, sets, shown) in
            [(digits, 1, 96), (digits, 12, 96), (digits, 49, 28), (colours, 1, 4), (colours, 49, 1)]
        {
            assert_eq!(fitting(shape, sets), shown, "{sets} sets of {shape}");
        }
    }
}
