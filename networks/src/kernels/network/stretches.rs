//! How many images pass some steps together before the next images do: few enough that their maps stay in the second cache.

use std::ops::Range;

use super::layer::Layer;
use super::plan::{Plan, Step, StepOp};
use crate::kernels::layers::Windowed;

/// Bytes of a group's maps and of what they become at the points: a second cache, beside weights.
const CACHE: usize = 1_200_000;
/// In place of a group: all images of a batch.
const ALL: usize = usize::MAX;
/// In place of a group: as many as the layers around.
const ANY: usize = usize::MAX - 1;

/// Steps that a group of images passes before the next group does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) steps: Range<usize>,
    /// The same steps in the order of the way back.
    pub(super) back: Range<usize>,
    group: usize,
}

impl Stretch {
    /// The first image of each group of a batch, and the group's size. There is always a first group, if only an empty one,
    /// so that gradients are written after any batch.
    pub(super) fn groups(&self, images: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let group = self.group.min(images.max(1));
        (0..images.max(1)).step_by(group).map(move |first| (first, group.min(images - first)))
    }

    /// Images of a group, of a batch of so many.
    pub(super) fn group(&self, images: usize) -> usize {
        self.group.min(images)
    }
}

/// The stretches of a plan. Vectors pass all together, which makes the most of a layer's weights. Maps pass in groups; where they
/// become so small that twice as many fit, a new stretch begins.
pub(super) fn stretches(plan: &Plan, layers: &[Layer]) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    let are_rows = rows(plan);
    for (number, step) in plan.steps.iter().enumerate() {
        let group = group_of(plan, layers, step, &are_rows);
        match stretches.last_mut() {
            Some(last) if (last.group == ALL) == (group == ALL) && (group == ANY || group / 2 < last.group) => {
                last.steps.end = number + 1;
                last.group = last.group.min(group);
            }
            _ => stretches.push(Stretch { steps: number..number + 1, back: 0..0, group }),
        }
    }
    let all = plan.steps.len();
    stretches.iter_mut().for_each(|stretch| stretch.back = all - stretch.steps.end..all - stretch.steps.start);
    stretches
}

fn group_of(plan: &Plan, layers: &[Layer], step: &Step, are_rows: &[bool]) -> usize {
    let places = || step.from.iter().chain([&step.to]).copied();
    let maps = || places().map(|place| plan.places[place].values);
    let points = match step.op {
        StepOp::Linear(_) => return ALL,
        StepOp::Windowed { layer, .. } if maps().any(|map| map.pixels() > 1) => {
            layers[layer].windowed().map_or(0, Windowed::bytes)
        }
        StepOp::Plain(_) | StepOp::Rows { .. } => 0,
        _ if maps().any(|map| map.pixels() > 1) || places().any(|place| are_rows[place]) => return ANY,
        _ => return ALL,
    };
    let maps: usize = maps().map(|map| map.floats() * size_of::<f32>()).sum();
    (CACHE / (maps + points)).max(1)
}

/// Which places hold rows that plain ops read or write, or that become such rows: what lies there flat is more than a vector.
fn rows(plan: &Plan) -> Vec<bool> {
    let mut are_rows = vec![false; plan.places.len()];
    let mut see = |step: &Step| {
        let places = || step.from.iter().chain([&step.to]);
        let is_plain = matches!(step.op, StepOp::Plain(_) | StepOp::Rows { .. });
        if is_plain || !matches!(step.op, StepOp::Linear(_)) && places().any(|&place| are_rows[place]) {
            places().for_each(|&place| are_rows[place] = true);
        }
    };
    plan.steps.iter().for_each(&mut see);
    plan.steps.iter().rev().for_each(&mut see);
    are_rows
}
