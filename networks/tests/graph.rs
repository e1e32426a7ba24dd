//! Networks of other shapes than the paper's, on candle's graph: their gradient, and the network as a model.

use candle_core::{DType, Device, Result, Tensor, Var};
use rand::Rng;
use robust_attacks::random::stream;
use robust_attacks::{ClassConditional, Model};
use robust_networks::{Graph, Layout, Parameters, Spec, StyleMemory, StyleMemorySpec};

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
fn check(spec: &Spec, name: &str) -> Result<()> {
    let mut rng = stream(1, name, &[]);
    let layout = Layout::of(&[spec]);
    let parameter = |slot: &robust_networks::Slot| variable(&slot.shape, (2.0 / slot.fan_in as f64).sqrt(), &mut rng);
    let parameters = layout.tensors().iter().map(parameter).collect::<Result<Vec<_>>>()?;
    let graph = Graph::new(spec, &parameters.iter().map(|var| var.as_tensor().clone()).collect::<Vec<_>>())?;
    let input = |input: &robust_networks::Input| variable(&[&[BATCH], &input.shape[..]].concat(), 1.0, &mut rng);
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

#[test]
fn gradients_are_those_of_finite_differences() -> Result<()> {
    // Small, halved to odd sides, and not square.
    for input in [[3, 8, 8], [1, 9, 6], [2, 18, 13]] {
        let spec = StyleMemorySpec::new(input, 4);
        check(&spec.encoder(), &format!("encoder of {input:?}"))?;
        check(&spec.decoder(), &format!("decoder of {input:?}"))?;
    }
    Ok(())
}

#[test]
fn a_network_of_another_shape_classifies_and_draws() -> Result<()> {
    let spec = StyleMemorySpec::new([3, 8, 8], 4);
    let network = StyleMemory::new(&Parameters::random(spec, 1), &Device::Cpu)?;
    let x = (Tensor::arange(0_f32, 384.0, &Device::Cpu)?.reshape((2, 3, 8, 8))? / 384.0)?;
    let code = network.encode(&x)?;
    assert_eq!((code.logits.dims(), code.style.dims()), (&[2, 4][..], &[2, 64][..]));
    assert_eq!(network.decode(&code.logits, &code.style)?.dims(), [2, 3, 8, 8]);
    assert_eq!(network.class_errors(&x, &code.style)?.dims(), [2, 4]);
    let gradient = network.loss_gradient(&x, &|logits| logits.get_on_dim(1, 0))?.gradient;
    assert!(gradient.dims() == x.dims() && gradient.sqr()?.sum_all()?.to_scalar::<f32>()? > 0.0);
    let message = network.logits(&x.narrow(1, 0, 1)?).unwrap_err().to_string();
    assert!(message.contains("images have shape [2, 1, 8, 8], expected (B, 3, 8, 8)"), "{message}");
    Ok(())
}
