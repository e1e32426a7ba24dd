//! The packed network.

use super::conv::{Down, Windows};
use super::isa::Isa;
use super::linear::{Features, Linear};
use super::map::{IMAGE, MIDDLE};
use super::pixels::UpToPixels;
use super::tensors::{NARROW, Shapes, WIDE, index};
use super::tiled::{TiledDown, TiledUp};

/// Between the image and the middle map.
pub(super) const OUTER_WINDOWS: Windows = Windows { large: IMAGE, small: MIDDLE };

/// The style-memory network with its weights packed for one instruction set: every layer for its way forward and for
/// its way back. Immutable in use and `Sync`: threads share it, each with a [`Workspace`](super::Workspace) of its own.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(super) isa: Isa,
    pub(super) shapes: Shapes,
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
    /// Packs `tensors`, in the order and the shapes of [`Layout`](crate::Layout), for the fastest instruction set here.
    ///
    /// # Panics
    /// When the tensors are not 22 or a length is wrong.
    pub fn new(classes: usize, styles: usize, tensors: &[&[f32]]) -> Self {
        Self::with_isa(Isa::detect(), classes, styles, tensors)
    }

    /// The same for a given instruction set.
    ///
    /// # Panics
    /// When the tensors are not 22 or a length is wrong.
    pub fn with_isa(isa: Isa, classes: usize, styles: usize, tensors: &[&[f32]]) -> Self {
        let [wide, narrow, code] = [WIDE, NARROW, classes + styles].map(Features::vector);
        let mut engine = Self {
            isa,
            shapes: Shapes { classes, styles },
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
        engine.repack(tensors);
        engine
    }

    /// Takes new weights, without allocating; the large matrices are packed on rayon's threads.
    ///
    /// # Panics
    /// When the tensors are not 22 or a length is wrong.
    pub fn repack(&mut self, tensors: &[&[f32]]) {
        let lengths = self.shapes.lengths();
        assert_eq!(tensors.len(), lengths.len(), "number of tensors");
        for (index, (tensor, length)) in tensors.iter().zip(lengths).enumerate() {
            assert_eq!(tensor.len(), length, "floats of tensor {index}");
        }
        let layer = |weight: usize| (tensors[weight], tensors[weight + 1]);
        let heads = [index::CLASSIFIER, index::STYLE].map(layer);
        let (weights, biases) = &mut self.heads_source;
        let (classifier, style) = weights.split_at_mut(heads[0].0.len());
        classifier.copy_from_slice(heads[0].0);
        style.copy_from_slice(heads[1].0);
        let (classifier, style) = biases.split_at_mut(heads[0].1.len());
        classifier.copy_from_slice(heads[0].1);
        style.copy_from_slice(heads[1].1);

        let code = self.shapes.classes + self.shapes.styles;
        for (class, column) in self.class_columns.chunks_exact_mut(NARROW).enumerate() {
            let weights = tensors[index::DECODER_FC2].chunks_exact(code).map(|row| row[class]);
            column.iter_mut().zip(weights).for_each(|(to, from)| *to = from);
        }

        let [conv1, conv2, deconv2, deconv1] = [index::CONV1, index::CONV2, index::DECONV2, index::DECONV1].map(layer);
        rayon::scope(|scope| {
            self.fc1.fill(scope, layer(index::FC1));
            self.decoder_fc0.fill(scope, layer(index::DECODER_FC0));
            scope.spawn(|_| self.conv2.fill(conv2.0, conv2.1));
            scope.spawn(|_| self.conv2_back.fill(conv2.0, &[]));
            scope.spawn(|_| self.deconv2.fill(deconv2.0, deconv2.1));
            scope.spawn(|_| self.deconv2_back.fill(deconv2.0, &[]));
            self.fc2.fill(scope, layer(index::FC2));
            self.heads.fill(scope, (weights, biases));
            self.decoder_fc2.fill(scope, layer(index::DECODER_FC2));
            self.decoder_fc1.fill(scope, layer(index::DECODER_FC1));
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

    /// Shapes of the tensors.
    pub fn shapes(&self) -> Shapes {
        self.shapes
    }
}
