//! Non-local means: each pixel becomes the mean of the pixels around it, weighted by how alike their patches are.
//!
//! Buades, Coll and Morel, "A non-local algorithm for image denoising", CVPR 2005, as OpenCV's `fastNlMeansDenoising` and
//! `fastNlMeansDenoisingColored` have it, which the authors of feature squeezing used: on bytes, of colours the lightness apart from the other
//! two, with their search window of 11x11 and patches of 3x3. Planes that are not red, green and blue are each a grey image.
//!
//! `patches` compares patches, `means` averages, `adjoint` hands gradients back, and [`Denoise`] is both as a recorded operation.

mod adjoint;
mod means;
mod operation;
mod patches;

pub(crate) use operation::Denoise;
