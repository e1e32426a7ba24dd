//! [`Expectation`]: what a statistic is on clean images, given the predicted label and a covariate: a line per label and one
//! standard deviation around them. It turns a statistic into clean standard deviations above what was to be expected.

use crate::{Error, Fit};

/// Below so many images a label has no line of its own, but the line of all images.
const LEAST: usize = 20;

/// `intercept_p + slope_p * covariate`, and the deviation from it.
pub(crate) struct Expectation {
    intercept: Vec<f64>,
    slope: Vec<f64>,
    deviation: f64,
}

/// A statistic of one image.
#[derive(Clone, Copy)]
pub(crate) struct Observed {
    /// The predicted label.
    pub(crate) label: usize,
    /// What the statistic is explained by; always 0 where it is by the label alone.
    pub(crate) covariate: f64,
    /// The statistic.
    pub(crate) value: f64,
}

impl Expectation {
    /// By least squares.
    pub(crate) fn fit(observed: &[Observed], classes: usize) -> Self {
        let of_all = line(observed);
        let of_label = |label| {
            let own: Vec<Observed> = observed.iter().filter(|one| one.label == label).copied().collect();
            if own.len() < LEAST { of_all } else { line(&own) }
        };
        let (intercept, slope) = (0..classes).map(of_label).unzip();
        let mut fitted = Self { intercept, slope, deviation: 1.0 };
        let squares: f64 = observed.iter().map(|one| fitted.surplus(*one).powi(2)).sum();
        fitted.deviation = positive((squares / observed.len() as f64).sqrt());
        fitted
    }

    /// How far the statistic is above its expectation, in clean standard deviations.
    pub(crate) fn surplus(&self, Observed { label, covariate, value }: Observed) -> f64 {
        (value - self.intercept[label] - self.slope[label] * covariate) / self.deviation
    }

    /// Intercept and slope of each of `labels`, and the deviation.
    pub(crate) fn lines(&self, labels: &[u32]) -> (Vec<f32>, Vec<f32>, f64) {
        let of = |values: &[f64]| labels.iter().map(|&label| values[label as usize] as f32).collect();
        (of(&self.intercept), of(&self.slope), self.deviation)
    }

    /// Adds its arrays to `fit`, named after `name`.
    pub(crate) fn store(&self, name: &str, fit: Fit) -> Fit {
        let array = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
        fit.with(format!("{name}.intercept"), vec![self.intercept.len()], array(&self.intercept))
            .with(format!("{name}.slope"), vec![self.slope.len()], array(&self.slope))
            .with(format!("{name}.deviation"), vec![1], array(&[self.deviation]))
    }

    /// From the arrays of that name, for so many labels.
    pub(crate) fn restore(name: &str, fit: &Fit, classes: usize) -> Result<Self, Error> {
        let array = |what: &str, shape: usize| -> Result<Vec<f64>, Error> {
            Ok(fit.values(&format!("{name}.{what}"), &[shape])?.iter().map(|&value| f64::from(value)).collect())
        };
        let deviation = positive(array("deviation", 1)?[0]);
        Ok(Self { intercept: array("intercept", classes)?, slope: array("slope", classes)?, deviation })
    }
}

/// Intercept and slope; a covariate that does not vary has no slope.
fn line(observed: &[Observed]) -> (f64, f64) {
    let count = observed.len() as f64;
    let mean = |of: &dyn Fn(&Observed) -> f64| observed.iter().map(of).sum::<f64>() / count;
    let (centre, level) = (mean(&|one| one.covariate), mean(&|one| one.value));
    let spread = mean(&|one| (one.covariate - centre).powi(2));
    let slope = if spread > 0.0 { mean(&|one| (one.covariate - centre) * (one.value - level)) / spread } else { 0.0 };
    (level - slope * centre, slope)
}

/// A deviation that one can divide by: a statistic that never varies is measured in its own units.
fn positive(deviation: f64) -> f64 {
    if deviation > 1e-9 { deviation } else { 1.0 }
}

/// Mean and standard deviation; a deviation of 0 counts as 1.
pub(crate) fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / count;
    let variance = values.map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, if variance > 0.0 { variance.sqrt() } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::{Expectation, Observed};
    use crate::Fit;

    /// Label 0 on 1 + 2u, label 1 on 5 - u, label 2 three times on 0; every other value one above, one below.
    fn observed() -> Vec<Observed> {
        let ripple = |i: usize| if i.is_multiple_of(2) { 0.5 } else { -0.5 };
        let of = |label: usize, images: usize, intercept: f64, slope: f64| {
            // Each covariate twice, so that the ripple does not tilt the line.
            (0..images).map(move |i| {
                let covariate = (i / 2) as f64;
                Observed { label, covariate, value: intercept + slope * covariate + ripple(i) }
            })
        };
        of(0, 40, 1.0, 2.0).chain(of(1, 40, 5.0, -1.0)).collect()
    }

    #[test]
    fn each_label_has_its_line_and_a_rare_one_that_of_all() {
        let fitted = Expectation::fit(&observed(), 3);
        for (label, covariate, value, expected) in
            [(0, 3.0, 7.0, 0.0), (0, 3.0, 8.0, 2.0), (1, 10.0, -5.0, 0.0), (1, 0.0, 4.0, -2.0), (2, 0.0, 3.0, 0.0)]
        {
            let found = fitted.surplus(Observed { label, covariate, value });
            assert!((found - expected).abs() < 1e-9, "{label} {covariate} {value}: {found} is not {expected}");
        }
        let fit = fitted.store("line", Fit::default());
        let restored = Expectation::restore("line", &fit, 3).unwrap();
        let one = Observed { label: 1, covariate: 2.0, value: 9.0 };
        assert!((restored.surplus(one) - fitted.surplus(one)).abs() < 1e-5);
        assert!(Expectation::restore("line", &fit, 4).is_err() && Expectation::restore("other", &fit, 3).is_err());
    }

    #[test]
    fn what_never_varies_is_measured_in_its_own_units() {
        let fitted = Expectation::fit(&[Observed { label: 0, covariate: 0.0, value: 3.0 }; 30], 1);
        assert_eq!(fitted.surplus(Observed { label: 0, covariate: 0.0, value: 5.0 }), 2.0);
    }
}
