//! [`moments`]: what one must know of a statistic of clean images to measure it in their standard deviations.

/// Mean and standard deviation; a deviation of 0 counts as 1, so that one can divide by it.
pub(crate) fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / count;
    let variance = values.map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, if variance > 0.0 { variance.sqrt() } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::moments;

    #[test]
    fn what_never_varies_is_measured_in_its_own_units() {
        for (values, expected) in [(vec![3.0; 30], (3.0, 1.0)), (vec![1.0, 5.0], (3.0, 2.0)), (vec![2.0], (2.0, 1.0))] {
            assert_eq!(moments(values.iter().copied()), expected);
        }
    }
}
