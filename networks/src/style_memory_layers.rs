//! The layers of a style-memory network: encoder and decoder as [`Spec`]s, and where their parameters lie.

use crate::layout::Layout;
use crate::spec::{Op, Spec};
use crate::style_memory_spec::StyleMemorySpec;

/// Rows and columns of a convolution's kernel.
const KERNEL: usize = 5;
/// Zeros around a map that is convolved.
const PADDING: usize = 2;

/// The layer whose outputs are the logits.
pub(crate) const CLASSIFIER: &str = "encoder.classifier";
/// The layer that the label enters, first of the decoder.
pub(crate) const CLASS_LAYER: &str = "decoder.fc2";

impl StyleMemorySpec {
    /// The image and the maps behind each convolution.
    fn maps(&self) -> Vec<[usize; 3]> {
        let mut maps = vec![self.input];
        let [_, mut rows, mut columns] = self.input;
        for &channels in &self.channels {
            (rows, columns) = (rows.div_ceil(2), columns.div_ceil(2));
            maps.push([channels, rows, columns]);
        }
        maps
    }

    /// `image` to the logits and the style, whose neurons lie in (0, 1).
    #[must_use]
    pub fn encoder(&self) -> Spec {
        let (maps, [wide, narrow]) = (self.maps(), self.hidden);
        let mut spec = Spec::new(&[("image", &self.input)]);
        let mut last = "image".to_owned();
        for (map, number) in maps.windows(2).zip(1..) {
            let op = Op::convolution([map[0][0], map[1][0]], KERNEL, 2, PADDING);
            last = activated(&mut spec, &format!("encoder.conv{number}"), op, Op::Relu, &last);
        }
        last = spec.add("encoder.flatten", Op::Flatten, &[&last]);
        last = activated(&mut spec, "encoder.fc1", linear(elements(&maps), wide), Op::Relu, &last);
        last = activated(&mut spec, "encoder.fc2", linear(wide, narrow), Op::Relu, &last);
        let logits = spec.add(CLASSIFIER, linear(narrow, self.classes), &[&last]);
        let style = activated(&mut spec, "encoder.style", linear(narrow, self.styles), Op::Sigmoid, &last);
        spec.outputs = vec![logits, style];
        spec
    }

    /// `label`, a distribution, and `style` to the image. Layers are numbered as those of the encoder that they mirror.
    #[must_use]
    pub fn decoder(&self) -> Spec {
        let (maps, [wide, narrow]) = (self.maps(), self.hidden);
        let mut spec = Spec::new(&[("label", &[self.classes]), ("style", &[self.styles])]);
        let mut last = spec.add("decoder.code", Op::Concatenate { axis: 0 }, &["label", "style"]);
        last = activated(&mut spec, CLASS_LAYER, linear(self.classes + self.styles, narrow), Op::Relu, &last);
        last = activated(&mut spec, "decoder.fc1", linear(narrow, wide), Op::Relu, &last);
        last = activated(&mut spec, "decoder.fc0", linear(wide, elements(&maps)), Op::Relu, &last);
        let shape = maps.last().map_or(Vec::new(), |map| map.to_vec());
        last = spec.add("decoder.map", Op::Reshape { shape }, &[&last]);
        for (number, map) in (1..maps.len()).zip(maps.windows(2)).rev() {
            let op = Op::TransposedConvolution {
                in_channels: map[1][0],
                out_channels: map[0][0],
                kernel: KERNEL,
                stride: 2,
                padding: PADDING,
                // An even side was halved exactly, an odd one rounded up.
                output_padding: [1, 2].map(|way| (map[0][way] + 1) % 2),
            };
            let activation = if number == 1 { Op::Sigmoid } else { Op::Relu };
            last = activated(&mut spec, &format!("decoder.deconv{number}"), op, activation, &last);
        }
        spec.outputs = vec![last];
        spec
    }

    /// The tensors of the encoder, then those of the decoder.
    #[must_use]
    pub fn layout(&self) -> Layout {
        Layout::of(&[&self.encoder(), &self.decoder()])
    }
}

/// Adds a layer, and its activation behind it.
fn activated(spec: &mut Spec, name: &str, op: Op, activation: Op, operand: &str) -> String {
    let suffix = if activation == Op::Relu { "relu" } else { "sigmoid" };
    let layer = spec.add(name, op, &[operand]);
    spec.add(format!("{name}.{suffix}"), activation, &[&layer])
}

fn linear(in_features: usize, out_features: usize) -> Op {
    Op::Linear { in_features, out_features }
}

/// Elements of the last map.
fn elements(maps: &[[usize; 3]]) -> usize {
    maps.last().map_or(0, |map| map.iter().product())
}
