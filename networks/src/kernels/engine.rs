//! [`Engine`]: the style-memory network on the kernels, encoder and decoder.

use super::gradients::Gradients;
use super::network::{Network, PlanError};
use super::simd::Isa;
use super::workspace::Workspace;
use crate::parameters::Parameters;
use crate::style_memory_spec::{CLASS_LAYER, StyleMemorySpec};

/// The style-memory network with its weights packed for one instruction set. Immutable in use and `Sync`: threads share it, each with
/// a [`Workspace`](super::Workspace) of its own.
#[derive(Clone, Debug)]
pub struct Engine {
    isa: Isa,
    spec: StyleMemorySpec,
    pub(super) encoder: Network,
    pub(super) decoder: Network,
    /// The columns of the decoder's first layer that the classes select, `(K, outputs)`.
    pub(super) class_columns: Vec<f32>,
}

impl Engine {
    /// Packs a network's weights for the fastest instruction set here.
    ///
    /// # Errors
    /// [`PlanError`] where the kernels do not compute it.
    pub fn new(parameters: &Parameters) -> Result<Self, PlanError> {
        Self::with_isa(Isa::detect(), parameters)
    }

    /// The same for a given instruction set.
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn with_isa(isa: Isa, parameters: &Parameters) -> Result<Self, PlanError> {
        let spec = parameters.spec();
        let (encoder, decoder) = (Network::new(isa, &spec.encoder())?, Network::new(isa, &spec.decoder())?);
        let mut engine = Self { isa, spec, encoder, decoder, class_columns: Vec::new() };
        engine.repack(parameters);
        Ok(engine)
    }

    /// Takes new weights; matrices are packed on rayon's threads.
    ///
    /// # Panics
    /// When they are those of another network.
    pub fn repack(&mut self, parameters: &Parameters) {
        assert_eq!(parameters.spec(), self.spec, "weights of another network");
        let (encoder, decoder) = parameters.values().split_at(self.encoder.floats());
        rayon::scope(|scope| {
            self.encoder.fill(scope, encoder);
            self.decoder.fill(scope, decoder);
        });
        let code = self.spec.classes + self.spec.styles;
        self.class_columns.clear();
        if let Some([weight, _]) = parameters.layout().layer(CLASS_LAYER) {
            let weight = &parameters.values()[weight.range()];
            for class in 0..self.spec.classes {
                self.class_columns.extend(weight.chunks_exact(code).map(|row| row[class]));
            }
        }
    }

    /// The instruction set in use.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// The network.
    pub fn spec(&self) -> StyleMemorySpec {
        self.spec
    }

    /// Images of a chunk that makes good use of the caches.
    pub fn batch(&self) -> usize {
        self.encoder.batch().min(self.decoder.batch())
    }

    /// Encodes images `(B, pixels)`: afterwards the workspace holds [`Workspace::logits`] and [`Workspace::style`], and
    /// what [`Engine::encode_backward`] needs.
    ///
    /// # Panics
    /// When `x` is not whole images or more than the workspace holds.
    pub fn encode(&self, x: &[f32], workspace: &mut Workspace) {
        self.encoder.forward(&[x], &mut workspace.encoder);
    }

    /// The way back of the last [`Engine::encode`]. `d_logits` `(B, K)` and `d_style` `(B, S)`, with respect to the style
    /// after its logistic, are the gradients of a loss; the gradient with respect to the images is written to `d_x`
    /// `(B, pixels)`, and those with respect to the encoder's weights to `gradients`.
    ///
    /// # Panics
    /// When a length does not fit the last batch.
    pub fn encode_backward(
        &self,
        d_logits: &[f32],
        d_style: Option<&[f32]>,
        workspace: &mut Workspace,
        d_x: Option<&mut [f32]>,
        gradients: Option<&mut Gradients>,
    ) {
        let gradients = gradients.map(|gradients| &mut gradients.flat_mut()[..self.encoder.floats()]);
        self.encoder.backward(&[Some(d_logits), d_style], &mut workspace.encoder, &mut [d_x], gradients);
    }

    /// Decodes a label distribution `y` `(B, K)` and a style memory `m` `(B, S)`: afterwards the workspace holds
    /// [`Workspace::reconstruction`], and what [`Engine::decode_backward`] needs. What it holds of an encoding stays.
    ///
    /// # Panics
    /// When `y` and `m` are not as many whole rows, or more than the workspace holds.
    pub fn decode(&self, y: &[f32], m: &[f32], workspace: &mut Workspace) {
        self.decoder.forward(&[y, m], &mut workspace.decoder);
    }

    /// The way back of the last [`Engine::decode`]. `d_reconstruction` `(B, pixels)` is the gradient of a loss; those with
    /// respect to `y` and `m` are written to `d_y` `(B, K)` and `d_m` `(B, S)`, and those with respect to the decoder's
    /// weights to `gradients`.
    ///
    /// # Panics
    /// When a length does not fit the last batch.
    pub fn decode_backward(
        &self,
        d_reconstruction: &[f32],
        workspace: &mut Workspace,
        d_y: Option<&mut [f32]>,
        d_m: Option<&mut [f32]>,
        gradients: Option<&mut Gradients>,
    ) {
        let gradients = gradients.map(|gradients| &mut gradients.flat_mut()[self.encoder.floats()..]);
        self.decoder.backward(&[Some(d_reconstruction)], &mut workspace.decoder, &mut [d_y, d_m], gradients);
    }
}
