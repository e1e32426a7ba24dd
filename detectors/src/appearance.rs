//! [`Appearance`]: what an image looks like at a glance, beside clean ones: four numbers in their standard deviations.
//!
//! Of pixels in [0, 1]: *brightness* is their mean, *background* the value that a tenth of them lies below, *contrast* their standard deviation, *edges* the mean
//! absolute difference of neighbours in a row or column. No detector scores by them: they say in which way images that are unlike clean ones differ.

use candle_core::Tensor;

use crate::moments::moments;
use crate::{Error, Fit, Perception};

/// How many numbers.
pub(crate) const LOOKS: usize = 4;
/// The share of pixels that is darker than the background.
const DARKER: f64 = 0.1;
/// A deviation of clean images counts at least as much: a level of an 8-bit pixel.
const LEVEL: f64 = 1.0 / 255.0;
const LOOK: &str = "look";

/// Mean and deviation of each number over clean images.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Appearance([[f32; 2]; LOOKS]);

impl Appearance {
    /// What the numbers are called.
    pub(crate) const NAMES: [&str; LOOKS] = ["brightness", "background", "contrast", "edges"];

    /// Learned from batches of clean images.
    pub(crate) fn learn<'a>(batches: impl Iterator<Item = &'a Perception<'a>>) -> Result<Self, Error> {
        let mut looks = Vec::new();
        for seen in batches {
            looks.extend(looks_of(seen)?);
        }
        Ok(Self(std::array::from_fn(|i| {
            let (mean, deviation) = moments(looks.iter().map(|look| look[i]));
            let is_alike = looks.iter().all(|look| look[i] == looks[0][i]);
            [mean as f32, if is_alike { LEVEL } else { deviation.max(LEVEL) } as f32]
        })))
    }

    /// From its fit.
    pub(crate) fn new(fit: &Fit) -> Result<Self, Error> {
        let shape = [LOOKS, 2];
        let values = fit.values(LOOK, &shape)?;
        if values.chunks(2).any(|pair| pair[1] <= 0.0) {
            let found = "holds a deviation that is not above 0".to_owned();
            return Err(Error::Fit { name: LOOK.to_owned(), found, expected: shape.to_vec() });
        }
        Ok(Self(std::array::from_fn(|i| [values[2 * i], values[2 * i + 1]])))
    }

    pub(crate) fn fit(&self) -> Fit {
        Fit::default().with(LOOK, vec![LOOKS, 2], self.0.concat())
    }

    /// Of every image, how many deviations each number lies above that of clean images.
    pub(crate) fn of(&self, perception: &Perception) -> Result<Vec<[f32; LOOKS]>, Error> {
        let above = |look: [f64; LOOKS]| {
            let above = |i: usize| (look[i] - f64::from(self.0[i][0])) / f64::from(self.0[i][1]);
            std::array::from_fn(|i| above(i) as f32)
        };
        Ok(looks_of(perception)?.into_iter().map(above).collect())
    }
}

fn looks_of(perception: &Perception) -> Result<Vec<[f64; LOOKS]>, Error> {
    let bounds = perception.subject().bounds();
    let read = |x: &Tensor| x.flatten_from(1)?.to_vec2::<f32>();
    let images = read(perception.x()).map_err(Error::model("read the images"))?;
    let unit = |pixel: f32| f64::from(pixel - bounds.min) / f64::from(bounds.max - bounds.min);
    let dims = perception.x().dims();
    let width = dims[dims.len() - 1];
    let height = if dims.len() > 2 { dims[dims.len() - 2] } else { 1 };
    Ok(images.into_iter().map(|pixels| look(pixels.into_iter().map(unit).collect(), height, width)).collect())
}

/// Of planes of `height` rows of `width` pixels, one after the other.
fn look(pixels: Vec<f64>, height: usize, width: usize) -> [f64; LOOKS] {
    let count = pixels.len() as f64;
    let mean = pixels.iter().sum::<f64>() / count;
    let contrast = (pixels.iter().map(|pixel| (pixel - mean).powi(2)).sum::<f64>() / count).sqrt();
    let (mut differences, mut pairs) = (0.0, 0.0);
    for (i, pixel) in pixels.iter().enumerate() {
        for (is_inside, next) in [((i + 1) % width != 0, i + 1), (!(i / width + 1).is_multiple_of(height), i + width)] {
            if is_inside {
                differences += (pixels[next] - pixel).abs();
                pairs += 1.0;
            }
        }
    }
    let edges = if pairs > 0.0 { differences / pairs } else { 0.0 };
    let mut pixels = pixels;
    let background = *pixels.select_nth_unstable_by((DARKER * count) as usize, f64::total_cmp).1;
    [mean, background, contrast, edges]
}

#[cfg(test)]
mod tests {
    use super::look;

    #[test]
    fn two_planes_of_two_rows_by_hand() {
        // The first plane differs by 0.2 and 0.4 in its rows and by 0.4 and 0.6 in its columns, the second nowhere.
        let pixels = vec![0.0, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 1.0];
        let [brightness, background, contrast, edges] = look(pixels, 2, 2);
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}, {expected}");
        close(brightness, 0.675);
        close(background, 0.0);
        close(contrast, ((0.455_625 + 0.225_625 + 0.075_625 + 0.015_625 + 4.0 * 0.105_625) / 8.0_f64).sqrt());
        close(edges, (0.2 + 0.4 + 0.4 + 0.6) / 8.0);
    }
}
