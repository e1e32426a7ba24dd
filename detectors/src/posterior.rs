//! [`Posterior`]: the probability of each label given the reconstruction errors of all labels, by multinomial logistic
//! regression on their logarithms: `softmax over k of b_k + sum over j of log e_j W_jk`.
//!
//! The smallest error is its simplest case, `W = -c I`. What the regression adds is which labels draw well of
//! everything and which are easily confused. It is fitted by penalised maximum likelihood (Hastie, Tibshirani and
//! Friedman, *The Elements of Statistical Learning*, 2009, section 4.4) on clean images.

use candle_core::{Result as CandleResult, Tensor};

use crate::{Error, Fit, lbfgs, softmax};

/// `|W|² / 2` times this joins the negative log likelihood of all images, lest weights grow without end where the labels can be told apart
/// without an error.
const PENALTY: f64 = 1.0;

const WEIGHT: &str = "weight";
const BIAS: &str = "bias";

/// Weights `W`, `(K, K)` with the error's label first, and biases `b`.
#[derive(Clone)]
pub(crate) struct Posterior {
    weight: Vec<f64>,
    bias: Vec<f64>,
}

impl Posterior {
    /// On log errors, `K` per image, and the images' true labels.
    pub(crate) fn fit(log_errors: &[Vec<f64>], labels: &[u32], classes: usize) -> Self {
        let count = log_errors.len() as f64;
        let mean: Vec<f64> = (0..classes).map(|k| log_errors.iter().map(|row| row[k]).sum::<f64>() / count).collect();
        let centred: Vec<Vec<f64>> =
            log_errors.iter().map(|row| row.iter().zip(&mean).map(|(x, mean)| x - mean).collect()).collect();
        let fitted = lbfgs::minimize(vec![0.0; classes * classes + classes], |parameters| {
            let (weight, bias) = parameters.split_at(classes * classes);
            let mut gradient: Vec<f64> = weight.iter().map(|w| PENALTY * w).chain(bias.iter().map(|_| 0.0)).collect();
            let mut loss = PENALTY / 2.0 * weight.iter().map(|w| w * w).sum::<f64>();
            for (row, &label) in centred.iter().zip(labels) {
                let scores = scores(row, weight, bias);
                let log_sum = softmax::log_sum_exp(&scores, None);
                loss += log_sum - scores[label as usize];
                let mut off: Vec<f64> = scores.iter().map(|score| (score - log_sum).exp()).collect();
                off[label as usize] -= 1.0;
                for (x, gradient) in row.iter().chain(&[1.0]).zip(gradient.chunks_exact_mut(classes)) {
                    gradient.iter_mut().zip(&off).for_each(|(gradient, off)| *gradient += x * off);
                }
            }
            (loss, gradient)
        });
        let (weight, bias) = fitted.split_at(classes * classes);
        let at_mean = scores(&mean, weight, &vec![0.0; classes]);
        Self { weight: weight.to_vec(), bias: bias.iter().zip(at_mean).map(|(bias, shift)| bias - shift).collect() }
    }

    /// From its arrays in a fit, for so many labels.
    ///
    /// # Errors
    /// [`Error::Fit`] if they are not there in these shapes.
    pub(crate) fn restore(fit: &Fit, classes: usize) -> Result<Self, Error> {
        let array = |name: &str, shape: &[usize]| -> Result<Vec<f64>, Error> {
            Ok(fit.values(name, shape)?.iter().map(|&value| f64::from(value)).collect())
        };
        Ok(Self { weight: array(WEIGHT, &[classes, classes])?, bias: array(BIAS, &[classes])? })
    }

    /// Its arrays.
    pub(crate) fn arrays(&self) -> Fit {
        let classes = self.bias.len();
        let fit = Fit::default().with(WEIGHT, vec![classes, classes], single(&self.weight));
        fit.with(BIAS, vec![classes], single(&self.bias))
    }

    /// What the softmax is taken of, as a function of log errors `(B, K)`: `(B, K)`.
    pub(crate) fn record(&self, log_errors: &Tensor) -> CandleResult<Tensor> {
        let (classes, device) = (self.bias.len(), log_errors.device());
        let weight = Tensor::from_vec(single(&self.weight), (classes, classes), device)?;
        log_errors.matmul(&weight)?.broadcast_add(&Tensor::from_vec(single(&self.bias), (1, classes), device)?)
    }

    /// What the softmax is taken of, `K` numbers.
    pub(crate) fn scores(&self, log_errors: &[f64]) -> Vec<f64> {
        scores(log_errors, &self.weight, &self.bias)
    }
}

fn single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}

fn scores(row: &[f64], weight: &[f64], bias: &[f64]) -> Vec<f64> {
    let mut scores = bias.to_vec();
    for (x, weights) in row.iter().zip(weight.chunks_exact(bias.len())) {
        scores.iter_mut().zip(weights).for_each(|(score, w)| *score += x * w);
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::Posterior;

    // import numpy as np; from sklearn.linear_model import LogisticRegression
    // x = np.array([[0, 2, 1], [1, 2, 0], [2, 0, 1], [0.5, 0, 2], [1, 2, 1], [2, 1.5, 0], [1, 0, 0.5]]); y = [0, 2, 1, 1, 0, 2, 2]
    // m = LogisticRegression(C=1, tol=1e-12, max_iter=10000).fit(x, y)
    // print((m.coef_.T - m.coef_.T.mean(1, keepdims=True)).tolist(), m.decision_function([[1, 1, 1]]).tolist())
    #[test]
    fn golden_values_of_scikit_learn() {
        let rows = [
            [0.0, 2.0, 1.0],
            [1.0, 2.0, 0.0],
            [2.0, 0.0, 1.0],
            [0.5, 0.0, 2.0],
            [1.0, 2.0, 1.0],
            [2.0, 1.5, 0.0],
            [1.0, 0.0, 0.5],
        ];
        let fitted = Posterior::fit(&rows.map(Vec::from), &[0, 2, 1, 1, 0, 2, 2], 3);
        let expected = [
            [-0.4291215832, 0.2704662990, 0.1586552842],
            [0.7439559838, -0.6852616643, -0.0586943195],
            [0.3116665131, 0.6191227929, -0.9307893060],
        ];
        for (found, expected) in fitted.weight.iter().zip(expected.as_flattened()) {
            assert!((found - expected).abs() < 1e-4, "{:?}", fitted.weight);
        }
        let scores = fitted.scores(&[1.0; 3]);
        let mean = scores.iter().sum::<f64>() / 3.0;
        for (found, expected) in scores.iter().zip([-0.1089724302, -0.0927032599, 0.2016756901]) {
            assert!((found - mean - expected).abs() < 1e-4, "{scores:?}");
        }
    }
}
