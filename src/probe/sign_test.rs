//! The sign test: whether one of two answers to the same images is right more often than the other (McNemar's exact test, one-sided).

/// The chance below which a difference is none: there are some fifty guesses, and one in a thousand shall be wrong.
const RARE: f64 = 2e-5;
/// A smaller gain in accuracy is not worth a word.
const WORTH: f64 = 0.05;

/// Whether `others` are right on so many more of the images than `own` that it is neither chance nor trifling.
pub(super) fn is_better(own: &[bool], others: &[bool]) -> bool {
    let count = |own_is, other_is| own.iter().zip(others).filter(|pair| *pair == (&own_is, &other_is)).count();
    let (lost, won) = (count(true, false), count(false, true));
    won as f64 - lost as f64 >= WORTH * own.len() as f64 && chance(won, won + lost) < RARE
}

/// The chance of at least `heads` among `tosses` of a fair coin.
pub(super) fn chance(heads: usize, tosses: usize) -> f64 {
    // Logarithms of the binomial coefficients, one after the other.
    let mut log = -(tosses as f64) * std::f64::consts::LN_2;
    let mut sum = 0.0;
    for tails in 0..=tosses.saturating_sub(heads) {
        sum += log.exp();
        log += ((tosses - tails) as f64 / (tails + 1) as f64).ln();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_those_of_a_coin() {
        // scipy.stats.binomtest(heads, tosses, alternative="greater").pvalue
        for (heads, tosses, expected) in
            [(0, 0, 1.0), (1, 1, 0.5), (8, 10, 0.0546875), (10, 10, 0.0009765625), (60, 100, 0.028443966820490395)]
        {
            assert!((chance(heads, tosses) - expected).abs() < 1e-12, "{heads} of {tosses}: {}", chance(heads, tosses));
        }
    }

    #[test]
    fn what_is_better_is_so_by_more_than_chance() {
        let hits = |right: usize| (0..200).map(|image| image < right).collect::<Vec<bool>>();
        for (own, other, better) in
            [(20, 180, true), (150, 180, true), (160, 172, false), (180, 180, false), (180, 20, false)]
        {
            assert_eq!(is_better(&hits(own), &hits(other)), better, "{own} and {other}");
        }
    }
}
