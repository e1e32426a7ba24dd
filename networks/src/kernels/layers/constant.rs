//! [`Constant`]: a parameter that is a value, the same for every image.

use crate::kernels::gemm::Former;
use crate::kernels::map::Map;

/// A parameter, in PyTorch's order, and the maps of its value and of that value's gradient.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct Constant {
    map: Map,
    d_map: Map,
    floats: Vec<f32>,
}

impl Constant {
    pub(in crate::kernels) fn new([map, d_map]: [Map; 2]) -> Self {
        Self { map, d_map, floats: vec![0.0; map.content()] }
    }

    /// Takes the parameter.
    pub(in crate::kernels) fn fill(&mut self, floats: &[f32]) {
        self.floats.copy_from_slice(floats);
    }

    /// Writes it to `images` maps.
    pub(in crate::kernels) fn forward(&self, images: usize, maps: &mut [f32]) {
        for map in maps.chunks_mut(self.map.floats()).take(images) {
            self.map.take(1, &self.floats, self.floats.len(), map);
        }
    }

    /// Sums the parameter's gradient: that of the value over all images.
    pub(in crate::kernels) fn gradient(&self, images: usize, maps: &[f32], former: Former, gradient: &mut [f32]) {
        former.clear(gradient);
        for map in maps.chunks(self.d_map.floats()).take(images) {
            self.d_map.give_with(1, map, gradient, gradient.len(), |sum, value| *sum += value);
        }
    }
}
