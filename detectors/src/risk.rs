//! [`Risk`]: what a detector is worth to somebody who rejects the most suspicious images and trusts the rest.
//!
//! Accepted are the images of the least scores. With `n` images, of which a share `e` is wrong, and `E(k)` the wrong ones among the `k` least suspicious:
//!
//! - **AURC**, the mean over `k` of the selective risk `E(k) / k` (El-Yaniv and Wiener 2010; Geifman, Uziel and El-Yaniv 2019, arXiv 1805.08206);
//!   **E-AURC**, what it has above that of a detector that suspects all wrong images most;
//! - **AUGRC**, the area under the generalised risk `E(k) / n` over coverage, `(1 - AUROC) e (1 - e) + e² / 2` (Traub et al. 2024, arXiv 2407.01032).
//!
//! Images of equal score are accepted in random order; the areas are the means over all such orders. Intervals are percentile bootstraps over images.

use rand::Rng;
use robust_attacks::random::stream;

use crate::error::reject_nan;
use crate::{Error, Interval};

/// Resamples of the bootstrap.
const RESAMPLES: usize = 1000;
const SEED: u64 = 0;

/// The areas under the risks, in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Risk {
    /// Mean selective risk.
    pub aurc: f64,
    /// What of it a perfect order of the same images would spare.
    pub e_aurc: f64,
    /// Area under the generalised risk.
    pub augrc: f64,
}

impl Risk {
    /// Of images with a score each, higher more suspicious, and whether the prediction is wrong; none without images.
    ///
    /// # Errors
    /// A score that is NaN.
    pub fn new(scores: &[f32], wrong: &[bool]) -> Result<Option<Self>, Error> {
        let ranked = Ranked::new(scores, wrong)?;
        Ok(ranked.risk(&vec![1; scores.len()]))
    }

    /// The 95 % intervals of [`aurc`](Self::aurc) and [`augrc`](Self::augrc), over images; none with fewer than five wrong or five right ones.
    ///
    /// # Errors
    /// A score that is NaN.
    pub fn intervals(scores: &[f32], wrong: &[bool]) -> Result<Option<[Interval; 2]>, Error> {
        const LEAST: usize = 5;
        let count = wrong.iter().filter(|wrong| **wrong).count();
        if count < LEAST || wrong.len() - count < LEAST {
            return Ok(None);
        }
        let ranked = Ranked::new(scores, wrong)?;
        let mut random = stream(SEED, "risk", &[]);
        let mut found: [Vec<f64>; 2] = Default::default();
        let mut times = vec![0; scores.len()];
        for _ in 0..RESAMPLES {
            times.fill(0);
            (0..scores.len()).for_each(|_| times[random.random_range(0..scores.len())] += 1);
            if let Some(Self { aurc, augrc, .. }) = ranked.risk(&times) {
                found[0].push(aurc);
                found[1].push(augrc);
            }
        }
        Ok(Some(found.map(|mut values| {
            values.sort_by(f64::total_cmp);
            let at = |share: f64| values[((share * values.len() as f64) as usize).min(values.len() - 1)];
            Interval { low: at(0.025), high: at(0.975) }
        })))
    }
}

/// Images by their scores, ascending.
struct Ranked {
    /// Place of each image among the images, and whether its prediction is wrong.
    images: Vec<(usize, bool)>,
    /// Where in `images` each group of equal scores ends.
    ends: Vec<usize>,
}

impl Ranked {
    fn new(scores: &[f32], wrong: &[bool]) -> Result<Self, Error> {
        reject_nan("clean", scores)?;
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
        let is_end = |at: &usize| order.get(*at).is_none_or(|&next| scores[next] != scores[order[at - 1]]);
        let ends = (1..=order.len()).filter(is_end).collect();
        Ok(Self { images: order.into_iter().map(|image| (image, wrong[image])).collect(), ends })
    }

    /// With each image counted so many times.
    fn risk(&self, times: &[u32]) -> Option<Risk> {
        let n: f64 = times.iter().map(|&times| f64::from(times)).sum();
        if n == 0.0 {
            return None;
        }
        let (mut accepted, mut errors, mut selective, mut generalised) = (0.0, 0.0, 0.0, 0.0);
        let mut start = 0;
        for &end in &self.ends {
            let group = &self.images[start..end];
            let size: f64 = group.iter().map(|(image, _)| f64::from(times[*image])).sum();
            let wrong: f64 = group.iter().filter(|(_, wrong)| *wrong).map(|(image, _)| f64::from(times[*image])).sum();
            // In the mean over all orders the errors come evenly.
            for step in 1..=size as usize {
                selective += (errors + wrong * step as f64 / size) / (accepted + step as f64);
            }
            generalised += size * (errors + wrong / 2.0);
            accepted += size;
            errors += wrong;
            start = end;
        }
        let right = n - errors;
        let best: f64 = (1..=errors as usize).map(|k| k as f64 / (right + k as f64)).sum();
        let aurc = selective / n;
        Some(Risk { aurc, e_aurc: (aurc - best / n).max(0.0), augrc: generalised / (n * n) })
    }
}

#[cfg(test)]
mod tests {
    use super::Risk;
    use crate::Roc;

    #[test]
    fn areas_by_hand() {
        // Right, wrong, right, wrong by rising score: selective risks 0, 1/2, 1/3, 1/2.
        let risk = Risk::new(&[0.1, 0.2, 0.3, 0.4], &[false, true, false, true]).unwrap().unwrap();
        let expected = (0.5 + 1.0 / 3.0 + 0.5) / 4.0;
        assert!((risk.aurc - expected).abs() < 1e-12, "{risk:?}");
        // The best order has 0, 0, 1/3, 1/2.
        assert!((risk.e_aurc - (expected - (1.0 / 3.0 + 0.5) / 4.0)).abs() < 1e-12, "{risk:?}");
        assert_eq!(Risk::new(&[], &[]).unwrap(), None);
        let perfect = Risk::new(&[0.0, 1.0], &[false, true]).unwrap().unwrap();
        assert_eq!((perfect.e_aurc, perfect.augrc), (0.0, 0.125));
    }

    #[test]
    fn augrc_is_what_follows_from_auroc_and_the_error_rate_also_through_ties() {
        let scores: Vec<f32> = (0..200).map(|i| ((i * 37) % 50) as f32).collect();
        let wrong: Vec<bool> = (0..200).map(|i| (i * 61) % 7 == 0).collect();
        let side = |is: bool| scores.iter().zip(&wrong).filter(|(_, w)| **w == is).map(|(s, _)| *s).collect::<Vec<_>>();
        let auroc = Roc::new(&side(false), &side(true)).unwrap().unwrap().auroc();
        let e = side(true).len() as f64 / 200.0;
        let risk = Risk::new(&scores, &wrong).unwrap().unwrap();
        let expected = (1.0 - auroc) * e * (1.0 - e) + e * e / 2.0;
        assert!((risk.augrc - expected).abs() < 1e-12, "{} and {expected}", risk.augrc);
        let [aurc, augrc] = Risk::intervals(&scores, &wrong).unwrap().unwrap();
        assert!(aurc.low < risk.aurc && risk.aurc < aurc.high && augrc.low < risk.augrc && risk.augrc < augrc.high);
        assert_eq!(Risk::intervals(&scores[..20], &[false; 20]).unwrap(), None);
        assert!(Risk::new(&[f32::NAN], &[true]).is_err());
    }
}
