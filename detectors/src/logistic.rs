//! Logistic regression with a prior: the log odds of an event as a weighted sum of evidence that is in log odds itself.
//!
//! Minimised is `sum over i of log(1 + exp(u_i)) - y_i u_i + STRENGTH / 2 (b² + sum over j of (s_j (w_j - w_0))²)` with `u = w . x + b`
//! and `s_j` the standard deviation of evidence `j`: a ridge around `w_0 = 1 / J`, the mean of the `J` pieces of evidence, which is what is
//! left where events are few. Not a classifier of images.

use crate::lbfgs;
use crate::moments::moments;

/// Of the prior, about as much as a few events say: a network with dozens of errors is fitted, one with a handful keeps to the mean.
const STRENGTH: f64 = 5.0;

/// Weights `w`, then the offset `b`, of evidence in rows of equal length, at least one, and whether each is of an event.
pub(crate) fn fit(rows: &[Vec<f64>], events: &[bool]) -> Vec<f64> {
    let count = rows[0].len();
    let prior = 1.0 / count as f64;
    let deviations: Vec<f64> = (0..count).map(|j| moments(rows.iter().map(|row| row[j])).1).collect();
    // In units of the deviations, so that all directions curve alike.
    let start = deviations.iter().map(|deviation| prior * deviation).chain([0.0]).collect();
    let fitted = lbfgs::minimize(start, |scaled: &[f64]| {
        let off = |j: usize| scaled[j] - prior * deviations[j];
        let mut gradient: Vec<f64> = (0..count).map(|j| STRENGTH * off(j)).chain([STRENGTH * scaled[count]]).collect();
        let mut loss = STRENGTH / 2.0 * ((0..count).map(|j| off(j).powi(2)).sum::<f64>() + scaled[count].powi(2));
        for (row, &event) in rows.iter().zip(events) {
            let x = |j: usize| row[j] / deviations[j];
            let u = (0..count).map(|j| scaled[j] * x(j)).sum::<f64>() + scaled[count];
            let event = f64::from(u8::from(event));
            loss += u.max(0.0) + (-u.abs()).exp().ln_1p() - event * u;
            let residual = 1.0 / (1.0 + (-u).exp()) - event;
            (0..count).for_each(|j| gradient[j] += residual * x(j));
            gradient[count] += residual;
        }
        (loss, gradient)
    });
    (0..count).map(|j| fitted[j] / deviations[j]).chain([fitted[count]]).collect()
}

#[cfg(test)]
mod tests {
    use super::fit;

    // import numpy as np; from scipy.optimize import minimize
    // x = np.array([[-3, -1], [-2, -4], [1, 0.5], [2, -1], [-1, 2], [-4, -3], [0.5, 1], [-2, 1.5]]); y = np.array([0, 0, 1, 0, 1, 0, 1, 0]); s = x.std(0)
    // f = lambda t: (np.logaddexp(0, u := x @ t[:2] + t[2]) - y * u).sum() + 2.5 * (((s * (t[:2] - 0.5)) ** 2).sum() + t[2] ** 2)
    // print(minimize(f, [0.5, 0.5, 0], tol=1e-14).x)
    #[test]
    fn golden_values_of_scipy() {
        let rows =
            [[-3.0, -1.0], [-2.0, -4.0], [1.0, 0.5], [2.0, -1.0], [-1.0, 2.0], [-4.0, -3.0], [0.5, 1.0], [-2.0, 1.5]];
        let events = [false, false, true, false, true, false, true, false];
        let fitted = fit(&rows.map(Vec::from), &events);
        for (found, expected) in fitted.iter().zip([0.5143346, 0.5702414, -0.0432748]) {
            assert!((found - expected).abs() < 1e-5, "{fitted:?}");
        }
    }

    #[test]
    fn without_an_event_it_stays_near_the_mean_of_the_evidence() {
        let rows: Vec<Vec<f64>> = (0..100).map(|i| vec![-9.0 - f64::from(i % 7), -8.0 - f64::from(i % 5)]).collect();
        let fitted = fit(&rows, &[false; 100]);
        assert!(fitted.iter().zip([0.5, 0.5, 0.0]).all(|(found, prior)| (found - prior).abs() < 0.01), "{fitted:?}");
    }
}
