//! How far a second opinion on the label counts, from what it says of clean images.
//!
//! A second opinion is what an image is classified as after something was done to it, or the label that draws it best. One that names another label than the
//! classifier for many clean images says little by naming another label for an image under suspicion. It counts for the square of its Cohen's kappa
//! with the predictions (Cohen 1960): `kappa = (o - e) / (1 - e)`, where `o` is the share of clean images on which both agree and `e` the share on which they
//! would by chance, `sum over k of p_k q_k`, with `p_k` and `q_k` the shares of images that each gives the label `k`. The square was chosen on validation
//! images of four networks (`docs/detector-choices.md`). Ours.

use crate::{Error, Fit};

/// No opinion counts for less, so that a score made of opinions never stands still.
const LEAST: f64 = 0.01;

/// From pairs of a prediction and the second opinion, each a label below `classes`; in `[0.01, 1]`. As precise as a fit holds it.
pub(crate) fn of_pairs(pairs: &[(u32, u32)], classes: usize) -> f64 {
    let share = |count: usize| count as f64 / pairs.len().max(1) as f64;
    let (mut predicted, mut second) = (vec![0; classes], vec![0; classes]);
    for &(prediction, opinion) in pairs {
        predicted[prediction as usize] += 1;
        second[opinion as usize] += 1;
    }
    let agreed = share(pairs.iter().filter(|(prediction, opinion)| prediction == opinion).count());
    let by_chance: f64 = predicted.into_iter().zip(second).map(|(p, q)| share(p) * share(q)).sum();
    // Where all images have one label, both agree by chance alone: nothing speaks against the opinion.
    let kappa = if by_chance < 1.0 { (agreed - by_chance) / (1.0 - by_chance) } else { 1.0 };
    f64::from(kappa.max(0.0).powi(2).max(LEAST) as f32)
}

/// `N` of them from an array of a fit.
///
/// # Errors
/// [`Error::Fit`] if there is no such array, or one lies outside of `(0, 1]`.
pub(crate) fn of_fit<const N: usize>(fit: &Fit, name: &str) -> Result<[f64; N], Error> {
    let mut trusts = [0.0; N];
    for (trust, &value) in trusts.iter_mut().zip(fit.values(name, &[N])?) {
        if !(value > 0.0 && value <= 1.0) {
            return Err(Error::Fit { name: name.to_owned(), found: format!("holds {value}"), expected: vec![N] });
        }
        *trust = f64::from(value);
    }
    Ok(trusts)
}

/// The fit with these as an array.
pub(crate) fn into_fit(fit: Fit, name: &str, trusts: &[f64]) -> Fit {
    fit.with(name, vec![trusts.len()], trusts.iter().map(|&trust| trust as f32).collect())
}

#[cfg(test)]
mod tests {
    use super::{Fit, into_fit, of_fit, of_pairs};

    // from sklearn.metrics import cohen_kappa_score
    // for p, q in (([0, 1, 2, 0, 1, 2], [0, 1, 2, 0, 1, 1]), ([0, 1, 2, 0, 1, 2, 0, 0], [0, 1, 1, 0, 2, 2, 1, 0])): print(cohen_kappa_score(p, q) ** 2)
    #[test]
    fn golden_values_of_scikit_learn() {
        for (predictions, opinions, expected) in [
            (&[0, 1, 2, 0, 1, 2][..], &[0, 1, 2, 0, 1, 1][..], 0.5625),
            (&[0, 1, 2, 0, 1, 2, 0, 0], &[0, 1, 1, 0, 2, 2, 1, 0], 0.18367346938775514),
        ] {
            let pairs: Vec<(u32, u32)> = predictions.iter().copied().zip(opinions.iter().copied()).collect();
            let found = of_pairs(&pairs, 3);
            assert!((found - expected).abs() < 1e-7, "{found}");
        }
    }

    #[test]
    fn a_fit_holds_it_to_the_last_bit() {
        for agreed in 3..20 {
            let pairs: Vec<(u32, u32)> =
                (0..20).map(|i| (i % 3, if i < agreed { i % 3 } else { (i + 1) % 3 })).collect();
            let own = of_pairs(&pairs, 3);
            assert_eq!(of_fit(&into_fit(Fit::default(), "trust", &[own]), "trust").unwrap(), [own]);
        }
    }

    #[test]
    fn it_is_whole_for_an_opinion_that_always_agrees_and_least_for_one_that_says_nothing() {
        for (pairs, expected) in [
            (&[(0, 0), (1, 1)][..], 1.0),
            (&[(2, 2), (2, 2)], 1.0),
            (&[(0, 0), (1, 0)], 0.01),
            (&[(0, 1), (1, 0)], 0.01),
            (&[], 0.01),
        ] {
            assert_eq!(of_pairs(pairs, 3) as f32, expected, "{pairs:?}");
        }
    }
}
