//! Images made fit for whoever asks for them: resized, cropped, in as many channels, and of the size that was asked for.

use std::path::Path;

use crate::{Error, FitError, ImageShape, Sizing, level::Level, memory, resample::Resampler, shape::MAX_SIDE};

/// What is done to images on their way in, and the shape that must come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Fit {
    pub(crate) sizing: Sizing,
    /// The shape that is asked for; without one any shape will do.
    pub(crate) shape: Option<ImageShape>,
}

impl Fit {
    /// Brings whole images of `shape` to the size and the shape that are asked for. `path` is where they come from.
    ///
    /// # Errors
    /// [`FitError::Crop`], [`FitError::Long`] and [`FitError::Shape`], before anything is resized; [`Error::Memory`].
    pub(crate) fn apply<L: Level>(
        &self,
        shape: ImageShape,
        images: Vec<L>,
        path: &Path,
    ) -> Result<(ImageShape, Vec<L>), Error> {
        let [resized, cropped] = self.sizes(shape, path)?;
        let expected = self.shape.unwrap_or(cropped);
        let has_size = [cropped.height, cropped.width] == [expected.height, expected.width];
        let is_convertible = matches!((shape.channels, expected.channels), (1, 3) | (3, 1));
        if !has_size || (shape.channels != expected.channels && !is_convertible) {
            return Err(FitError::Shape { path: path.to_owned(), found: cropped, expected }.into());
        }
        if resized != shape {
            let count = images.len() / shape.values();
            memory::check(path, count, count.saturating_mul(resized.values() * size_of::<L>()))?;
        }
        let (shape, images) = self.size(shape, images, path)?;
        Ok(match (shape.channels, expected.channels) {
            (1, 3) => (expected, coloured(expected, &images)),
            (3, 1) => (expected, greyed(shape, &images)),
            _ => (shape, images),
        })
    }

    /// The shapes behind resizing, and behind cropping after that.
    fn sizes(&self, shape: ImageShape, path: &Path) -> Result<[ImageShape; 2], FitError> {
        let mut resized = shape;
        if let Some(resize) = self.sizing.resize {
            let [height, width] = resize.target([shape.height, shape.width]);
            if height.max(width) > MAX_SIDE {
                return Err(FitError::Long { path: path.to_owned(), found: shape, width, height });
            }
            (resized.height, resized.width) = (height, width);
        }
        let mut cropped = resized;
        if let Some(crop) = self.sizing.crop {
            if crop.0 > resized.height.min(resized.width) {
                return Err(FitError::Crop { path: path.to_owned(), found: resized, crop });
            }
            (cropped.height, cropped.width) = (crop.0, crop.0);
        }
        Ok([resized, cropped])
    }

    /// Resizes and crops.
    ///
    /// # Errors
    /// [`FitError::Crop`] and [`FitError::Long`].
    pub(crate) fn size<L: Level>(
        &self,
        shape: ImageShape,
        mut images: Vec<L>,
        path: &Path,
    ) -> Result<(ImageShape, Vec<L>), FitError> {
        let [resized, cropped] = self.sizes(shape, path)?;
        let plane = |shape: ImageShape| shape.height * shape.width;
        if resized != shape {
            let resampler = Resampler::new([shape.height, shape.width], [resized.height, resized.width]);
            let mut larger = Vec::with_capacity(images.len() / plane(shape) * plane(resized));
            images.chunks_exact(plane(shape)).for_each(|plane| resampler.append(plane, &mut larger));
            images = larger;
        }
        if let Some(crop) = self.sizing.crop {
            let (top, left) = (crop.start(resized.height), crop.start(resized.width));
            let rows = |plane: &'_ [L]| {
                let rows = plane.chunks_exact(resized.width).skip(top).take(crop.0);
                rows.flat_map(|row| &row[left..left + crop.0]).copied().collect::<Vec<_>>()
            };
            images = images.chunks_exact(plane(resized)).flat_map(rows).collect();
        }
        Ok((cropped, images))
    }
}

/// Grey images as images in colour: each plane three times.
pub(crate) fn coloured<L: Level>(shape: ImageShape, grey: &[L]) -> Vec<L> {
    let plane = shape.height * shape.width;
    let mut colour = Vec::with_capacity(grey.len() * 3);
    grey.chunks_exact(plane).for_each(|grey| (0..3).for_each(|_| colour.extend_from_slice(grey)));
    colour
}

/// Images in colour as grey ones: their luma.
pub(crate) fn greyed<L: Level>(shape: ImageShape, colour: &[L]) -> Vec<L> {
    let plane = shape.height * shape.width;
    let grey = |image: &[L]| {
        let at = |pixel: usize| L::luma(image[pixel], image[plane + pixel], image[2 * plane + pixel]);
        (0..plane).map(at).collect::<Vec<_>>()
    };
    colour.chunks_exact(3 * plane).flat_map(grey).collect()
}

/// Turns images whose channels lie side by side, pixel by pixel, into planes, in place.
pub(crate) fn planes<L: Level>(shape: ImageShape, images: &mut [L]) {
    let channels = shape.channels;
    if channels == 1 {
        return;
    }
    let mut scratch = Vec::with_capacity(shape.values());
    for image in images.chunks_exact_mut(shape.values()) {
        scratch.clear();
        (0..channels).for_each(|channel| scratch.extend(image.iter().skip(channel).step_by(channels)));
        image.copy_from_slice(&scratch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Crop, Resize};

    fn shape(channels: usize, height: usize, width: usize) -> ImageShape {
        ImageShape { channels, height, width }
    }

    #[test]
    fn channels_become_those_that_are_asked_for() {
        let path = Path::new("a");
        let to = |channels| Fit { shape: Some(shape(channels, 1, 2)), ..Fit::default() };
        assert_eq!(to(3).apply(shape(1, 1, 2), vec![1_u8, 2], path).unwrap().1, [1, 2, 1, 2, 1, 2]);
        let colour = vec![255_u8, 0, 0, 255, 0, 0];
        assert_eq!(to(1).apply(shape(3, 1, 2), colour, path).unwrap().1, [76, 150]);
        let message = to(3).apply(shape(5, 1, 2), vec![0_u8; 10], path).unwrap_err().to_string();
        assert_eq!(
            message,
            "a holds images of 2x1 pixels in 5 channels, expected 2x1 pixels in 3 channels: convert them first"
        );
        let message = to(3).apply(shape(1, 2, 2), vec![0_u8; 4], path).unwrap_err().to_string();
        let expected =
            "a holds images of 2x2 pixels in 1 channel, expected 2x1 pixels in 3 channels: give --resize 2x1";
        assert_eq!(message, expected);
    }

    #[test]
    fn pixels_become_planes() {
        let mut images = vec![1_u8, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        planes(shape(3, 1, 2), &mut images);
        assert_eq!(images, [1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12]);
    }

    #[test]
    fn a_crop_is_the_centre_and_never_larger_than_the_image() {
        let path = Path::new("a");
        let fit = |resize, crop| Fit { sizing: Sizing { resize, crop: Some(Crop(crop)) }, shape: None };
        let image: Vec<u8> = (0..20).collect();
        assert_eq!(
            fit(None, 2).apply(shape(1, 4, 5), image.clone(), path).unwrap(),
            (shape(1, 2, 2), vec![7, 8, 12, 13])
        );
        let message = fit(None, 5).apply(shape(1, 4, 5), image.clone(), path).unwrap_err().to_string();
        assert!(message.starts_with("a: --crop 5 is larger than its 5x4 pixels"), "{message}");
        let message = fit(Some(Resize::Short(16_384)), 2).apply(shape(1, 4, 5), image, path).unwrap_err().to_string();
        assert!(message.contains("20480x16384 pixels"), "{message}");
    }

    #[test]
    fn images_of_another_size_are_refused_before_they_are_resized() {
        let sizing = Sizing { resize: Some(Resize::Short(16_384)), crop: None };
        let image = vec![0_u8; 100_000 * 4];
        let message = Fit { sizing, shape: Some(shape(1, 2, 2)) }.apply(shape(1, 2, 2), image.clone(), Path::new("a"));
        assert!(message.unwrap_err().to_string().starts_with("a holds images of 16384x16384 pixels, expected 2x2"));
        #[cfg(target_os = "linux")]
        {
            let message = Fit { sizing, shape: None }.apply(shape(1, 2, 2), image, Path::new("a"));
            assert!(message.unwrap_err().to_string().starts_with("a holds 100000 images, which take 26843545 MB"));
        }
    }
}
