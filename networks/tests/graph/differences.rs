//! The gradients of candle's graph of a network against differences of what it computes, in double precision.

use candle_core::{DType, Device, Result, Tensor, Var};
use rand::Rng;
use robust_attacks::random::stream;
use robust_networks::{Graph, Input, Layout, Slot, Spec};

/// Images of a batch.
const BATCH: usize = 2;
/// How far a number is moved to either side.
const STEP: f64 = 1e-6;

fn variable(shape: &[usize], bound: f64, rng: &mut impl Rng) -> Result<Var> {
    let values: Vec<f64> = (0..shape.iter().product()).map(|_| rng.random_range(-bound..bound)).collect();
    Var::from_vec(values, shape, &Device::Cpu)
}

/// The sum of all outputs, each element with a weight of its own.
fn loss(graph: &Graph, inputs: &[Var]) -> Result<Tensor> {
    let mut sum = Tensor::zeros((), DType::F64, &Device::Cpu)?;
    for output in graph.run(&inputs.iter().map(Var::as_tensor).collect::<Vec<_>>())? {
        let output = output.flatten_all()?;
        let weights = (Tensor::arange(0.0, output.elem_count() as f64, &Device::Cpu)? * 0.7)?.sin()?;
        sum = (sum + (output * weights)?.sum_all()?)?;
    }
    Ok(sum)
}

/// Compares the slopes of some elements of every parameter and every input with differences of the loss.
pub(crate) fn check(spec: &Spec, name: &str) -> Result<()> {
    let mut rng = stream(1, name, &[]);
    let layout = Layout::of(&[spec]);
    let parameter = |slot: &Slot| variable(&slot.shape, (2.0 / slot.fan_in as f64).sqrt(), &mut rng);
    let parameters = layout.tensors().iter().map(parameter).collect::<Result<Vec<_>>>()?;
    let graph = Graph::new(spec, &parameters.iter().map(|var| var.as_tensor().clone()).collect::<Vec<_>>())?;
    let input = |input: &Input| variable(&[&[BATCH], &input.shape[..]].concat(), 1.0, &mut rng);
    let inputs = spec.inputs.iter().map(input).collect::<Result<Vec<_>>>()?;
    let gradients = loss(&graph, &inputs)?.backward()?;

    let names = layout.tensors().iter().map(|slot| &slot.name).chain(spec.inputs.iter().map(|input| &input.name));
    for (of, var) in names.zip(parameters.iter().chain(&inputs)) {
        let Some(slopes) = gradients.get(var) else { candle_core::bail!("{name}: no gradient reached {of}") };
        let slopes: Vec<f64> = slopes.flatten_all()?.to_vec1()?;
        let values: Vec<f64> = var.flatten_all()?.to_vec1()?;
        let largest = slopes.iter().fold(0.0_f64, |most, slope| most.max(slope.abs()));
        assert!(largest > 0.0, "{name}: {of} is without effect");
        for at in (0..4).map(|_| rng.random_range(0..values.len())) {
            let moved = |by: f64| {
                let mut values = values.clone();
                values[at] += by;
                var.set(&Tensor::from_vec(values, var.shape(), &Device::Cpu)?)?;
                loss(&graph, &inputs)?.to_scalar::<f64>()
            };
            let difference = (moved(STEP)? - moved(-STEP)?) / (2.0 * STEP);
            moved(0.0)?;
            let slope = slopes[at];
            assert!((slope - difference).abs() <= 1e-6 * largest.max(1.0), "{name}: {of}[{at}]: {slope}, {difference}");
        }
    }
    Ok(())
}
