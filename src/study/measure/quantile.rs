//! Quantiles of a sample.

/// The `share` quantile of `values` (0 the least, 1 the greatest), linear between neighbours as numpy's default; 0 without values.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = share.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn linear_between_neighbours() {
        // numpy.quantile([3, 1, 2, 10], q)
        for (share, expected) in [(0.0, 1.0), (0.5, 2.5), (0.25, 1.75), (0.9, 7.9), (1.0, 10.0)] {
            assert!((quantile(&[3.0, 1.0, 2.0, 10.0], share) - expected).abs() < 1e-12, "{share}");
        }
        assert_eq!((quantile(&[], 0.5), quantile(&[4.0], 0.3)), (0.0, 4.0));
    }
}
