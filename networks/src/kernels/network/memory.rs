//! [`Memory`]: the buffers that one thread needs to run a [`Network`].

use super::layer::Layer;
use super::packed::Network;
use super::plan::Place;
use super::stretches::Stretch;
use crate::kernels::gemm::Buffer;
use crate::kernels::layers::{Linear, Scratch, Windowed};
use crate::kernels::map::Map;
use crate::kernels::winograd;

/// Values, gradients and scratch for up to `max_images` images. Memory is touched on first use, so who never goes back pays for no
/// gradients.
#[derive(Clone, Debug)]
pub struct Memory {
    pub(super) max_images: usize,
    /// Of the network that it serves.
    places: Vec<Place>,
    /// Of the last way forward.
    pub(super) images: usize,
    /// Of each place.
    pub(super) values: Vec<Buffer>,
    /// Of each place.
    pub(super) gradients: Vec<Buffer>,
    /// Whether a place's gradient is only that of the group of images that is under way.
    pub(super) of_a_group: Vec<bool>,
    /// The outputs, in PyTorch's order.
    pub(super) outputs: Vec<Buffer>,
    /// Of each layer's weight gradient, where it is not summed in place.
    pub(super) sums: Vec<Buffer>,
    pub(super) scratch: Scratch,
}

impl Memory {
    /// Buffers for batches of up to `max_images` images (at least 1).
    pub fn new(network: &Network, max_images: usize) -> Self {
        let max_images = max_images.max(1);
        let Network { plan, layers, stretches, .. } = network;
        let group = |place: usize| {
            let touches = |stretch: &&Stretch| {
                plan.steps[stretch.steps.clone()].iter().any(|step| step.to == place || step.from.contains(&place))
            };
            let mut those = stretches.iter().filter(touches);
            those.next().filter(|_| those.next().is_none()).map(|stretch| stretch.group(max_images))
        };
        let groups: Vec<Option<usize>> = (0..plan.places.len()).map(group).collect();
        let gradient = |(place, group): (&Place, &Option<usize>)| {
            Buffer::zeroed(place.gradient.extent(group.unwrap_or(max_images)))
        };
        let mut tiles = [0, 0];
        let windowed = || layers.iter().filter_map(Layer::windowed);
        for need in windowed().map(Windowed::tiles) {
            tiles = [tiles[0].max(need[0]), tiles[1].max(need[1])];
        }
        let shares = layers.iter().map(|layer| layer.windowed().map_or(0, Windowed::shares)).map(Buffer::zeroed);
        let flat = layers.iter().filter_map(Layer::linear).map(Linear::flat).max().unwrap_or(0);
        let sums = layers.iter().map(|layer| layer.windowed().map_or(0, Windowed::sums));
        Self {
            max_images,
            places: plan.places.clone(),
            images: 0,
            values: plan.places.iter().map(|place| Buffer::zeroed(place.values.extent(max_images))).collect(),
            gradients: plan.places.iter().zip(&groups).map(gradient).collect(),
            of_a_group: groups.iter().map(Option::is_some).collect(),
            outputs: plan.outputs.iter().map(|elements| Buffer::zeroed(elements * max_images)).collect(),
            sums: sums.map(Buffer::zeroed).collect(),
            scratch: Scratch {
                tiles: winograd::Scratch::new(tiles),
                shares: shares.collect(),
                flat: Buffer::zeroed(flat * max_images),
            },
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
        if self.of_a_group[place] { 0 } else { first * map.floats() }
    }

    /// # Panics
    /// When it is the memory of another network, or too small.
    pub(super) fn check(&self, network: &Network, images: usize) {
        let serves = self.places == network.plan.places && self.outputs.len() == network.plan.outputs.len();
        assert!(serves, "the memory belongs to another network");
        assert!(images <= self.max_images, "{images} images in a memory for {}", self.max_images);
    }
}
