//! The order of the way back, and who is first and who is last to reach each place on it.

use super::plan::{Share, Step, StepOp};

/// The steps in reverse, but for linear layers that read the same place, one behind the other, which keep their order: the sum of
/// their gradients is then summed as that of one layer would be.
pub(super) fn way_back(steps: &[Step], places: usize) -> Vec<(usize, Vec<Share>)> {
    let mut order: Vec<usize> = (0..steps.len()).rev().collect();
    let is_sibling = |a: usize, b: usize| {
        let is_linear = |step: usize| matches!(steps[step].op, StepOp::Linear(_));
        is_linear(a) && is_linear(b) && steps[a].from == steps[b].from
    };
    for siblings in order.chunk_by_mut(|&a, &b| is_sibling(a, b)) {
        siblings.reverse();
    }
    let mut left = vec![0_usize; places];
    steps.iter().flat_map(|step| &step.from).for_each(|&place| left[place] += 1);
    let all = left.clone();
    let mut share = |place: usize| {
        let is_first = left[place] == all[place];
        left[place] -= 1;
        Share { is_first, is_last: left[place] == 0 }
    };
    order.into_iter().map(|step| (step, steps[step].from.iter().map(|&place| share(place)).collect())).collect()
}
