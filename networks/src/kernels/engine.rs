//! [`Engine`]: the style-memory network on the kernels, encoder and decoder.

use super::network::{Network, PlanError};
use super::simd::Isa;
use crate::parameters::Parameters;
use crate::style_memory_layers::CLASS_LAYER;
use crate::style_memory_spec::StyleMemorySpec;

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
        let spec = parameters.spec().clone();
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
        assert_eq!(parameters.spec(), &self.spec, "weights of another network");
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
    pub fn spec(&self) -> &StyleMemorySpec {
        &self.spec
    }

    /// Images of a chunk that makes good use of the caches.
    pub fn batch(&self) -> usize {
        self.encoder.batch().min(self.decoder.batch())
    }
}
