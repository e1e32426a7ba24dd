//! [`Surprisal`]: how rare so large a value is among clean images, in bits: `-log2` of their share above it.
//!
//! It makes statistics of different units comparable: equal bits are equal rates of false alarms. Read off quantiles, between which it is
//! linear; beyond the last of them it goes on as in the last piece, so that it always rises.

use crate::{Error, Threshold};

/// Quantiles above the least value: half of the images lie above the first, one in 4096 above the last.
const LEVELS: usize = 12;
/// Bits up to which a tempered surprisal is a surprisal.
const KNEE: usize = 10;
/// Bits for each e-fold of the value beyond.
const BEYOND: f64 = 8.0;

/// The least clean value, and those that a share of `2^-k` lies above, ascending.
#[derive(Clone)]
pub(crate) struct Surprisal([f32; Self::QUANTILES]);

impl Surprisal {
    /// How many numbers it is.
    pub(crate) const QUANTILES: usize = LEVELS + 1;

    /// From the values of clean images.
    pub(crate) fn fit(values: &[f32]) -> Result<Self, Error> {
        let mut quantiles = [0.0; Self::QUANTILES];
        for (level, quantile) in (0..).zip(&mut quantiles) {
            *quantile = Threshold::at_fpr(values, 0.5_f64.powi(level))?.score();
        }
        Ok(Self(quantiles))
    }

    /// From so many numbers of a fit.
    pub(crate) fn restore(quantiles: &[f32]) -> Self {
        let mut own = [0.0; Self::QUANTILES];
        own.iter_mut().zip(quantiles).for_each(|(own, quantile)| *own = *quantile);
        Self(own)
    }

    pub(crate) fn quantiles(&self) -> &[f32] {
        &self.0
    }

    /// The bits of a value.
    pub(crate) fn bits(&self, value: f64) -> f64 {
        let (slope, intercept) = self.line(value);
        slope * value + intercept
    }

    /// Slope and intercept of the tangent of a function that is the bits up to [`KNEE`] of them and grows with the logarithm of the value beyond:
    /// what is absurdly rare then leaves other parts of a maximum some say.
    pub(crate) fn tempered_line(&self, value: f64) -> (f64, f64) {
        let knee = f64::from(self.0[KNEE]);
        if value <= knee || knee <= 0.0 {
            return self.line(value);
        }
        (BEYOND / value, KNEE as f64 + BEYOND * (value / knee).ln() - BEYOND)
    }

    /// Slope and intercept of the piece that a value lies in.
    pub(crate) fn line(&self, value: f64) -> (f64, f64) {
        let is_wide = |&level: &usize| self.0[level] < self.0[level + 1];
        let below = (0..LEVELS).rev().filter(is_wide).find(|&level| f64::from(self.0[level]) <= value);
        match below.or_else(|| (0..LEVELS).find(is_wide)) {
            Some(level) => {
                let (from, to) = (f64::from(self.0[level]), f64::from(self.0[level + 1]));
                let slope = 1.0 / (to - from);
                (slope, level as f64 - slope * from)
            }
            // What never varies is measured in its own units.
            None => (1.0, -f64::from(self.0[0])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Surprisal;

    #[test]
    fn bits_count_halvings_of_the_share_above() {
        // 4096 values: 2048 of them above 2048, 1024 above 3072, and so on.
        let values: Vec<f32> = (1..=4096).map(|value| value as f32).collect();
        let clean = Surprisal::fit(&values).unwrap();
        for (value, expected) in
            [(1.0, 0.0), (2048.0, 1.0), (3072.0, 2.0), (2560.0, 1.5), (4094.0, 11.0), (4095.0, 12.0), (4096.0, 13.0)]
        {
            assert!((clean.bits(value) - expected).abs() < 1e-9, "{value}: {}", clean.bits(value));
        }
        let restored = Surprisal::restore(clean.quantiles());
        assert_eq!(restored.bits(2222.0), clean.bits(2222.0));
    }

    #[test]
    fn it_rises_everywhere_and_through_ties() {
        for values in [vec![0.0, 1.0], vec![3.0; 50], vec![0.0, 0.0, 0.0, 1.0, 1.0, 5.0, 5.0, 5.0]] {
            let clean = Surprisal::fit(&values).unwrap();
            let bits: Vec<f64> = (-20..60).map(|value| clean.bits(f64::from(value) / 4.0)).collect();
            assert!(bits.windows(2).all(|pair| pair[0] < pair[1]), "{values:?}: {bits:?}");
        }
    }
}
