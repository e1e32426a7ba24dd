//! Flags of `robust train` that change the network which the images' shape asks for.

use clap::Args;
use robust_data::ImageShape;
use robust_networks::StyleMemorySpec;

use super::number::positive;
use crate::cli::usage::Usage;

/// What is to be otherwise than by the rule of [`StyleMemorySpec::new`].
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkFlags {
    /// Channels behind each convolution, each of which halves the sides [default: 32, and twice as many until the map is at most 8x8]
    #[arg(long, value_name = "N,..", value_parser = positive, value_delimiter = ',')]
    channels: Option<Vec<usize>>,
    /// Neurons of the two layers between the maps and the logits [default: 256,128]
    #[arg(long, value_name = "N,N", value_parser = positive, value_delimiter = ',')]
    hidden: Option<Vec<usize>>,
    /// Style neurons [default: 16 for grey images, 64 for others]
    #[arg(long, value_name = "N", value_parser = positive)]
    styles: Option<usize>,
}

impl NetworkFlags {
    /// The network for images of a shape in so many classes.
    pub(crate) fn spec(&self, shape: ImageShape, classes: usize) -> Result<StyleMemorySpec, Usage> {
        let ImageShape { channels, height, width } = shape;
        let mut spec = StyleMemorySpec::new([channels, height, width], classes);
        if let Some(channels) = &self.channels {
            spec.channels.clone_from(channels);
        }
        match self.hidden.as_deref() {
            None => {}
            Some(&[wide, narrow]) => spec.hidden = [wide, narrow],
            Some(other) => {
                return Err(Usage(format!("--hidden takes two widths, such as 256,128; found {}", other.len())));
            }
        }
        spec.styles = self.styles.unwrap_or(spec.styles);
        let flags = "change --channels, --hidden or --styles, or make the images smaller with --resize";
        spec.check().map_err(|found| Usage(format!("the network cannot be built: {found}; {flags}")))?;
        Ok(spec)
    }
}
