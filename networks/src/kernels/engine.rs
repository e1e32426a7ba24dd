//! The packed network.

use super::conv::{Down, Windows};
use super::isa::Isa;
use super::linear::{Features, Linear};
use super::map::{IMAGE, MIDDLE};
use super::pixels::UpToPixels;
use super::places::Places;
use super::tiled::{TiledDown, TiledUp};
use crate::parameters::Parameters;
use crate::style_memory_spec::{NARROW, StyleMemorySpec, WIDE};

/// Between the image and the middle map.
pub(super) const OUTER_WINDOWS: Windows = Windows { large: IMAGE, small: MIDDLE };

/// The style-memory network with its weights packed for one instruction set: every layer for its way forward and for
/// its way back. Immutable in use and `Sync`: threads share it, each with a [`Workspace`](super::Workspace) of its own.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(super) isa: Isa,
    pub(super) spec: StyleMemorySpec,
    pub(super) places: Places,
    pub(super) conv1: Down,
    pub(super) conv1_back: UpToPixels,
    pub(super) conv2: TiledDown,
    pub(super) conv2_back: TiledUp,
    pub(super) fc1: Linear,
    pub(super) fc2: Linear,
    /// Classifier and style side by side.
    pub(super) heads: Linear,
    pub(super) decoder_fc2: Linear,
    pub(super) decoder_fc1: Linear,
    pub(super) decoder_fc0: Linear,
    pub(super) deconv2: TiledUp,
    pub(super) deconv2_back: TiledDown,
    pub(super) deconv1: UpToPixels,
    pub(super) deconv1_back: Down,
    /// Weights of the two heads, one behind the other, and their biases.
    heads_source: (Vec<f32>, Vec<f32>),
    /// The columns of `decoder.fc2` that the classes select, `(K, 128)`.
    pub(super) class_columns: Vec<f32>,
}

impl Engine {
    /// Packs a network's weights for the fastest instruction set here; none if it is not the network that the kernels compute.
    pub fn new(parameters: &Parameters) -> Option<Self> {
        Self::with_isa(Isa::detect(), parameters)
    }

    /// The same for a given instruction set.
    pub fn with_isa(isa: Isa, parameters: &Parameters) -> Option<Self> {
        let spec = parameters.spec();
        let StyleMemorySpec { classes, styles, .. } = spec;
        let [wide, narrow, code] = [WIDE, NARROW, classes + styles].map(Features::vector);
        let mut engine = Self {
            isa,
            spec,
            places: Places::of(spec)?,
            conv1: Down::new(isa, OUTER_WINDOWS),
            conv1_back: UpToPixels::new(isa),
            conv2: TiledDown::new(isa),
            conv2_back: TiledUp::new(isa),
            fc1: Linear::new(isa, Features::MAP, wide),
            fc2: Linear::new(isa, wide, narrow),
            heads: Linear::new(isa, narrow, code),
            decoder_fc2: Linear::new(isa, code, narrow),
            decoder_fc1: Linear::new(isa, narrow, wide),
            decoder_fc0: Linear::new(isa, wide, Features::MAP),
            deconv2: TiledUp::new(isa),
            deconv2_back: TiledDown::new(isa),
            deconv1: UpToPixels::new(isa),
            deconv1_back: Down::new(isa, OUTER_WINDOWS),
            heads_source: (vec![0.0; (classes + styles) * NARROW], vec![0.0; classes + styles]),
            class_columns: vec![0.0; classes * NARROW],
        };
        engine.repack(parameters);
        Some(engine)
    }

    /// Takes new weights, without allocating; the large matrices are packed on rayon's threads.
    ///
    /// # Panics
    /// When they are those of another network.
    pub fn repack(&mut self, parameters: &Parameters) {
        assert_eq!(parameters.spec(), self.spec, "weights of another network");
        let (places, flat) = (self.places, parameters.values());
        let heads = [places.classifier, places.style].map(|place| place.of(flat));
        let (weights, biases) = &mut self.heads_source;
        let (classifier, style) = weights.split_at_mut(heads[0].0.len());
        classifier.copy_from_slice(heads[0].0);
        style.copy_from_slice(heads[1].0);
        let (classifier, style) = biases.split_at_mut(heads[0].1.len());
        classifier.copy_from_slice(heads[0].1);
        style.copy_from_slice(heads[1].1);

        let code = self.spec.classes + self.spec.styles;
        for (class, column) in self.class_columns.chunks_exact_mut(NARROW).enumerate() {
            let weights = places.decoder_fc2.of(flat).0.chunks_exact(code).map(|row| row[class]);
            column.iter_mut().zip(weights).for_each(|(to, from)| *to = from);
        }

        let [conv1, conv2, deconv2, deconv1] =
            [places.conv1, places.conv2, places.deconv2, places.deconv1].map(|place| place.of(flat));
        rayon::scope(|scope| {
            self.fc1.fill(scope, places.fc1.of(flat));
            self.decoder_fc0.fill(scope, places.decoder_fc0.of(flat));
            scope.spawn(|_| self.conv2.fill(conv2.0, conv2.1));
            scope.spawn(|_| self.conv2_back.fill(conv2.0, &[]));
            scope.spawn(|_| self.deconv2.fill(deconv2.0, deconv2.1));
            scope.spawn(|_| self.deconv2_back.fill(deconv2.0, &[]));
            self.fc2.fill(scope, places.fc2.of(flat));
            self.heads.fill(scope, (weights, biases));
            self.decoder_fc2.fill(scope, places.decoder_fc2.of(flat));
            self.decoder_fc1.fill(scope, places.decoder_fc1.of(flat));
            self.conv1.fill(conv1.0, conv1.1);
            self.conv1_back.fill(conv1.0, 0.0);
            self.deconv1.fill(deconv1.0, deconv1.1[0]);
            self.deconv1_back.fill(deconv1.0, &[]);
        });
    }

    /// The instruction set in use.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// The network.
    pub fn spec(&self) -> StyleMemorySpec {
        self.spec
    }
}
