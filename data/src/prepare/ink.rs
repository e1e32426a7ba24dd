//! How much ink lies on each pixel of a grey picture: from 0, paper, to 1, full ink.
//!
//! Levels are parted in two where the threshold is the mean of the two means (Ridler and Calvard 1978). Paper is the class that the picture and
//! its border mostly belong to. Its brightness is a plane, which light from one side leaves, fitted to the paper alone; it is taken away.

/// Of full ink less than this is a shade of the paper.
const FAINT: f32 = 0.1;
/// Full ink is at least so far from the paper.
const LEAST_CONTRAST: f32 = 0.1;

/// The ink of a picture of `[height, width]`; 0 everywhere if nothing is written on it.
pub(super) fn ink(grey: &[f32], size: [usize; 2]) -> Vec<f32> {
    let nothing = || vec![0.0; grey.len()];
    let all = Plane::through(grey, size[1], |_| true);
    let flat: Vec<f32> = all.left_of(grey, size[1]);
    let partings = [grey, &flat].map(|levels| Parting::of(levels).map(|parting| (parting, levels)));
    let parting = partings.into_iter().flatten().max_by(|(a, _), (b, _)| a.explained.total_cmp(&b.explained));
    let Some((Parting { threshold, .. }, levels)) = parting else { return nothing() };
    let is_bright = is_paper_bright(levels, size, threshold);
    let paper = Plane::through(grey, size[1], |at| (levels[at] > threshold) == is_bright);
    let signed = |paper: &Plane| -> Vec<f32> {
        let sign = if is_bright { -1.0 } else { 1.0 };
        paper.left_of(grey, size[1]).into_iter().map(|level| sign * level).collect()
    };
    // Once more without the edges of strokes, which are neither.
    let first = signed(&paper);
    let Some(Parting { threshold, .. }) = Parting::of(&first) else { return nothing() };
    let paper = Plane::through(grey, size[1], |at| first[at].abs() <= threshold / 4.0);
    let mut ink = signed(&paper);
    let Some(full) = Parting::of(&ink).and_then(|parting| full_ink(&ink, parting.threshold)) else { return nothing() };
    if full < LEAST_CONTRAST {
        return nothing();
    }
    for level in &mut ink {
        *level = if *level < FAINT * full { 0.0 } else { (*level / full).min(1.0) };
    }
    ink
}

/// Makes ink that became pale when it shrank full again.
pub(super) fn stretch(ink: &mut [f32]) {
    let most = ink.iter().copied().fold(0.0, f32::max);
    if let Some(full) = full_ink(ink, most / 2.0) {
        ink.iter_mut().for_each(|level| *level = (*level / full).min(1.0));
    }
}

/// The level of full ink: that which a quarter of the levels above a threshold reach.
fn full_ink(levels: &[f32], threshold: f32) -> Option<f32> {
    let mut above: Vec<f32> = levels.iter().copied().filter(|&level| level > threshold).collect();
    let quarter = above.len() * 3 / 4;
    (!above.is_empty()).then(|| *above.select_nth_unstable_by(quarter, f32::total_cmp).1)
}

/// Whether the bright class is paper: both the picture and its border, a twentieth of its shorter side wide, have a say.
fn is_paper_bright(levels: &[f32], [height, width]: [usize; 2], threshold: f32) -> bool {
    let strip = (height.min(width) / 20).max(1);
    let is_border = |at: &usize| {
        let (row, column) = (at / width, at % width);
        row.min(height - 1 - row) < strip || column.min(width - 1 - column) < strip
    };
    let share = |places: &mut dyn Iterator<Item = usize>| {
        let (bright, all) =
            places.fold((0, 0), |(bright, all), at| (bright + u32::from(levels[at] > threshold), all + 1));
        f64::from(bright) / f64::from(all)
    };
    share(&mut (0..levels.len())) + share(&mut (0..levels.len()).filter(is_border)) > 1.0
}

/// Levels in two classes.
struct Parting {
    /// Levels above it are of the upper class.
    threshold: f32,
    /// The share of the variance that lies between the classes.
    explained: f64,
}

impl Parting {
    /// Of levels that are not all the same.
    fn of(levels: &[f32]) -> Option<Self> {
        let (least, most) =
            levels.iter().fold((f32::MAX, f32::MIN), |(least, most), &level| (least.min(level), most.max(level)));
        let mut threshold = (least + most) / 2.0;
        // It settles after a handful; the bound is against one that goes back and forth by a rounding.
        for _ in 0..100 {
            let [below, above] = [false, true].map(|is_above| mean(levels, |&level| (level > threshold) == is_above));
            let (below, above) = (below?, above?);
            let next = ((below + above) / 2.0) as f32;
            if next == threshold {
                let share = levels.iter().filter(|&&level| level > threshold).count() as f64 / levels.len() as f64;
                let all = share * above + (1.0 - share) * below;
                let variance =
                    levels.iter().map(|&level| (f64::from(level) - all).powi(2)).sum::<f64>() / levels.len() as f64;
                let explained = share * (1.0 - share) * (above - below).powi(2) / variance;
                return Some(Self { threshold, explained });
            }
            threshold = next;
        }
        None
    }
}

fn mean(levels: &[f32], is_counted: impl Fn(&f32) -> bool) -> Option<f64> {
    let (sum, count) = levels
        .iter()
        .filter(|level| is_counted(level))
        .fold((0.0, 0.0), |(sum, count), &level| (sum + f64::from(level), count + 1.0));
    (count > 0.0).then(|| sum / count)
}

/// A brightness that changes evenly across a picture.
struct Plane {
    /// Where it is fitted: mean row and column, and the brightness there.
    centre: [f64; 3],
    /// By how much it grows with each row and each column.
    slope: [f64; 2],
}

impl Plane {
    /// The one with the least squares through the levels at the places that count; flat if these lie on a line.
    fn through(levels: &[f32], width: usize, is_counted: impl Fn(usize) -> bool) -> Self {
        let places = || {
            (0..levels.len())
                .filter(|&at| is_counted(at))
                .map(|at| [(at / width) as f64, (at % width) as f64, levels[at].into()])
        };
        let count = places().count().max(1) as f64;
        let centre =
            places().fold([0.0; 3], |sum, place| [0, 1, 2].map(|axis| sum[axis] + place[axis])).map(|sum| sum / count);
        let mut products = [[0.0; 3]; 2];
        for place in places() {
            let from = [0, 1, 2].map(|axis| place[axis] - centre[axis]);
            (0..2).for_each(|i| (0..3).for_each(|j| products[i][j] += from[i] * from[j]));
        }
        let [[rr, rc, rz], [_, cc, cz]] = products;
        let determinant = rr * cc - rc * rc;
        let slope = if determinant > 1e-9 * rr * cc {
            [(rz * cc - cz * rc) / determinant, (cz * rr - rz * rc) / determinant]
        } else {
            [0.0; 2]
        };
        Self { centre, slope }
    }

    /// What of the levels lies above it.
    fn left_of(&self, levels: &[f32], width: usize) -> Vec<f32> {
        let [row, column, level] = self.centre;
        let at = |at: usize| {
            level + self.slope[0] * ((at / width) as f64 - row) + self.slope[1] * ((at % width) as f64 - column)
        };
        levels.iter().enumerate().map(|(place, &level)| (f64::from(level) - at(place)) as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thin cross on paper.
    fn written(at: usize) -> bool {
        let (row, column) = (at / 60, at % 60);
        (row == 20 && (10..40).contains(&column)) || (column == 25 && (10..45).contains(&row))
    }

    #[test]
    fn uneven_paper_is_taken_away_whatever_is_brighter() {
        for (paper, pen) in [(0.5, -0.4), (0.9, -0.3), (0.1, 0.5)] {
            // The light changes by more than there is between paper and ink.
            let slope = if paper < 0.6 { 0.006 } else { -0.006 };
            let level = |at| paper + slope * (at % 60) as f32 + if written(at) { pen } else { 0.0 };
            let grey: Vec<f32> = (0..50 * 60).map(level).collect();
            let found = ink(&grey, [50, 60]);
            let is_right = |at: usize| (found[at] - f32::from(u8::from(written(at)))).abs() < 1e-3;
            assert!((0..found.len()).all(is_right), "{paper} {pen}");
        }
    }

    #[test]
    fn levels_are_parted_halfway_between_the_means() {
        let Parting { threshold, explained } = Parting::of(&[0.0, 0.0, 0.0, 1.0]).unwrap();
        assert_eq!((threshold, explained), (0.5, 1.0));
        assert!(Parting::of(&[0.25; 9]).is_none());
        // The classes are {0, 1} and {8, 9}: of a variance of 16.25 a quarter is theirs.
        let Parting { threshold, explained } = Parting::of(&[0.0, 1.0, 8.0, 9.0]).unwrap();
        assert!((threshold, (explained - 16.0 / 16.25).abs() < 1e-12) == (4.5, true));
    }

    #[test]
    fn a_plane_is_found_and_points_on_a_line_have_none() {
        let levels: Vec<f32> = (0..12).map(|at| 0.5 + 0.25 * (at / 4) as f32 - 0.125 * (at % 4) as f32).collect();
        let left = |is_counted: fn(usize) -> bool| Plane::through(&levels, 4, is_counted).left_of(&levels, 4);
        assert!(left(|at| at != 5).iter().all(|level| level.abs() < 1e-6));
        assert_eq!(Plane::through(&levels, 4, |at| at < 4).slope, [0.0; 2]);
    }
}
