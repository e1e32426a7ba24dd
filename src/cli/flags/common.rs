//! The flags that commands share: data, network, threads, output, and which detectors look. Nothing is checked here that needs more than the flag itself.

use std::path::PathBuf;

use clap::Args;
use robust_data::{Crop, Resize, Sizing, SplitName};

use super::model::ModelFlags;
use super::names;
use super::number::{count, natural, positive, rate, score};
use crate::report::Unattacked;

/// What all working commands share.
#[derive(Debug, Args)]
pub(crate) struct CommonFlags {
    /// mnist, emnist-letters, fashion-mnist, cifar-10, or a path: folders of classes, IDX, npz or CIFAR-10 files, pictures with labels.csv [default: mnist; of an ONNX
    /// file none]
    #[arg(long, value_name = "NAME|PATH", value_parser = names::dataset, help_heading = "Data")]
    dataset: Option<String>,
    /// Folder that holds the dataset's files
    #[arg(long, value_name = "DIR", help_heading = "Data")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Resize images on their way in: the shorter side to SHORT pixels, or to WxH
    #[arg(long, value_name = "SHORT|WxH", help_heading = "Data")]
    pub(crate) resize: Option<Resize>,
    /// Cut the square of N pixels out of their centre, after --resize
    #[arg(long, value_name = "N", help_heading = "Data")]
    pub(crate) crop: Option<Crop>,
    /// Worker threads [default: the processors that the system grants: affinity, control group]
    #[arg(long, value_name = "N", value_parser = positive, help_heading = "Run")]
    pub(crate) threads: Option<usize>,
    /// Seed of everything drawn at random
    #[arg(long, value_name = "N", default_value = "0", value_parser = natural, help_heading = "Run")]
    pub(crate) seed: u64,
    /// cpu, cuda, cuda:N or metal; the last two need a build with that feature
    #[arg(long, value_name = "NAME", default_value = "cpu", value_parser = names::device, help_heading = "Run")]
    pub(crate) device: String,
    /// Print the summary as one JSON object instead of a table
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
    /// No progress and no remarks on stderr; errors still appear
    #[arg(long, help_heading = "Output")]
    pub(crate) quiet: bool,
}

impl CommonFlags {
    /// The dataset that is named, or else MNIST.
    pub(crate) fn dataset(&self) -> &str {
        self.dataset.as_deref().unwrap_or("mnist")
    }

    /// Whether a dataset is named.
    pub(crate) fn names_dataset(&self) -> bool {
        self.dataset.is_some()
    }

    /// How images are brought to a size.
    pub(crate) fn sizing(&self) -> Sizing {
        Sizing { resize: self.resize, crop: self.crop }
    }
}

/// Which images, and which network looks at them.
#[derive(Debug, Args)]
pub(crate) struct ImageFlags {
    #[command(flatten)]
    pub(crate) model: ModelFlags,
    /// Dataset that thresholds come from, all of its images if nothing in it is set apart [default: what the checkpoint holds; for an ONNX
    /// file the validation images of --dataset, or a tenth of it]
    #[arg(long, value_name = "NAME|PATH", value_parser = names::dataset, help_heading = "Data")]
    pub(crate) validation: Option<String>,
    /// train, validation or test
    #[arg(long, value_name = "NAME", default_value = "test", value_parser = names::split, help_heading = "Data")]
    pub(crate) split: SplitName,
    /// At most this many images, in file order
    #[arg(long, value_name = "N", value_parser = positive, help_heading = "Data")]
    pub(crate) limit: Option<usize>,
    /// At most this many images, spread over the file: in a folder of classes all classes are there
    #[arg(long, value_name = "N", value_parser = positive, conflicts_with = "limit", help_heading = "Data")]
    pub(crate) spread: Option<usize>,
    /// Skip this many images first
    #[arg(long, value_name = "N", default_value = "0", value_parser = count, help_heading = "Data")]
    pub(crate) offset: usize,
}

/// What commands share that look at many images and report on them.
#[derive(Debug, Args)]
pub(crate) struct SubjectFlags {
    #[command(flatten)]
    pub(crate) common: CommonFlags,
    #[command(flatten)]
    pub(crate) images: ImageFlags,
    /// Images that a thread takes at once, at most; changes no result
    #[arg(long, value_name = "N", value_parser = positive, default_value = "64", help_heading = "Run")]
    pub(crate) batch_size: usize,
    /// Folder for the reports
    #[arg(long, value_name = "DIR", default_value = "reports", help_heading = "Output")]
    pub(crate) out: PathBuf,
}

/// Who flags, and above which score; shared by `detect`, `evaluate` and `explore`.
#[derive(Debug, Args)]
pub(crate) struct FlaggingFlags {
    /// The detector that flags [default: combined]
    #[arg(long, value_name = "ID", value_parser = names::detector, help_heading = "Detection")]
    pub(crate) detector: Option<&'static str>,
    /// Detectors to score beside it, or all [default: all but two-way, margin, energy, gini, rel-u, second-opinion]
    #[arg(long, value_name = "ID,..", value_delimiter = ',', value_parser = names::detector_or_all, help_heading = "Detection")]
    pub(crate) detectors: Vec<&'static str>,
    /// Flag scores above this one; without a value the stored threshold for 5 % of clean images
    #[arg(long, value_name = "SCORE", num_args = 0..=1, value_parser = score,
          conflicts_with = "fpr", help_heading = "Detection")]
    pub(crate) threshold: Option<Option<f32>>,
    /// Flag this share of clean validation images [default: 0.05]
    #[arg(long, value_name = "RATE", value_parser = rate, help_heading = "Detection")]
    pub(crate) fpr: Option<f64>,
}

impl FlaggingFlags {
    /// That detector alone, at its stored threshold.
    pub(crate) fn alone(id: &'static str) -> Self {
        Self { detector: Some(id), detectors: vec![id], threshold: None, fpr: None }
    }
}

/// What detectors look at, and who flags; shared by `detect` and `evaluate`.
#[derive(Debug, Args)]
pub(crate) struct DetectionFlags {
    #[command(flatten)]
    pub(crate) flagging: FlaggingFlags,
    /// Look at blends of two images of different classes too, which no single label explains
    #[arg(long, help_heading = "Detection")]
    pub(crate) ambiguous: bool,
    /// Look at benign shifts too: brighter, less contrast, black and white only, JPEG, blur, noise, half the size and back
    #[arg(long, help_heading = "Detection")]
    pub(crate) shifts: bool,
}

impl DetectionFlags {
    /// What is looked at that nobody attacked.
    pub(crate) fn unattacked(&self) -> Unattacked {
        Unattacked { shifts: self.shifts, ambiguous: self.ambiguous }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use robust_detectors::detectors;

    use crate::cli::dispatch::Arguments;

    #[test]
    fn help_names_the_detectors_that_are_left_out() {
        let left_out = detectors().iter().filter(|info| !info.by_default).map(|info| info.id);
        let expected = format!("[default: all but {}]", left_out.collect::<Vec<_>>().join(", "));
        for command in ["detect", "evaluate", "explore"] {
            let arguments = Arguments::command();
            let command = arguments.find_subcommand(command).unwrap();
            let flag = command.get_arguments().find(|flag| flag.get_id() == "detectors").unwrap();
            assert!(flag.get_help().unwrap().to_string().ends_with(&expected), "{expected}");
        }
    }
}
