//! From a [`Spec`] to its [`Plan`].

use super::builder::{Builder, Value};
use super::maps::{check_sizes, lay_out};
use super::nodes::plan_node;
use super::plan::{Plan, PlanError, Step, StepOp};
use super::way_back::way_back;
use crate::kernels::simd::Isa;
use crate::spec::Spec;

impl Plan {
    /// The plan of a network.
    ///
    /// # Errors
    /// [`PlanError`] of the first value that cannot be, or that the kernels do not compute.
    pub(super) fn of(isa: Isa, spec: &Spec) -> Result<Self, PlanError> {
        let mut builder = Builder::new(spec)?;
        for number in 0..spec.inputs.len() {
            let shape = builder.shape_of(number);
            let place = builder.push(StepOp::Take(number), Vec::new(), shape);
            let is_sole = builder.is_sole(number);
            builder.values.push(Value { place, is_sole });
        }
        for number in 0..spec.nodes.len() {
            let value = plan_node(&mut builder, number)?;
            builder.values.push(value);
        }
        let mut outputs = Vec::new();
        for (number, output) in spec.outputs.iter().enumerate() {
            let Some(value) = builder.number(output) else { continue };
            outputs.push(builder.shapes[value].iter().product());
            let from = builder.values[value].place;
            builder.steps.push(Step { op: StepOp::Give(number), from: vec![from], to: from });
        }
        let Builder { steps, places, writers, layers, values, plain, .. } = builder;
        let plan = Self {
            inputs: spec.inputs.iter().map(|input| input.shape.iter().product()).collect(),
            back: way_back(&steps, places.len()),
            by_shares: vec![false; layers.len()],
            steps,
            places,
            writers,
            outputs,
            layers,
            plain,
        };
        if let Some(place) = plan.readers().iter().position(Vec::is_empty) {
            let name = values.iter().zip(spec.names()).find(|(value, _)| value.place == place).map(|(_, name)| name);
            let value = name.unwrap_or_default().to_owned();
            return Err(PlanError { value, reason: "a value that leads nowhere".to_owned() });
        }
        let plan = lay_out(isa, plan);
        check_sizes(&plan)?;
        Ok(plan)
    }
}
