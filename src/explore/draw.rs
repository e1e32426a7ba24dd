//! Label and style in, image out.

use serde::{Deserialize, Serialize};

use super::answer::Refusal;
use super::studio::Studio;
use crate::packed;

/// What to draw.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DrawWish {
    /// The label, below `K`.
    label: u32,
    /// `(S)`, each in [0, 1].
    style: Vec<f32>,
}

/// A drawing, and what the network itself makes of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Drawing {
    /// `(P)` levels.
    #[serde(serialize_with = "packed::bytes")]
    image: Vec<u8>,
    prediction: u32,
    confidence: f32,
}

impl Studio<'_> {
    pub(super) fn draw(&self, wish: &DrawWish) -> Result<Drawing, Refusal> {
        self.check_class(wish.label)?;
        let Some(network) = self.network.style_memory() else {
            return Err(Refusal::Question("a drawing, of a network that does not draw".to_owned()));
        };
        let (found, expected) = (wish.style.len(), network.spec().styles);
        if found != expected {
            return Err(Refusal::Question(format!("{found} style neurons, expected {expected}")));
        }
        if let Some(value) = wish.style.iter().find(|value| !(0.0..=1.0).contains(*value)) {
            return Err(Refusal::Question(format!("a style neuron at {value}, expected 0 to 1")));
        }
        let image = self.artist().draw_as(&[wish.label], &wish.style)?;
        let (prediction, confidence) = self.artist().read(&image)?.predictions[0];
        Ok(Drawing { image: packed::levels(&image), prediction, confidence })
    }
}
