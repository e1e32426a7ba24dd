//! [`Surprisal`]: how rare so large a value is among clean images, in bits: `-log2` of their share above it.
//!
//! It makes statistics of different units comparable: equal bits are equal rates of false alarms. Up to the value that one clean image in 32
//! exceeds it is read off quantiles, between which it is linear. Beyond, where clean images are too few to be counted, the tail is taken for
//! exponential, with the mean excess of the images that are there: the surprisal goes on as a straight line. It rises everywhere.

use candle_core::{Result as CandleResult, Tensor};

use crate::{Error, Fit, Threshold};

/// Quantiles above the least value: half of the images lie above the first, one in 32 above the last.
const LEVELS: usize = 5;

/// The tail of a statistic of clean images.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Surprisal {
    /// The least value, and those that a share of `2^-k` lies above, ascending.
    quantiles: [f32; LEVELS + 1],
    /// By how much the images above the last quantile exceed it on average; 0 if there is none.
    excess: f32,
}

impl Surprisal {
    /// How many numbers it is.
    pub(crate) const NUMBERS: usize = LEVELS + 2;

    /// From the values of clean images.
    pub(crate) fn fit(values: &[f32]) -> Result<Self, Error> {
        let mut quantiles = [0.0; LEVELS + 1];
        for (level, quantile) in (0..).zip(&mut quantiles) {
            *quantile = Threshold::at_fpr(values, 0.5_f64.powi(level))?.score();
        }
        let last = quantiles[LEVELS];
        let beyond: Vec<f64> = values.iter().filter(|&&value| value > last).map(|&v| f64::from(v - last)).collect();
        let excess = if beyond.is_empty() { 0.0 } else { beyond.iter().sum::<f64>() / beyond.len() as f64 };
        Ok(Self { quantiles, excess: excess as f32 })
    }

    /// `N` of them from the rows of an array of a fit.
    ///
    /// # Errors
    /// [`Error::Fit`] if there is no such array, or a row is not the numbers of a tail.
    pub(crate) fn of_fit<const N: usize>(fit: &Fit, name: &str) -> Result<[Self; N], Error> {
        let shape = [N, Self::NUMBERS];
        let rows = fit.values(name, &shape)?.chunks(Self::NUMBERS).map(Self::restore).collect::<Option<Vec<_>>>();
        let found = "does not ascend in each row up to an excess of at least 0".to_owned();
        let wrong = || Error::Fit { name: name.to_owned(), found, expected: shape.to_vec() };
        rows.and_then(|rows| rows.try_into().ok()).ok_or_else(wrong)
    }

    /// The fit with these as the rows of an array.
    pub(crate) fn into_fit(fit: Fit, name: &str, tails: &[Self]) -> Fit {
        fit.with(name, vec![tails.len(), Self::NUMBERS], tails.iter().flat_map(Self::numbers).collect())
    }

    /// From so many numbers of a fit; `None` if they are not those of a tail.
    fn restore(numbers: &[f32]) -> Option<Self> {
        let (&excess, quantiles) = numbers.split_last()?;
        let quantiles: [f32; LEVELS + 1] = quantiles.try_into().ok()?;
        (quantiles.is_sorted() && excess >= 0.0).then_some(Self { quantiles, excess })
    }

    fn numbers(&self) -> [f32; Self::NUMBERS] {
        let mut numbers = [self.excess; Self::NUMBERS];
        numbers[..=LEVELS].copy_from_slice(&self.quantiles);
        numbers
    }

    /// The bits of a value.
    pub(crate) fn bits(&self, value: f64) -> f64 {
        let (slope, intercept) = self.line(value);
        slope * value + intercept
    }

    /// The bits of recorded values `(B)` as a function of them, where `at` are the values that say on which piece each lies.
    pub(crate) fn record(&self, values: &Tensor, at: impl Iterator<Item = f64>) -> CandleResult<Tensor> {
        along(values, at.map(|value| self.line(value)))
    }

    /// Slope and intercept of the piece that a value lies in.
    pub(crate) fn line(&self, value: f64) -> (f64, f64) {
        let at = |level: usize| f64::from(self.quantiles[level]);
        if self.excess > 0.0 && value > at(LEVELS) {
            let slope = 1.0 / (f64::from(self.excess) * std::f64::consts::LN_2);
            return (slope, LEVELS as f64 - slope * at(LEVELS));
        }
        let is_wide = |&level: &usize| at(level) < at(level + 1);
        let below = (0..LEVELS).rev().filter(is_wide).find(|&level| at(level) <= value);
        match below.or_else(|| (0..LEVELS).find(is_wide)) {
            Some(level) => {
                let slope = 1.0 / (at(level + 1) - at(level));
                (slope, level as f64 - slope * at(level))
            }
            // What never varies is measured in its own units.
            None => (1.0, -at(0)),
        }
    }
}

/// Of values `(B)` each one times a slope plus an intercept of its own.
pub(crate) fn along(values: &Tensor, lines: impl Iterator<Item = (f64, f64)>) -> CandleResult<Tensor> {
    let (slopes, intercepts): (Vec<f32>, Vec<f32>) = lines.map(|(slope, at)| (slope as f32, at as f32)).unzip();
    let (slopes, intercepts) = (Tensor::new(slopes, values.device())?, Tensor::new(intercepts, values.device())?);
    (values * slopes)? + intercepts
}

#[cfg(test)]
mod tests {
    use super::Surprisal;

    #[test]
    fn bits_count_halvings_of_the_share_above_and_go_on_along_an_exponential_tail() {
        // 4096 values: 2048 of them above 2048, 1024 above 3072, and so on; the 128 above 3968 exceed it by 64.5 on average.
        let values: Vec<f32> = (1..=4096).map(|value| value as f32).collect();
        let clean = Surprisal::fit(&values).unwrap();
        let beyond = |value: f64| 5.0 + (value - 3968.0) / 64.5 / std::f64::consts::LN_2;
        for (value, expected) in [
            (1.0, 0.0),
            (2048.0, 1.0),
            (3072.0, 2.0),
            (2560.0, 1.5),
            (3968.0, 5.0),
            (4096.0, beyond(4096.0)),
            (9999.0, beyond(9999.0)),
        ] {
            assert!((clean.bits(value) - expected).abs() < 1e-4, "{value}: {}", clean.bits(value));
        }
        assert_eq!(Surprisal::restore(&clean.numbers()), Some(clean));
    }

    #[test]
    fn numbers_that_are_no_tail_are_refused() {
        for numbers in [&[][..], &[0.0; 6], &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0], &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0]]
        {
            assert_eq!(Surprisal::restore(numbers), None, "{numbers:?}");
        }
    }

    #[test]
    fn it_rises_everywhere_and_through_ties() {
        for values in [vec![0.0, 1.0], vec![3.0; 50], vec![0.0, 0.0, 0.0, 1.0, 1.0, 5.0, 5.0, 5.0]] {
            let clean = Surprisal::fit(&values).unwrap();
            let bits: Vec<f64> = (-20..60).map(|value| clean.bits(f64::from(value) / 4.0)).collect();
            assert!(bits.windows(2).all(|pair| pair[0] < pair[1]), "{values:?}: {bits:?}");
        }
        // All alike but for a few in a hundred.
        let values: Vec<f32> = (0..100).map(|i| if i < 98 { 0.0 } else { i as f32 }).collect();
        let clean = Surprisal::fit(&values).unwrap();
        assert!(clean.bits(-1.0) < clean.bits(0.0) && clean.bits(0.0) < clean.bits(0.1) && clean.bits(0.1) > 5.0);
    }
}
