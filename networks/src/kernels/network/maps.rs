//! The layout of every place: how many floats a pixel takes, and the borders that the layers reach.

use super::plan::{Kind, Place, Plan, PlanError, Step, StepOp, Then};
use crate::kernels::layers::shares_know;
use crate::kernels::map::Map;
use crate::kernels::simd::Isa;

/// The most floats of a map, and of a layer's packed weights.
const MOST: usize = 1 << 30;

/// Gives every place its maps.
pub(super) fn lay_out(isa: Isa, mut plan: Plan) -> Plan {
    let readers = plan.readers();
    for place in &mut plan.places {
        let plain = Map::image(place.shape, place.shape[0].next_multiple_of(isa.lanes()));
        let map = if plain.pixels() == 1 { Map::vector(place.shape[0]) } else { plain };
        (place.values, place.gradient) = (map, map);
    }
    for number in 0..plan.steps.len() {
        let step = plan.steps[number].clone();
        let shape = plan.places[step.to].shape;
        if shape[0] < isa.lanes() && shape[1] * shape[2] > 1 && plan.is_close(&step, &readers) {
            plan.places[step.to].values.pixel = shape[0];
        }
        if plan.leads_to_shares(isa, &step, &readers) {
            let StepOp::Windowed { layer, kind, .. } = step.op else { continue };
            plan.by_shares[layer] = true;
            let is_up = kind == Kind::Up;
            let place = &mut plan.places[if is_up { step.to } else { step.from[0] }];
            let plain = Map::image(place.shape, place.shape[0]);
            place.gradient = plain;
            if is_up {
                place.values = plain;
            }
        }
    }
    unify(&mut plan);
    for step in plan.steps.clone() {
        plan.add_borders(&step);
    }
    unify(&mut plan);
    plan
}

/// Checks that no image needs a map, and no layer packed weights, that no machine has: borders and registers that are filled up add to
/// what a [`Spec`](crate::Spec) says.
///
/// # Errors
/// The name of the layer, or none for a map.
pub(super) fn check_sizes(plan: &Plan) -> Result<(), PlanError> {
    let wrong =
        |value: &str| PlanError { value: value.to_owned(), reason: "needs more memory than there may be".to_owned() };
    let product = |factors: &[usize]| {
        let product = factors.iter().try_fold(1_usize, |product, &factor| product.checked_mul(factor));
        product.filter(|product| *product <= MOST)
    };
    for map in plan.places.iter().flat_map(|place| [place.values, place.gradient]) {
        let way = |way: usize| map.before[way] + map.size[way] + map.after[way];
        product(&[way(0), way(1), map.pixel]).ok_or_else(|| wrong("a map with its border"))?;
    }
    for step in &plan.steps {
        let StepOp::Windowed { layer, kind, window } = step.op else { continue };
        let [input, output] = [step.from[0], step.to].map(|place| plan.places[place].gradient.pixel);
        // A weight of a group reaches few channels of the result: 32 where a part has several groups.
        let reached = match kind {
            Kind::Down | Kind::Up => output,
            Kind::Depthwise => 1,
            Kind::Grouped(groups) => (output / groups).max(32),
        };
        product(&[window.size[0], window.size[1], input, reached]).ok_or_else(|| wrong(&plan.layers[layer]))?;
    }
    Ok(())
}

/// Gives maps that are read together the same layout: the values behind a ReLU and their gradient, which are compared element by
/// element, and what is added to a layer's result and that result.
fn unify(plan: &mut Plan) {
    loop {
        let before = plan.places.clone();
        for place in plan.places.iter_mut().filter(|place| place.then == Then::Relu) {
            let map = both(place.values, place.gradient);
            (place.values, place.gradient) = (map, map);
        }
        for step in &plan.steps {
            if let (StepOp::Windowed { .. }, [_, other]) = (&step.op, &step.from[..]) {
                let map = both(plan.places[*other].values, plan.places[step.to].values);
                plan.places[*other].values = map;
                plan.places[step.to].values = map;
            }
        }
        if plan.places == before {
            return;
        }
    }
}

fn both(a: Map, b: Map) -> Map {
    Map { pixel: a.pixel.max(b.pixel), ..a.bordered(b.before, b.after) }
}

impl Plan {
    /// Whether the pixels of an image of few channels lie close together: an input, and what prepares it for the first layer. Nobody
    /// reads or writes them a register at a time.
    fn is_close(&self, step: &Step, readers: &[Vec<usize>]) -> bool {
        let is_depthwise =
            |&step: &usize| matches!(self.steps[step].op, StepOp::Windowed { kind: Kind::Depthwise, .. });
        let is_narrow = |place: usize| self.places[place].values.pixel == self.places[place].shape[0];
        let is_constant = |place: usize| matches!(self.writer(place).op, StepOp::Constant(_));
        let prepares = match (&step.op, &step.from[..]) {
            (StepOp::Take(_), _) => true,
            (StepOp::Function(_) | StepOp::Scale(_), &[from]) => is_narrow(from),
            (StepOp::Pairwise(_), &[a, b]) => is_narrow(a) && is_constant(b) || is_constant(a) && is_narrow(b),
            _ => false,
        };
        prepares && !readers[step.to].iter().any(is_depthwise)
    }

    /// Whether a layer's way up leads to a map of few channels, of which nothing is asked but the sums themselves: the gradient of an
    /// input, or values that the network gives.
    fn leads_to_shares(&self, isa: Isa, step: &Step, readers: &[Vec<usize>]) -> bool {
        let StepOp::Windowed { kind, .. } = step.op else { return false };
        let plain = |place: &Place| Map::image(place.shape, place.shape[0]);
        let [from, to] = [step.from[0], step.to];
        let (is_free, maps) = match kind {
            Kind::Down => {
                let place = &self.places[from];
                let is_image = match self.writer(from).op {
                    StepOp::Take(_) => true,
                    _ => self.is_close(self.writer(from), readers) && place.then != Then::Relu,
                };
                (is_image && readers[from].len() == 1, [plain(place), self.places[to].gradient])
            }
            Kind::Up => {
                let given = readers[to].iter().all(|&reader| matches!(self.steps[reader].op, StepOp::Give(_)));
                let place = &self.places[to];
                (given && place.then != Then::Relu && step.from.len() == 1, [self.places[from].values, plain(place)])
            }
            Kind::Depthwise | Kind::Grouped(_) => return false,
        };
        is_free && step.op.windows(maps[0], maps[1]).is_some_and(|windows| shares_know(isa, windows))
    }

    /// Gives the maps that a layer reads the borders that it reaches, by whatever algorithm: tiles end where windows do.
    fn add_borders(&mut self, step: &Step) {
        let StepOp::Windowed { layer, kind, .. } = step.op else { return };
        // Groups are copied to maps of their own.
        if matches!(kind, Kind::Grouped(_)) {
            return;
        }
        let is_up = kind == Kind::Up;
        let [input, output] = [self.places[step.from[0]], self.places[step.to]];
        let forward = step.op.windows(input.values, output.values);
        let back = step.op.windows(input.gradient, output.gradient);
        let (Some(forward), Some(back)) = (forward, back) else { return };
        let [down, up] = if is_up { [back, forward] } else { [forward, back] };
        let reach = [0, 1].map(|way| down.reach(way));
        let (place, is_gradient) = if is_up { (step.to, true) } else { (step.from[0], false) };
        self.border(place, is_gradient, reach);
        if !self.by_shares[layer] {
            let reach = [0, 1].map(|way| up.reach_up(way));
            let (place, is_gradient) = if is_up { (step.from[0], false) } else { (step.to, true) };
            self.border(place, is_gradient, reach);
        }
    }

    fn border(&mut self, place: usize, is_gradient: bool, reach: [[usize; 2]; 2]) {
        let place = &mut self.places[place];
        let map = if is_gradient { &mut place.gradient } else { &mut place.values };
        *map = map.bordered(reach.map(|way| way[0]), reach.map(|way| way[1]));
    }
}
