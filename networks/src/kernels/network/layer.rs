//! [`Layer`]: a layer with weights.

use crate::kernels::layers::{Linear, Windowed};

/// A layer with weights.
#[derive(Clone, Debug)]
pub(super) enum Layer {
    Linear(Box<Linear>),
    Windowed(Box<Windowed>),
}

impl Layer {
    pub(super) fn windowed(&self) -> Option<&Windowed> {
        match self {
            Layer::Windowed(layer) => Some(layer),
            Layer::Linear(_) => None,
        }
    }

    pub(super) fn linear(&self) -> Option<&Linear> {
        match self {
            Layer::Linear(layer) => Some(layer),
            Layer::Windowed(_) => None,
        }
    }
}
