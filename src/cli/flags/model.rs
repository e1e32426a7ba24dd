//! Flags that name a network, and say how one from an ONNX file is to be taken.

use std::path::Path;

use clap::Args;
use robust_networks::ChannelOrder;

use super::names;
use super::number::finite;
use crate::onnx_file::OnnxFile;
use crate::settings::{Layout, Settings};

/// A network, and what an ONNX file does not say of it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct ModelFlags {
    /// An embedded network, a checkpoint file, or an ONNX file [default: the embedded network of the dataset]
    #[arg(long, value_name = "NAME|FILE", value_parser = names::model)]
    pub(crate) model: Option<String>,
    /// What an ONNX file's network expects of pixels: (scale x - mean) / std, for x from 0 to 1; one value, or one per channel [default: 0]
    #[arg(long, value_name = "M,..", value_delimiter = ',', value_parser = finite, allow_hyphen_values = true)]
    mean: Vec<f64>,
    /// The divisor of that, one value or one per channel [default: 1]
    #[arg(long, value_name = "S,..", value_delimiter = ',', value_parser = finite)]
    std: Vec<f64>,
    /// The factor of that: 1, or 255 for a network of bytes [default: 1]
    #[arg(long, value_name = "F", value_parser = finite)]
    scale: Option<f64>,
    /// The order of its channels: rgb or bgr [default: rgb]
    #[arg(long, value_name = "NAME", value_parser = names::channel_order)]
    channels: Option<ChannelOrder>,
    /// How its input lies: nchw or nhwc [default: as its shape shows]
    #[arg(long, value_name = "NAME", value_parser = names::layout)]
    layout: Option<Layout>,
    /// Its output that holds the logits, where it has several
    #[arg(long, value_name = "NAME")]
    output: Option<String>,
    /// Go on although it is no better than chance on clean images
    #[arg(long)]
    pub(crate) force: bool,
}

impl ModelFlags {
    /// Whether an ONNX file is named.
    pub(crate) fn is_onnx(&self) -> bool {
        self.model.as_deref().is_some_and(|name| OnnxFile::is_one(Path::new(name)))
    }

    /// Those of its flags that mean something to an ONNX file alone, as far as they are given.
    pub(crate) fn of_onnx(&self) -> Vec<&'static str> {
        let given = [
            ("--mean", !self.mean.is_empty()),
            ("--std", !self.std.is_empty()),
            ("--scale", self.scale.is_some()),
            ("--channels", self.channels.is_some()),
            ("--layout", self.layout.is_some()),
            ("--output", self.output.is_some()),
        ];
        given.into_iter().filter(|(_, is_given)| *is_given).map(|(flag, _)| flag).collect()
    }

    /// The settings that lie beside the file, with what flags say otherwise.
    pub(crate) fn over(&self, mut settings: Settings) -> Settings {
        let preprocessing = &mut settings.preprocessing;
        if !self.mean.is_empty() {
            preprocessing.mean.clone_from(&self.mean);
        }
        if !self.std.is_empty() {
            preprocessing.std.clone_from(&self.std);
        }
        preprocessing.scale = self.scale.unwrap_or(preprocessing.scale);
        preprocessing.channels = self.channels.unwrap_or(preprocessing.channels);
        settings.layout = self.layout.or(settings.layout);
        settings.output = self.output.clone().or(settings.output);
        settings
    }
}
