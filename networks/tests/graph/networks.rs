//! Networks of other shapes than the paper's, on candle's graph: their gradient, and the network as a model.

use candle_core::{Device, Result, Tensor};
use robust_attacks::{ClassConditional, Model};
use robust_networks::{Parameters, StyleMemory, StyleMemorySpec};

use super::differences;

#[test]
fn gradients_are_those_of_finite_differences() -> Result<()> {
    // Small, halved to odd sides, and not square.
    for input in [[3, 8, 8], [1, 9, 6], [2, 18, 13]] {
        let spec = StyleMemorySpec::new(input, 4);
        differences::check(&spec.encoder(), &format!("encoder of {input:?}"))?;
        differences::check(&spec.decoder(), &format!("decoder of {input:?}"))?;
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
