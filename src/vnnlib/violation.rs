//! [`Violation`]: a case of an instance as a model of two classes, so that every attack can look for a violation.
//!
//! The model's input `u` in [0, 1] is a place in the box, `x = low + u (high - low)`; its logits are 0 and how far the comparisons of outputs
//! are met, the least of them. So it says class 1 exactly where all of them hold, and an attack that makes it say so from class 0 has
//! found an input that violates the property.

use candle_core::{Result, Tensor};
use robust_attacks::{Bounds, Model, Signature};

use super::instance::Case;

/// A network in front of a box of inputs.
pub struct Violation<'a> {
    network: &'a dyn Model,
    case: &'a Case,
    low: Tensor,
    width: Tensor,
}

impl<'a> Violation<'a> {
    /// The case, asked of a network that takes its inputs as an image, row by row.
    ///
    /// # Errors
    /// The network takes other inputs or gives other outputs.
    pub fn new(network: &'a dyn Model, case: &'a Case, device: &candle_core::Device) -> Result<Self> {
        let signature = network.signature();
        let (pixels, classes) = (signature.shape.pixels(), signature.classes);
        if case.low.len() != pixels {
            candle_core::bail!("the instance has {} inputs, and the network takes {pixels}", case.low.len());
        }
        if let Some((output, _)) =
            case.outputs.iter().flat_map(|(factors, _)| factors).find(|(output, _)| *output >= classes)
        {
            candle_core::bail!("the instance compares Y_{output}, and the network has {classes} outputs");
        }
        let shape = (1, signature.shape.channels, signature.shape.height, signature.shape.width);
        let tensor = |values: Vec<f32>| Tensor::from_vec(values, shape, device);
        let low = tensor(case.low.iter().map(|&low| low as f32).collect())?;
        let width = tensor(case.low.iter().zip(&case.high).map(|(low, high)| (high - low) as f32).collect())?;
        Ok(Self { network, case, low, width })
    }

    /// The inputs of the network at places `u` `(B, C, H, W)` of the box.
    ///
    /// # Errors
    /// Whatever candle reports.
    pub fn inputs(&self, u: &Tensor) -> Result<Tensor> {
        u.broadcast_mul(&self.width)?.broadcast_add(&self.low)
    }
}

impl Model for Violation<'_> {
    fn signature(&self) -> Signature {
        Signature { classes: 2, bounds: Bounds::UNIT, ..self.network.signature() }
    }

    fn logits(&self, u: &Tensor) -> Result<Tensor> {
        let outputs = self.network.logits(&self.inputs(u)?)?;
        let met = |(factors, constant): &(Vec<(usize, f64)>, f64)| {
            let zero = outputs.narrow(1, 0, 1)?.zeros_like()?;
            let sum =
                factors.iter().try_fold(zero, |sum, &(output, factor)| sum + (outputs.narrow(1, output, 1)? * factor)?);
            (sum? + *constant)?.neg()
        };
        let each = self.case.outputs.iter().map(met).collect::<Result<Vec<_>>>()?;
        let least = Tensor::cat(&each, 1)?.min_keepdim(1)?;
        Tensor::cat(&[least.zeros_like()?, least], 1)
    }
}
