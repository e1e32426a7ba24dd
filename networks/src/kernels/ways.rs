//! The ways of a style-memory network: encode, decode, and both back.

use super::engine::Engine;
use super::gradients::Gradients;
use super::workspace::Workspace;

impl Engine {
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
