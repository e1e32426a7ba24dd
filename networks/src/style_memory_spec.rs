//! [`StyleMemorySpec`]: what a style-memory network is made for, and how large it is; its layers follow from that.

use robust_attacks::{Bounds, ImageShape, Signature};
use serde::{Deserialize, Serialize};

/// Style neurons, `S`, of the paper's network.
pub const STYLES: usize = 16;
/// Rows and columns of an image of the paper.
pub const SIDE: usize = 28;
/// Pixels of an image of the paper.
pub const PIXELS: usize = SIDE * SIDE;

/// Style neurons for images of several channels.
const COLOUR_STYLES: usize = 64;
/// Channels behind the first convolution.
const CHANNELS: usize = 32;
/// Rows and columns of a map that is not convolved any further.
const SMALL: usize = 8;
/// Widths of `fc1` and `fc2`, of the encoder and of the decoder.
const HIDDEN: [usize; 2] = [256, 128];
/// The most labels that a network may have.
pub(crate) const MOST_CLASSES: usize = 1000;
/// Weights at most: what a reader of files takes for a network is bounded by it.
pub const MOST_WEIGHTS: usize = 1 << 26;
/// The most convolutions.
const MOST_CONVOLUTIONS: usize = 12;
/// The widest layer, in channels or neurons.
const WIDEST: usize = 16_384;

/// A style-memory network: an encoder from an image to logits and style, and a decoder from a label and a style to an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StyleMemorySpec {
    /// Channels, rows and columns of an image.
    pub input: [usize; 3],
    /// Number of labels, `K`.
    pub classes: usize,
    /// Number of style neurons, `S`.
    pub styles: usize,
    /// Channels behind each convolution, which halves the sides of its map.
    pub channels: Vec<usize>,
    /// Neurons of the two layers between the maps and the logits, the wider first as a rule.
    pub hidden: [usize; 2],
}

impl StyleMemorySpec {
    /// The network for images of `[channels, rows, columns]`, by rule: 32 channels behind the first convolution, twice as many behind each
    /// further one until the map is at most 8x8, and 16 style neurons for grey images, 64 for others. For 28x28 grey pixels that is the
    /// network of the paper.
    #[must_use]
    pub fn new(input: [usize; 3], classes: usize) -> Self {
        let [planes, mut rows, mut columns] = input;
        let mut channels = Vec::new();
        while channels.is_empty() || rows.max(columns) > SMALL {
            (rows, columns) = (rows.div_ceil(2), columns.div_ceil(2));
            channels.push(CHANNELS << channels.len());
        }
        let styles = if planes == 1 { STYLES } else { COLOUR_STYLES };
        Self { input, classes, styles, channels, hidden: HIDDEN }
    }

    /// The network of the paper, for images of 28x28 grey pixels.
    #[must_use]
    pub fn paper(classes: usize) -> Self {
        Self::new([1, SIDE, SIDE], classes)
    }

    /// Elements of an image, over all channels.
    #[must_use]
    pub fn pixels(&self) -> usize {
        self.input.iter().product()
    }

    /// What the network takes and gives; pixels live in [0, 1].
    #[must_use]
    pub fn signature(&self) -> Signature {
        let [channels, rows, columns] = self.input;
        Signature { shape: ImageShape::new(channels, rows, columns), classes: self.classes, bounds: Bounds::UNIT }
    }

    /// Whether it is a network that can be built, written and read back: of no more than [`MOST_WEIGHTS`], with no layer that is absurdly
    /// large.
    ///
    /// # Errors
    /// What of it is none, and what would be.
    pub fn check(&self) -> Result<(), String> {
        let Self { input, classes, styles, channels, hidden } = self;
        if !(2..=MOST_CLASSES).contains(classes) {
            return Err(format!("{classes} classes, not 2 to {MOST_CLASSES}"));
        }
        if channels.is_empty() || channels.len() > MOST_CONVOLUTIONS {
            return Err(format!("{} convolutions, not 1 to {MOST_CONVOLUTIONS}", channels.len()));
        }
        let widths = input.iter().chain([styles]).chain(channels).chain(hidden);
        if let Some(width) = widths.into_iter().find(|width| !(1..=WIDEST).contains(*width)) {
            return Err(format!("a layer or an image with a side of {width}, not 1 to {WIDEST}"));
        }
        for spec in [self.encoder(), self.decoder()] {
            spec.shapes().map_err(|error| error.to_string())?;
        }
        let weights = self.layout().len();
        if weights > MOST_WEIGHTS {
            return Err(format!("{weights} weights, not {MOST_WEIGHTS} at most: fewer channels, or smaller images"));
        }
        Ok(())
    }

    /// The spec of a file that holds at most so many weights.
    ///
    /// # Errors
    /// As [`check`](Self::check), or that it has more weights than that.
    pub fn fitting(self, most: usize) -> Result<Self, String> {
        self.check()?;
        let weights = self.layout().len();
        if weights > most {
            Err(format!("a network of {weights} weights in a file of {most} at most"))
        } else {
            Ok(self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Slot;
    use crate::spec::Spec;

    #[test]
    fn the_papers_network_has_the_papers_tensors() {
        for classes in [2, 10, 26, MOST_CLASSES] {
            let code = classes + 16;
            let expected: [(&str, &[usize], usize, usize); 11] = [
                ("encoder.conv1", &[32, 1, 5, 5], 32, 25),
                ("encoder.conv2", &[64, 32, 5, 5], 64, 800),
                ("encoder.fc1", &[256, 3136], 256, 3136),
                ("encoder.fc2", &[128, 256], 128, 256),
                ("encoder.classifier", &[classes, 128], classes, 128),
                ("encoder.style", &[16, 128], 16, 128),
                ("decoder.fc2", &[128, code], 128, code),
                ("decoder.fc1", &[256, 128], 256, 128),
                ("decoder.fc0", &[3136, 256], 3136, 256),
                ("decoder.deconv2", &[64, 32, 5, 5], 32, 800),
                ("decoder.deconv1", &[32, 1, 5, 5], 1, 25),
            ];
            let layout = StyleMemorySpec::paper(classes).layout();
            let mut tensors = layout.tensors().iter();
            let mut offset = 0;
            for (layer, weight, outputs, fan_in) in expected {
                for (name, shape) in [("weight", weight), ("bias", &[outputs])] {
                    let slot = Slot { name: format!("{layer}.{name}"), shape: shape.to_vec(), offset, fan_in };
                    offset += slot.len();
                    assert_eq!(tensors.next(), Some(&slot));
                }
            }
            assert_eq!((tensors.next(), layout.len()), (None, offset));
        }
        assert_eq!(StyleMemorySpec::paper(10).layout().len(), 1_785_883);
    }

    #[test]
    fn nodes_fit_together_and_the_decoder_draws_what_the_encoder_sees() {
        for input in [[1, 28, 28], [3, 8, 8], [3, 32, 32], [1, 9, 6], [3, 1, 1], [2, 65, 17], [1, 1, 40], [3, 224, 224]]
        {
            let spec = StyleMemorySpec::new(input, 4);
            let shape = |spec: &Spec, output: &str| {
                let at = spec.names().position(|name| name == output).unwrap();
                spec.shapes().unwrap()[at].clone()
            };
            let encoder = spec.encoder();
            assert_eq!(shape(&encoder, &encoder.outputs[0]), [4]);
            assert_eq!(shape(&encoder, &encoder.outputs[1]), [spec.styles]);
            let decoder = spec.decoder();
            assert_eq!(shape(&decoder, &decoder.outputs[0]), input);
        }
    }

    #[test]
    fn what_could_not_be_read_back_is_no_network() {
        for (input, is_one) in [([3, 224, 224], true), ([3, 512, 512], false)] {
            let found = StyleMemorySpec::new(input, 10).check();
            assert_eq!(found.is_ok(), is_one, "{input:?}: {found:?}");
            assert!(is_one || found.is_err_and(|found| found.contains("weights, not 67108864 at most")));
        }
    }

    #[test]
    fn a_spec_goes_through_json() {
        let encoder = StyleMemorySpec::paper(10).encoder();
        let json = serde_json::to_string(&encoder).unwrap();
        assert_eq!(serde_json::from_str::<Spec>(&json).unwrap(), encoder);
        let first = r#"{"name":"encoder.conv1","op":{"convolution":{"in_channels":1,"out_channels":32,"groups":1,"window":{"size":[5,5],"#;
        assert!(json.contains(first) && json.contains(r#""op":"relu","operands":["encoder.conv1"]"#), "{json}");
    }
}
