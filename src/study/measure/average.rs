//! Shares and means that know when there is nothing to average.

/// The share of `all` for which `holds`; none of nothing.
pub(crate) fn share<T>(all: &[T], holds: impl Fn(&T) -> bool) -> Option<f64> {
    mean(all.iter().map(|one| if holds(one) { 1.0 } else { 0.0 }))
}

/// The mean of `values`; none of nothing.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.into_iter().fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

#[cfg(test)]
mod tests {
    use super::{mean, share};

    #[test]
    fn nothing_has_no_mean() {
        assert_eq!((mean([1.0, 4.0]), mean([])), (Some(2.5), None));
        assert_eq!((share(&[1, 2, 3, 4], |n| *n > 3), share(&[] as &[i32], |_| true)), (Some(0.25), None));
    }
}
