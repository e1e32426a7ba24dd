//! [`NetworkFile`]: a network as it lies in the binary, in a checkpoint or in an ONNX file, before anything is computed.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use candle_core::Device;
use robust_data::{ImageShape, SplitName, pretrained, sha256};
use robust_networks::onnx::{Channels, Lowered};
use robust_networks::{StyleMemory, StyleMemorySpec};

use super::dataset::dataset;
use super::flags::names::meant;
use super::flags::{CommonFlags, ModelFlags};
use super::usage::Usage;
use crate::checkpoint::{Checkpoint, Metadata};
use crate::evaluation::Calibration;
use crate::network::Network;
use crate::onnx_file::{OnnxFile, classifier};
use crate::settings::{Layout, Settings};
use crate::words::listed;

/// Dimensions of a batch of features.
const FEATURES: usize = 2;

/// A network as it lies in a file or in the binary.
pub(crate) struct NetworkFile {
    /// Name of the network or path of its file.
    pub(crate) name: String,
    content: Content,
}

enum Content {
    StyleMemory { bytes: Cow<'static, [u8]>, checkpoint: Box<Checkpoint> },
    Onnx { file: Box<OnnxFile>, settings: Settings, lowered: Box<Lowered>, classes: usize },
}

/// What is known of an ONNX file's network alone.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    /// Where the file lies.
    pub(crate) path: PathBuf,
    /// How it is taken.
    pub(crate) settings: Settings,
    /// What was done on reading it that its owner must know.
    pub(crate) notes: Vec<String>,
}

impl NetworkFile {
    /// The network that the flags name.
    pub(crate) fn read(common: &CommonFlags, flags: &ModelFlags) -> Result<Self> {
        Self::named(common, flags, flags.model.as_deref(), "--model")
    }

    /// The network of that name or in that file, which `flag` names.
    pub(crate) fn named(common: &CommonFlags, flags: &ModelFlags, model: Option<&str>, flag: &str) -> Result<Self> {
        if let Some(path) = model.map(Path::new).filter(|path| OnnxFile::is_one(path) && path.exists()) {
            return Self::onnx(path, common, flags, flag);
        }
        if let Some(given) = flags.of_onnx().first().filter(|_| flag == "--model") {
            return Err(Usage(format!("{given} is for an ONNX file, which --model does not name")).into());
        }
        let (name, bytes) = model_bytes(model, common.dataset(), flag)?;
        let checkpoint = Box::new(Checkpoint::from_bytes(&name, &bytes)?);
        Ok(Self { name, content: Content::StyleMemory { bytes, checkpoint } })
    }

    fn onnx(path: &Path, common: &CommonFlags, flags: &ModelFlags, flag: &str) -> Result<Self> {
        let beside = Settings::beside(path)?.unwrap_or_default();
        let settings = if flag == "--model" { flags.over(beside) } else { beside };
        let file = OnnxFile::read(path)?;
        let found = match file.lower(&settings, None) {
            Ok(lowered) if lowered.declared.len() != FEATURES => Ok(lowered),
            // Where the file leaves the size open, or has features only, the images tell it.
            found => match shape_of(common).map(|shape| file.lower(&settings, Some(shape))) {
                Some(Ok(lowered)) => Ok(lowered),
                _ => found,
            },
        };
        let lowered = check_layout(&file, &settings, found, common)?;
        let (name, classes) = (path.display().to_string(), classes(&lowered));
        Ok(Self {
            name,
            content: Content::Onnx { file: Box::new(file), settings, lowered: Box::new(lowered), classes },
        })
    }

    /// The shape of the images that it takes.
    pub(crate) fn shape(&self) -> ImageShape {
        let shape = match &self.content {
            Content::StyleMemory { checkpoint, .. } => &checkpoint.parameters.spec().input[..],
            Content::Onnx { lowered, .. } => &lowered.spec.inputs[0].shape[..],
        };
        ImageShape { channels: shape[0], height: shape[1], width: shape[2] }
    }

    /// What is known of it.
    pub(crate) fn metadata(&self) -> Metadata {
        match &self.content {
            Content::StyleMemory { checkpoint, .. } => checkpoint.metadata.clone(),
            &Content::Onnx { ref settings, classes, .. } => {
                let unknown = Metadata::unknown(&StyleMemorySpec::paper(classes));
                let are_named = settings.classes.len() == classes;
                let class_names = if are_named { settings.classes.clone() } else { unknown.class_names.clone() };
                Metadata { class_names, styles: 0, ..unknown }
            }
        }
    }

    /// What is known of it if it is an ONNX file's.
    pub(crate) fn own(&self) -> Option<Own> {
        match &self.content {
            Content::StyleMemory { .. } => None,
            Content::Onnx { file, settings, lowered, .. } => {
                let (path, settings) = (file.path().to_owned(), settings.clone());
                Some(Own { path, settings, notes: lowered.notes.clone() })
            }
        }
    }

    /// The network on a device, with what its file holds of detectors.
    pub(crate) fn network(&self, device: &Device) -> Result<(Network, Calibration)> {
        match &self.content {
            Content::StyleMemory { checkpoint, .. } => {
                let network = StyleMemory::new(&checkpoint.parameters, device)?;
                Ok((Network::StyleMemory(network), checkpoint.calibration.clone()))
            }
            Content::Onnx { settings, lowered, .. } => {
                let network = classifier(lowered, &settings.preprocessing, device);
                Ok((Network::Classifier(network.with_context(|| self.name.clone())?), Calibration::default()))
            }
        }
    }

    /// The SHA-256 of its file.
    pub(crate) fn sha256(&self) -> Result<String> {
        match &self.content {
            Content::StyleMemory { bytes, .. } => Ok(sha256(bytes)),
            Content::Onnx { file, .. } => file.sha256(),
        }
    }

    /// The network of an ONNX file with its input in the other layout, if it takes the same images then and is not the same network.
    pub(crate) fn other_layout(&self) -> Option<(Layout, Lowered)> {
        let Content::Onnx { file, settings, lowered, .. } = &self.content else { return None };
        let layout = layout_of(lowered).other();
        let ImageShape { channels, height, width } = self.shape();
        let other = file.lower(&taken_as(settings, layout), Some([channels, height, width])).ok()?;
        (other.spec.inputs[0].shape == lowered.spec.inputs[0].shape && other.spec != lowered.spec)
            .then_some((layout, other))
    }

    /// The network of an ONNX file, and how it is taken.
    pub(crate) fn lowered(&self) -> Option<(&Lowered, &Settings)> {
        match &self.content {
            Content::StyleMemory { .. } => None,
            Content::Onnx { lowered, settings, .. } => Some((lowered, settings)),
        }
    }
}

/// Channels, rows and columns of the images that the flags name, as far as they can be read.
fn shape_of(common: &CommonFlags) -> Option<[usize; 3]> {
    let dataset = common.names_dataset().then(|| dataset(common).ok()).flatten()?;
    let shape = dataset.held_out().split(SplitName::Test).ok()?.shape();
    Some([shape.channels, shape.height, shape.width])
}

/// These settings with another layout.
fn taken_as(settings: &Settings, layout: Layout) -> Settings {
    Settings { layout: Some(layout), ..settings.clone() }
}

/// How a network's input lies.
fn layout_of(lowered: &Lowered) -> Layout {
    match lowered.channels {
        Channels::First => Layout::Nchw,
        Channels::Last => Layout::Nhwc,
    }
}

/// Refuses a layout that somebody has said where the network takes the images only in the other one.
fn check_layout(file: &OnnxFile, settings: &Settings, found: Result<Lowered>, common: &CommonFlags) -> Result<Lowered> {
    let Some((layout, shape)) = settings.layout.zip(shape_of(common)) else { return found };
    let takes = |found: &Result<Lowered>| found.as_ref().is_ok_and(|lowered| lowered.spec.inputs[0].shape == shape);
    if !takes(&found) && takes(&file.lower(&taken_as(settings, layout.other()), Some(shape))) {
        let (path, [channels, height, width]) = (file.path().display(), shape);
        let (wrong, right) = (layout.name(), layout.other().name());
        bail!(
            "{path}: with its input as {wrong} it takes no images of {channels} channels and {height}x{width} pixels; with --layout {right} it does"
        );
    }
    found
}

/// Classes that a network knows.
fn classes(lowered: &Lowered) -> usize {
    let shapes = lowered.spec.shapes().unwrap_or_default();
    let at = lowered.spec.names().position(|name| Some(name) == lowered.spec.outputs.first().map(String::as_str));
    at.and_then(|at| shapes.get(at)?.first().copied()).unwrap_or_default()
}

/// A short name for the network that a flag names, and its bytes.
fn model_bytes(model: Option<&str>, dataset: &str, flag: &str) -> Result<(String, Cow<'static, [u8]>)> {
    let name = model.unwrap_or(dataset);
    if let Some(bytes) = pretrained::pretrained(name) {
        return Ok((name.to_owned(), bytes.into()));
    }
    match model {
        Some(file) => {
            let names = listed(pretrained::names());
            if !Path::new(file).exists() {
                let meant = meant(file, pretrained::names());
                bail!("{flag} {file} is neither a file nor an embedded network ({names}){meant}");
            }
            let bytes = Checkpoint::read_bytes(Path::new(file))
                .with_context(|| format!("{flag} {file} is no embedded network ({names})"))?;
            Ok((file.to_owned(), bytes.into()))
        }
        None => Err(Usage(format!("no network for dataset '{dataset}' is embedded; give one with --model")).into()),
    }
}
