//! What numbers of a sample come down to: distances, means, quantiles, and Pearson's correlation.

/// `||a - b||²`.
pub(crate) fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum()
}

/// `||a - b||`.
pub(crate) fn distance(a: &[f32], b: &[f32]) -> f64 {
    squared_distance(a, b).sqrt()
}

/// The share of `all` for which `holds`; none of nothing.
pub(crate) fn share<T>(all: &[T], holds: impl Fn(&T) -> bool) -> Option<f64> {
    mean(all.iter().map(|one| if holds(one) { 1.0 } else { 0.0 }))
}

/// The mean of `values`; none of nothing.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.into_iter().fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

/// The `share` quantile of `values` (0 the least, 1 the greatest), linear between neighbours as numpy's default; 0 without values.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = share.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}

/// Pearson's correlation of two samples; none where one does not vary.
pub(crate) fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let (mean_a, mean_b) = (mean(a.iter().copied())?, mean(b.iter().copied())?);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        (ab, aa, bb) = (ab + a * b, aa + a * a, bb + b * b);
    }
    (aa > 0.0 && bb > 0.0).then(|| ab / (aa * bb).sqrt())
}

/// `values` less the mean of their class: what varies within classes. A correlation of two such samples says nothing of
/// what classes look like.
pub(crate) fn within_classes(values: &[f64], labels: &[u32]) -> Vec<f64> {
    let classes = labels.iter().max().map_or(0, |&label| label as usize + 1);
    let mut sums = vec![(0.0, 0.0); classes];
    for (value, &label) in values.iter().zip(labels) {
        let (sum, count) = &mut sums[label as usize];
        (*sum, *count) = (*sum + value, *count + 1.0);
    }
    let mean = |label: u32| sums[label as usize].0 / sums[label as usize].1;
    values.iter().zip(labels).map(|(value, &label)| value - mean(label)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_no_mean() {
        assert_eq!((mean([1.0, 4.0]), mean([])), (Some(2.5), None));
        assert_eq!((share(&[1, 2, 3, 4], |n| *n > 3), share(&[] as &[i32], |_| true)), (Some(0.25), None));
    }

    #[test]
    fn linear_between_neighbours() {
        // numpy.quantile([3, 1, 2, 10], q)
        for (share, expected) in [(0.0, 1.0), (0.5, 2.5), (0.25, 1.75), (0.9, 7.9), (1.0, 10.0)] {
            assert!((quantile(&[3.0, 1.0, 2.0, 10.0], share) - expected).abs() < 1e-12, "{share}");
        }
        assert_eq!((quantile(&[], 0.5), quantile(&[4.0], 0.3)), (0.0, 4.0));
    }

    #[test]
    fn a_line_correlates_fully_and_a_constant_not_at_all() {
        let a = [1.0, 2.0, 4.0];
        for (b, expected) in [([3.0, 5.0, 9.0], Some(1.0)), ([-1.0, -2.0, -4.0], Some(-1.0)), ([2.0; 3], None)] {
            let found = correlation(&a, &b);
            assert_eq!(found.is_some(), expected.is_some());
            assert!((found.unwrap_or(0.0) - expected.unwrap_or(0.0)).abs() < 1e-12);
        }
        // numpy.corrcoef([1, 2, 4], [2, 1, 3])[0, 1]
        assert!((correlation(&a, &[2.0, 1.0, 3.0]).unwrap() - 0.6546536707079772).abs() < 1e-12);
    }

    #[test]
    fn within_classes_only_what_varies_there_remains() {
        assert_eq!(within_classes(&[1.0, 10.0, 3.0, 20.0], &[0, 2, 0, 2]), [-1.0, -5.0, 1.0, 5.0]);
    }
}
