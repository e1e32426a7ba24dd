//! [`Denoise`]: images without their noise as a recorded operation: [non-local means](crate::non_local_means) at several strengths.
//!
//! An attacker who knows it takes the weights for constants (BPDA, Athalye, Carlini and Wagner 2018, section 4.1): the gradient of a mean is handed on to
//! the pixels that it is the mean of. The weights' own slopes, and the rounding to bytes, lead nowhere.

use candle_core::{CpuStorage, CustomOp1, Device, Layout, Result, Shape, Tensor};
use robust_attacks::Bounds;

use crate::non_local_means::{denoised, gradient};

/// From images `(B, C, H, W)` to as many for each strength, one strength after the other: `(S B, C, H, W)`.
pub(crate) struct Denoise<const S: usize> {
    /// Height and width.
    pub(crate) size: [usize; 2],
    pub(crate) bounds: Bounds,
    pub(crate) strengths: [f32; S],
}

impl<const S: usize> Denoise<S> {
    /// The images without their noise; it works on the host.
    pub(crate) fn of(self, x: &Tensor) -> Result<Tensor>
    where
        Self: Send + Sync + 'static,
    {
        x.to_device(&Device::Cpu)?.contiguous()?.apply_op1(self)?.to_device(x.device())
    }
}

impl<const S: usize> CustomOp1 for Denoise<S> {
    fn name(&self) -> &'static str {
        "denoise"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let Some((start, end)) = layout.contiguous_offsets() else {
            candle_core::bail!("denoising needs contiguous images")
        };
        let mut dims = layout.dims().to_vec();
        let pixels = &storage.as_slice::<f32>()?[start..end];
        let mut found = [(); S].map(|()| Vec::with_capacity(pixels.len()));
        for image in pixels.chunks_exact((pixels.len() / dims[0].max(1)).max(1)) {
            found
                .iter_mut()
                .zip(denoised(image, self.size, self.bounds, self.strengths))
                .for_each(|(all, one)| all.extend(one));
        }
        dims[0] *= S;
        Ok((CpuStorage::F32(found.concat()), dims.into()))
    }

    fn bwd(&self, x: &Tensor, _denoised: &Tensor, gradients: &Tensor) -> Result<Option<Tensor>> {
        let (pixels, gradients) = (x.flatten_all()?.to_vec1::<f32>()?, gradients.flatten_all()?.to_vec1::<f32>()?);
        let each = (pixels.len() / x.dim(0)?.max(1)).max(1);
        let of = |(image, one): (usize, &[f32])| {
            let own = std::array::from_fn(|strength| &gradients[strength * pixels.len() + image * each..][..each]);
            gradient(one, self.size, self.bounds, self.strengths, own)
        };
        let found: Vec<f32> = pixels.chunks_exact(each).enumerate().flat_map(of).collect();
        Ok(Some(Tensor::from_vec(found, x.shape(), x.device())?))
    }
}
