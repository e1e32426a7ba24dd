//! The raw flags, as clap reads them. Nothing is checked here that needs more than the flag itself.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use robust_data::SplitName;

use super::explore::ExploreFlags;
use super::method_flags::MethodFlags;
use super::names::{self, NamedMethod};
use super::number::{count, natural, pair, positive, rate, score};
use super::recipe::RecipeFlags;
use crate::study::Kind;

/// Attack an image classifier, and detect when it is being fooled.
#[derive(Debug, Parser)]
#[command(name = "robust", version)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Train a style-memory network
    Train(TrainFlags),
    /// Attack a network and write the adversarial images and a report
    Attack(AttackFlags),
    /// Detect adversarial and misclassified images, and measure the detection
    Detect(DetectFlags),
    /// Draw the figures of the style-memory paper, and measure its claims
    Figures(FiguresFlags),
    /// Write one self-contained HTML page out of report folders
    Report(ReportFlags),
    /// Attacks x epsilons x detectors in one table, with security curves and sanity checks; goes on where it stopped
    Evaluate(EvaluateFlags),
    /// Draw a character or pick an image in a local page, and see what the network and an attack make of it
    Explore(ExploreFlags),
    /// List attacks, detectors, datasets and networks, with their defaults
    List(ListFlags),
}

/// What all working commands share.
#[derive(Debug, Args)]
pub(super) struct CommonFlags {
    /// mnist, emnist-letters, fashion-mnist, or a folder of IDX files in MNIST's names
    #[arg(long, value_name = "NAME|DIR", default_value = "mnist", value_parser = names::dataset, help_heading = "Data")]
    pub(super) dataset: String,
    /// Folder that holds the dataset's files
    #[arg(long, value_name = "DIR", help_heading = "Data")]
    pub(super) data_dir: Option<PathBuf>,
    /// Worker threads [default: all processors]
    #[arg(long, value_name = "N", value_parser = positive, help_heading = "Run")]
    pub(super) threads: Option<usize>,
    /// Seed of everything drawn at random
    #[arg(long, value_name = "N", default_value = "0", value_parser = natural, help_heading = "Run")]
    pub(super) seed: u64,
    /// cpu, cuda, cuda:N or metal; the last two need a build with that feature
    #[arg(long, value_name = "NAME", default_value = "cpu", value_parser = names::device, help_heading = "Run")]
    pub(super) device: String,
    /// Print the summary as one JSON object instead of a table
    #[arg(long, help_heading = "Output")]
    pub(super) json: bool,
    /// No progress and no remarks on stderr; errors still appear
    #[arg(long, help_heading = "Output")]
    pub(super) quiet: bool,
}

/// Which images, and which network looks at them.
#[derive(Debug, Args)]
pub(super) struct ImageFlags {
    /// An embedded network, or a checkpoint file [default: the embedded network of the dataset]
    #[arg(long, value_name = "NAME|FILE", value_parser = names::model, help_heading = "Data")]
    pub(super) model: Option<String>,
    /// train, validation or test
    #[arg(long, value_name = "NAME", default_value = "test", value_parser = names::split, help_heading = "Data")]
    pub(super) split: SplitName,
    /// At most this many images, in file order
    #[arg(long, value_name = "N", value_parser = positive, help_heading = "Data")]
    pub(super) limit: Option<usize>,
    /// Skip this many images first
    #[arg(long, value_name = "N", default_value = "0", value_parser = count, help_heading = "Data")]
    pub(super) offset: usize,
}

/// What commands share that look at many images and report on them.
#[derive(Debug, Args)]
pub(super) struct SubjectFlags {
    #[command(flatten)]
    pub(super) common: CommonFlags,
    #[command(flatten)]
    pub(super) images: ImageFlags,
    /// Images that a thread takes at once, at most; changes no result
    #[arg(long, value_name = "N", value_parser = positive, default_value = "64", help_heading = "Run")]
    pub(super) batch_size: usize,
    /// Folder for the reports
    #[arg(long, value_name = "DIR", default_value = "reports", help_heading = "Output")]
    pub(super) out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct AttackFlags {
    /// Methods, such as bim or fgsm,pgd-l2; `robust list` has them all
    #[arg(long, required = true, value_name = "M,..", value_delimiter = ',', value_parser = names::method,
          help_heading = "Attack")]
    pub(super) method: Vec<NamedMethod>,
    #[command(flatten)]
    pub(super) attack: MethodFlags,
    /// Another network, embedded or a file, that judges whether the images made from --model fool it too
    #[arg(long, value_name = "NAME|FILE", value_parser = names::model, help_heading = "Attack")]
    pub(super) transfer_to: Option<String>,
    #[command(flatten)]
    pub(super) subject: SubjectFlags,
}

/// Who flags, and above which score; shared by `detect` and `evaluate`.
#[derive(Debug, Args)]
pub(super) struct FlaggingFlags {
    /// The detector that flags [default: combined]
    #[arg(long, value_name = "ID", value_parser = names::detector, help_heading = "Detection")]
    pub(super) detector: Option<&'static str>,
    /// Detectors to score beside it, or all [default: all but two-way, which takes far longer than the others]
    #[arg(long, value_name = "ID,..", value_delimiter = ',', value_parser = names::detector_or_all, help_heading = "Detection")]
    pub(super) detectors: Vec<&'static str>,
    /// Flag scores above this one; without a value the stored threshold for 5 % of clean images
    #[arg(long, value_name = "SCORE", num_args = 0..=1, value_parser = score,
          conflicts_with = "fpr", help_heading = "Detection")]
    pub(super) threshold: Option<Option<f32>>,
    /// Flag this share of clean validation images [default: 0.05]
    #[arg(long, value_name = "RATE", value_parser = rate, help_heading = "Detection")]
    pub(super) fpr: Option<f64>,
}

#[derive(Debug, Args)]
pub(super) struct DetectFlags {
    /// Methods to detect [default: fgsm,bim at 0.1, 0.2 and 0.3]
    #[arg(long, value_name = "M,..", value_delimiter = ',', value_parser = names::method, help_heading = "Attack")]
    pub(super) method: Vec<NamedMethod>,
    #[command(flatten)]
    pub(super) attack: MethodFlags,
    #[command(flatten)]
    pub(super) flagging: FlaggingFlags,
    /// Look at blends of two images of different classes too, which no single label explains
    #[arg(long, help_heading = "Detection")]
    pub(super) ambiguous: bool,
    /// Screen your own 28x28 images instead: a PNG, npz or IDX file, a folder of them, or - for a file of at most 1 GiB from standard input
    #[arg(long, value_name = "FILE|DIR|-", conflicts_with_all = ["method", "epsilon", "norm", "steps", "step_size", "learning_rate",
          "restarts", "decay", "early_stop", "confidence", "searches", "queries", "samples", "severity", "against", "lambda", "target", "ambiguous", "split", "limit",
          "offset"],
          help_heading = "Detection")]
    pub(super) input: Option<PathBuf>,
    /// Array of the npz file [default: x_adv, else x]
    #[arg(long, value_name = "NAME", requires = "input", help_heading = "Detection")]
    pub(super) key: Option<String>,
    #[command(flatten)]
    pub(super) subject: SubjectFlags,
}

#[derive(Debug, Args)]
pub(super) struct EvaluateFlags {
    /// Methods [default: noise, fgsm, bim, pgd, square, selective-pgd, selective-adam at 0.05 to 0.3; noise, fgsm, bim, pgd in l2 at 0.5 to 2;
    /// deepfool in both, cw in l2 at confidence 0, 10 and 20]
    #[arg(long, value_name = "M,..", value_delimiter = ',', value_parser = names::method, help_heading = "Attack")]
    pub(super) method: Vec<NamedMethod>,
    #[command(flatten)]
    pub(super) attack: MethodFlags,
    #[command(flatten)]
    pub(super) flagging: FlaggingFlags,
    /// Look at blends of two images of different classes too, which no single label explains
    #[arg(long, help_heading = "Detection")]
    pub(super) ambiguous: bool,
    #[command(flatten)]
    pub(super) subject: SubjectFlags,
}

#[derive(Debug, Args)]
pub(super) struct TrainFlags {
    #[command(flatten)]
    pub(super) common: CommonFlags,
    #[command(flatten)]
    pub(super) recipe: RecipeFlags,
    /// Train on the first N training images only
    #[arg(long, value_name = "N", value_parser = positive, help_heading = "Data")]
    pub(super) limit: Option<usize>,
    /// Go on where an interrupted run in --out stopped
    #[arg(long, help_heading = "Training")]
    pub(super) resume: bool,
    /// Folder for model.safetensors, train.csv and, while unfinished, training-state.safetensors
    #[arg(long, value_name = "DIR", default_value = "reports", help_heading = "Output")]
    pub(super) out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct FiguresFlags {
    /// Figures by the paper's number (3 to 11; digits and letters are one figure) or by name: reconstructions, misclassified,
    /// neighbours, interpolation, forms, path, transfer, generic, traversal; or all [default: all, with --claims none]
    #[arg(long, value_name = "F,..", value_delimiter = ',', value_parser = names::figures, help_heading = "Figures")]
    pub(super) figure: Vec<Vec<Kind>>,
    /// Measure the paper's claims and write claims.csv, claims.md and claims.json
    #[arg(long, help_heading = "Figures")]
    pub(super) claims: bool,
    /// claims.json of other networks or datasets, to stand beside these claims in claims.md and claims.csv
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "claims", help_heading = "Figures")]
    pub(super) beside: Vec<PathBuf>,
    /// Images whose neighbours are shown, by index in the split [default: at a quarter and three quarters of the file]
    #[arg(long, value_name = "I,..", value_delimiter = ',', value_parser = natural, help_heading = "Figures")]
    pub(super) query: Vec<u64>,
    /// Pairs of images of one class to interpolate between, such as 3:18,7:32 [default: the farthest of each class's first 100]
    #[arg(long, value_name = "I:J,..", value_delimiter = ',', value_parser = pair, help_heading = "Figures")]
    pub(super) pair: Vec<(u64, u64)>,
    #[command(flatten)]
    pub(super) subject: SubjectFlags,
}

#[derive(Debug, Args)]
pub(super) struct ReportFlags {
    /// Folders that attack, detect, evaluate or train wrote to; several are compared
    #[arg(required = true, value_name = "DIR")]
    pub(super) folders: Vec<PathBuf>,
    /// The page [default: report.html in the folder, or here if there are several]
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// No remarks on stderr; errors still appear
    #[arg(long)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct ListFlags {
    /// Print one JSON object instead of tables
    #[arg(long)]
    pub(super) json: bool,
}
