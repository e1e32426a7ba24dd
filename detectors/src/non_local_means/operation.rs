//! [`Denoise`]: images without their noise at several strengths, as a recorded operation.

use candle_core::{CpuStorage, CustomOp1, Device, Layout, Result, Shape, Tensor};
use robust_attacks::Bounds;

use super::adjoint::adjoint;
use super::means::denoised;

/// From images `(B, C, H, W)` to as many for each strength, one strength after the other: `(S B, C, H, W)`.
pub(crate) struct Denoise<const S: usize> {
    /// Height and width.
    pub(crate) size: [usize; 2],
    pub(crate) bounds: Bounds,
    pub(crate) strengths: [f32; S],
}

impl<const S: usize> Denoise<S> {
    /// How many pixels an image of a batch has, all channels together.
    fn image(&self, batch: &Shape) -> Result<usize> {
        let [height, width] = self.size;
        match batch.dims() {
            [_, image @ ..] if height * width > 0 && image.iter().product::<usize>().is_multiple_of(height * width) => {
                Ok(image.iter().product::<usize>().max(1))
            }
            _ => candle_core::bail!("found images of shape {batch:?}, expected planes of {height}x{width} to denoise"),
        }
    }

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
        let pixels = &storage.as_slice::<f32>()?[start..end];
        let (mut dims, each) = (layout.dims().to_vec(), self.image(layout.shape())?);
        let mut found = [(); S].map(|()| Vec::with_capacity(pixels.len()));
        for image in pixels.chunks_exact(each) {
            let strengths = denoised(image, self.size, self.bounds, self.strengths);
            found.iter_mut().zip(strengths).for_each(|(all, one)| all.extend(one));
        }
        dims[0] *= S;
        Ok((CpuStorage::F32(found.concat()), dims.into()))
    }

    fn bwd(&self, x: &Tensor, denoised: &Tensor, gradients: &Tensor) -> Result<Option<Tensor>> {
        let values = |tensor: &Tensor| tensor.flatten_all()?.to_vec1::<f32>();
        let (pixels, denoised, gradients) = (values(x)?, values(denoised)?, values(gradients)?);
        let each = self.image(x.shape())?;
        let of = |(image, one): (usize, &[f32])| {
            let own = |strength: usize| strength * pixels.len() + image * each;
            let denoised = std::array::from_fn(|strength| &denoised[own(strength)..][..each]);
            let gradients = std::array::from_fn(|strength| &gradients[own(strength)..][..each]);
            adjoint(one, self.size, self.bounds, self.strengths, denoised, gradients)
        };
        let found: Vec<f32> = pixels.chunks_exact(each).enumerate().flat_map(of).collect();
        Ok(Some(Tensor::from_vec(found, x.shape(), x.device())?))
    }
}
