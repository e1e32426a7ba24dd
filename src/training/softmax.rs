//! Softmax and cross-entropy of one row of logits, on the host.

/// Turns logits into their softmax; the cross-entropy of class `truth`.
pub(super) fn softmax_in_place(row: &mut [f32], truth: usize) -> f64 {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let logit = row[truth];
    let sum: f32 = row.iter().map(|logit| (logit - largest).exp()).sum();
    row.iter_mut().for_each(|logit| *logit = (*logit - largest).exp() / sum);
    f64::from(sum.ln()) + f64::from(largest - logit)
}

/// One class has all.
pub(super) fn one_hot(class: usize, classes: usize) -> impl Iterator<Item = f32> {
    (0..classes).map(move |other| if other == class { 1.0 } else { 0.0 })
}
