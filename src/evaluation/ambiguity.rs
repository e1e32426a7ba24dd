//! The set `ambiguous`: images that no single label explains, the other half of what style memory was made to notice (Wiyatno
//! and Orchard 2018).
//!
//! Each image is blended pixel by pixel with another of the chosen images, of another class: `w x + (1 - w) x'`. The partner is
//! drawn uniformly from all images of other classes, the weight `w` uniformly from [0.35, 0.65], both from a stream of the seed
//! and the image's index: so a blend depends on which images were chosen, and not on how they are batched. It has no label.

use anyhow::{Result, bail};
use candle_core::{Device, Tensor};
use rand::Rng;
use robust_attacks::random::stream;
use robust_data::Split;

use super::shard::Shard;

/// Of the random numbers.
const STREAM: &str = "ambiguous";
/// The least weight of either image.
const LEAST_WEIGHT: f32 = 0.35;

/// The images that a blend is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Recipe {
    /// Position of the image itself in the split.
    own: usize,
    /// Position of the partner in the split.
    partner: usize,
    /// Weight of the image itself.
    weight: f32,
}

/// A blend for each of the images of a split.
pub struct Blends<'a> {
    split: &'a Split,
    recipes: Vec<Recipe>,
}

impl<'a> Blends<'a> {
    /// Draws partners and weights; of a shard's images alone, if one is named, whose partners are among all.
    ///
    /// # Errors
    /// All images are of one class.
    pub fn new(split: &'a Split, seed: u64, shard: Option<Shard>) -> Result<Self> {
        let labels = split.labels();
        if labels.iter().all(|label| Some(label) == labels.first()) {
            bail!("the {} images chosen are all of one class, and a blend takes two: choose more", split.len());
        }
        let draw = |own: usize| {
            let (label, index) = (labels[own], split.indices()[own]);
            let mut rng = stream(seed, STREAM, &[index]);
            let partner = loop {
                let partner = rng.random_range(0..labels.len());
                if labels[partner] != label {
                    break partner;
                }
            };
            Recipe { own, partner, weight: rng.random_range(LEAST_WEIGHT..=1.0 - LEAST_WEIGHT) }
        };
        let recipes = match shard {
            Some(shard) => shard.places(split.len()).map(draw).collect(),
            None => (0..split.len()).map(draw).collect(),
        };
        Ok(Self { split, recipes })
    }

    /// The blends at these positions, `(B, C, H, W)` in [0, 1].
    ///
    /// # Errors
    /// Whatever the device reports.
    pub fn tensor(&self, range: std::ops::Range<usize>, device: &Device) -> Result<Tensor> {
        let recipes = &self.recipes[range];
        let positions = |of: fn(&Recipe) -> usize| recipes.iter().map(of).collect::<Vec<usize>>();
        let images = |positions: Vec<usize>| self.split.image_tensor(&positions, device);
        let weights: Vec<f32> = recipes.iter().map(|recipe| recipe.weight).collect();
        let weights = Tensor::from_vec(weights, (recipes.len(), 1, 1, 1), device)?;
        let (own, other) = (images(positions(|recipe| recipe.own))?, images(positions(|recipe| recipe.partner))?);
        // Rounding may lead out of [0, 1] where both are 1.
        let blend = (own.broadcast_mul(&weights)? + other.broadcast_mul(&weights.affine(-1.0, 1.0)?)?)?;
        Ok(blend.clamp(0f32, 1f32)?)
    }
}

#[cfg(test)]
mod tests {
    use robust_data::{Dataset, SplitName};

    use super::*;

    fn digits(offset: usize, limit: usize) -> Split {
        let test = Dataset::open("mnist", None).unwrap().split(SplitName::Test).unwrap();
        test.slice(offset, Some(limit)).unwrap()
    }

    #[test]
    fn blends_are_of_two_classes_in_even_shares_and_drawn_once() {
        let split = digits(0, 300);
        let blends = Blends::new(&split, 1, None).unwrap();
        let labels = split.labels();
        for (position, recipe) in blends.recipes.iter().enumerate() {
            assert_ne!(labels[position], labels[recipe.partner]);
            assert!((0.35..=0.65).contains(&recipe.weight), "{recipe:?}");
        }
        let mean = blends.recipes.iter().map(|recipe| recipe.weight).sum::<f32>() / 300.0;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
        assert_eq!(blends.recipes, Blends::new(&split, 1, None).unwrap().recipes);
        assert_ne!(blends.recipes, Blends::new(&split, 2, None).unwrap().recipes);
        let dealt: Vec<Recipe> = blends.recipes.iter().skip(1).step_by(3).copied().collect();
        assert_eq!(Blends::new(&split, 1, Shard::new(2, 3)).unwrap().recipes, dealt, "partners are among all images");
    }

    #[test]
    fn pixels_are_the_weighted_sum_whatever_the_batch() {
        let (split, device) = (digits(0, 40), Device::Cpu);
        let blends = Blends::new(&split, 1, None).unwrap();
        let pixels = |x: Tensor| x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let all = pixels(blends.tensor(0..40, &device).unwrap());
        for (position, Recipe { partner, weight, .. }) in blends.recipes.iter().enumerate() {
            let [own, other] = [position, *partner].map(|i| pixels(split.image_tensor([i], &device).unwrap()));
            let alone = pixels(blends.tensor(position..position + 1, &device).unwrap());
            assert_eq!(alone, all[position * 784..][..784]);
            for ((own, other), blend) in own.iter().zip(other).zip(alone) {
                assert!((weight * own + (1.0 - weight) * other - blend).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn one_class_makes_no_blend() {
        let split = digits(0, 1);
        let message = Blends::new(&split, 1, None).err().unwrap().to_string();
        assert_eq!(message, "the 1 images chosen are all of one class, and a blend takes two: choose more");
    }
}
