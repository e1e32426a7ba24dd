//! When Auto-PGD asks itself whether it makes headway.

use crate::Norm;

/// A schedule of checkpoints. Every length is a share of all steps, rounded down to whole steps of at least 1, as AutoAttack does.
pub(super) struct Checkpoints {
    /// The step of the next checkpoint.
    next: usize,
    /// How many steps lie between it and the one before.
    length: usize,
    /// By how much the next length is shorter.
    shrinkage: usize,
    /// The least length.
    shortest: usize,
}

impl Checkpoints {
    /// For L-infinity and L2 (Croce and Hein 2020, section 3.3) `p_1 = 0.22` and `p_(j+1) = p_j + max(p_j - p_(j-1) - 0.03, 0.06)`;
    /// for L1 (Croce and Hein 2021, section 4) multiples of 0.04.
    pub(super) fn new(norm: Norm, steps: usize) -> Self {
        let whole = |share: f64| ((share * steps as f64) as usize).max(1);
        let [length, shrinkage, shortest] = match norm {
            Norm::L1 => [whole(0.04), 0, 1],
            _ => [0.22, 0.03, 0.06].map(whole),
        };
        Self { next: length, length, shrinkage, shortest }
    }

    /// At a checkpoint, how many steps have passed since the one before. To be asked step by step, from step 0.
    pub(super) fn at(&mut self, step: usize) -> Option<usize> {
        if step != self.next {
            return None;
        }
        let passed = self.length;
        self.length = self.length.saturating_sub(self.shrinkage).max(self.shortest);
        self.next += self.length;
        Some(passed)
    }
}

#[cfg(test)]
mod tests {
    use super::Checkpoints;
    use crate::Norm;

    // 100 and 1000 steps: the papers' shares. 20: lengths of 4, 3, 2, 1, 1, ... steps.
    #[test]
    fn lengths_shrink_to_the_least_or_stay() {
        for (norm, steps, expected) in [
            (Norm::Linf, 100, &[22, 41, 57, 70, 80, 87, 93, 99][..]),
            (Norm::L2, 1000, &[220, 410, 570, 700, 800, 870, 930, 990]),
            (Norm::Linf, 20, &[4, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]),
            (Norm::Linf, 1, &[1]),
            (Norm::Linf, 0, &[]),
            (
                Norm::L1,
                80,
                &[3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45, 48, 51, 54, 57, 60, 63, 66, 69, 72, 75, 78],
            ),
        ] {
            let mut checkpoints = Checkpoints::new(norm, steps);
            let found: Vec<(usize, usize)> =
                (0..=steps).filter_map(|step| Some((step, checkpoints.at(step)?))).collect();
            let last = [0].iter().chain(expected);
            let expected: Vec<(usize, usize)> =
                expected.iter().zip(last).map(|(&step, last)| (step, step - last)).collect();
            assert_eq!(found, expected, "{norm} {steps}");
        }
    }
}
