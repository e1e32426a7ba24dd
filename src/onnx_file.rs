//! [`OnnxFile`]: somebody's classifier as an ONNX file lies there, with the files of weights beside it.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use candle_core::Device;
use robust_data::{read_file, sha256_of};
use robust_networks::onnx::{Beside, Channels, Lowered, OnnxError, Options, read};
use robust_networks::{Classifier, Preprocessing};

use crate::settings::{Layout, Settings};

/// No ONNX file is larger: it is one protobuf message, and those end at 2 GiB.
const LARGEST: u64 = 1 << 31;

/// An ONNX file, read.
pub struct OnnxFile {
    path: PathBuf,
    bytes: Vec<u8>,
    folder: Folder,
}

impl OnnxFile {
    /// Reads a file whole; what lies beside it is read when it is asked for.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = read_file(path, LARGEST)?;
        let folder = Folder::of(path)?;
        Ok(Self { path: path.to_owned(), bytes, folder })
    }

    /// Whether a file is to be read as ONNX: its name ends in `.onnx`.
    #[must_use]
    pub fn is_one(path: &Path) -> bool {
        path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"))
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The network in it, taken as `settings` say. `shape`: channels, rows and columns of the images, where the file leaves them open.
    ///
    /// # Errors
    /// [`OnnxError`], in one line that begins with the file.
    pub fn lower(&self, settings: &Settings, shape: Option<[usize; 3]>) -> Result<Lowered> {
        let channels = settings.layout.map(|layout| match layout {
            Layout::Nchw => Channels::First,
            Layout::Nhwc => Channels::Last,
        });
        let options = Options { channels, shape, output: settings.output.clone() };
        read(&self.bytes, &self.folder, &options).map_err(advised).with_context(|| self.path.display().to_string())
    }

    /// The SHA-256 of the file, followed by those files beside it that were read, in the order of their names.
    ///
    /// # Errors
    /// One of them cannot be read any more.
    pub fn sha256(&self) -> Result<String> {
        let mut all: Box<dyn Read> = Box::new(&self.bytes[..]);
        for location in self.folder.asked() {
            all = Box::new(all.chain(self.folder.files.open(&location)?));
        }
        sha256_of(all).with_context(|| self.path.display().to_string())
    }
}

/// With the flag that helps.
fn advised(error: OnnxError) -> anyhow::Error {
    let advice = match &error {
        OnnxError::OpenSize(_) => "; --dataset or --crop tell it",
        OnnxError::OutputChoice(_) => "; name it with --output",
        _ => "",
    };
    anyhow::Error::msg(format!("{error}{advice}"))
}

/// A network of a file as a model, behind its preprocessing.
///
/// # Errors
/// The preprocessing does not fit the images, or the network is no classifier.
pub fn classifier(lowered: &Lowered, preprocessing: &Preprocessing, device: &Device) -> Result<Classifier> {
    let whole = preprocessing.before(lowered.spec.clone(), lowered.weights.clone());
    let (spec, weights) = whole.map_err(|found| anyhow::anyhow!("--mean, --std, --scale, --channels: {found}"))?;
    Ok(Classifier::new(&spec, &weights, device)?)
}

/// The folder of a model.
struct Folder {
    files: robust_data::Beside,
    /// What was asked for in it.
    asked: Mutex<BTreeSet<String>>,
}

impl Folder {
    fn of(model: &Path) -> Result<Self> {
        Ok(Self { files: robust_data::Beside::of(model)?, asked: Mutex::default() })
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn ask(&self, location: &str) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(location.to_owned());
    }
}

impl Beside for Folder {
    fn length(&self, location: &str) -> Result<u64, String> {
        self.ask(location);
        self.files.length(location).map_err(|error| error.to_string())
    }

    fn read(&self, location: &str, offset: u64, length: usize) -> Result<Vec<u8>, String> {
        self.ask(location);
        self.files.read(location, offset, length).map_err(|error| error.to_string())
    }
}
