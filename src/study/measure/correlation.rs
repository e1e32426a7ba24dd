//! Pearson's correlation, over all images or within their classes.

/// Pearson's correlation of two samples; none where one does not vary.
pub(crate) fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
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
