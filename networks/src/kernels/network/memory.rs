//! [`Memory`]: the buffers that one thread needs to run a [`Network`].

use super::layer::Layer;
use super::packed::Network;
use super::plan::Plan;
use crate::kernels::gemm::Buffer;
use crate::kernels::layers::{Linear, Scratch, Windowed};
use crate::kernels::map::Map;
use crate::kernels::plain::{self, Plain};
use crate::kernels::winograd;

/// Values, gradients and scratch for up to `max_images` images. Who never goes back pays for no gradients.
#[derive(Clone, Debug)]
pub struct Memory {
    pub(super) max_images: usize,
    /// Of the network that it serves: where values and gradients lie.
    maps: Vec<[Map; 2]>,
    /// Of the last way forward.
    pub(super) images: usize,
    /// Of each place.
    pub(super) values: Vec<Buffer>,
    /// Of each place, once somebody goes back.
    pub(super) gradients: Vec<Buffer>,
    /// Where a place's gradient is only that of the group of images that is under way: how many those are at most.
    pub(super) groups: Vec<Option<usize>>,
    /// The outputs, in PyTorch's order.
    pub(super) outputs: Vec<Buffer>,
    /// Of each layer's weight gradient, where it is not summed in place, once somebody asks for one.
    pub(super) sums: Vec<Buffer>,
    pub(super) scratch: Scratch,
    pub(super) plain: plain::Scratch,
}

impl Memory {
    /// Buffers for batches of up to `max_images` images (at least 1).
    pub fn new(network: &Network, max_images: usize) -> Self {
        let max_images = max_images.max(1);
        let Network { plan, layers, .. } = network;
        let mut tiles = [0, 0];
        for need in layers.iter().map(Layer::tiles) {
            tiles = [tiles[0].max(need[0]), tiles[1].max(need[1])];
        }
        let shares = layers.iter().map(|layer| layer.windowed().map_or(0, Windowed::shares)).map(Buffer::zeroed);
        let parts = layers.iter().map(|layer| layer.parts().map(Buffer::zeroed));
        let flat = layers.iter().filter_map(Layer::linear).map(Linear::flat).max().unwrap_or(0);
        Self {
            max_images,
            maps: maps(plan).collect(),
            images: 0,
            values: plan.places.iter().map(|place| Buffer::zeroed(place.values.extent(max_images))).collect(),
            gradients: Vec::new(),
            groups: groups(network, max_images),
            outputs: plan.outputs.iter().map(|elements| Buffer::zeroed(elements * max_images)).collect(),
            sums: Vec::new(),
            scratch: Scratch {
                tiles: winograd::Scratch::new(tiles),
                shares: shares.collect(),
                parts: parts.collect(),
                flat: Buffer::zeroed(flat * max_images),
                wide: Buffer::zeroed(layers.iter().map(Layer::wide).max().unwrap_or(0)),
            },
            plain: Plain::scratch(network.isa, &network.plain),
        }
    }

    /// The most images of one batch.
    pub fn max_images(&self) -> usize {
        self.max_images
    }

    /// An output of the last way forward, `(B, elements)`, in PyTorch's order.
    pub fn output(&self, number: usize) -> &[f32] {
        let output = &self.outputs[number];
        &output[..output.len() / self.max_images * self.images]
    }

    /// Where the gradient of a place begins, for a group that begins with image `first`.
    pub(super) fn gradient_at(&self, place: usize, map: Map, first: usize) -> usize {
        if self.groups[place].is_some() { 0 } else { first * map.floats() }
    }

    /// Makes room for the way back, and for the gradients of weights where they are asked for.
    pub(super) fn prepare(&mut self, network: &Network, with_weights: bool) {
        if self.gradients.is_empty() {
            let places = network.plan.places.iter().zip(&self.groups);
            let floats = places.map(|(place, group)| place.gradient.extent(group.unwrap_or(self.max_images)));
            self.gradients = floats.map(Buffer::zeroed).collect();
        }
        if with_weights && self.sums.is_empty() {
            self.sums = network.layers.iter().map(Layer::sums).map(Buffer::zeroed).collect();
        }
    }

    /// # Panics
    /// When it is the memory of another network, or too small.
    pub(super) fn check(&self, network: &Network, images: usize) {
        let serves =
            maps(&network.plan).eq(self.maps.iter().copied()) && self.outputs.len() == network.plan.outputs.len();
        assert!(serves, "the memory belongs to another network");
        assert!(images <= self.max_images, "{images} images in a memory for {}", self.max_images);
    }
}

/// Where the values and the gradient of each place lie.
fn maps(plan: &Plan) -> impl Iterator<Item = [Map; 2]> {
    plan.places.iter().map(|place| [place.values, place.gradient])
}

/// For each place that one stretch of steps alone touches, the most images of its groups.
fn groups(network: &Network, max_images: usize) -> Vec<Option<usize>> {
    let mut touched: Vec<[Option<usize>; 2]> = vec![[None, None]; network.plan.places.len()];
    for (number, stretch) in network.stretches.iter().enumerate() {
        for step in &network.plan.steps[stretch.steps.clone()] {
            for &place in step.from.iter().chain([&step.to]) {
                let [first, last] = &mut touched[place];
                (*first, *last) = (first.or(Some(number)), Some(number));
            }
        }
    }
    let group = |[first, last]: [Option<usize>; 2]| {
        first.filter(|_| first == last).map(|stretch| network.stretches[stretch].group(max_images))
    };
    touched.into_iter().map(group).collect()
}
