//! An ONNX file on the kernels.

use std::path::Path;

use anyhow::{Context, Result};
use robust::onnx_file::OnnxFile;
use robust::settings::Settings;
use robust_networks::kernels::{Isa, Network};

/// The network in the file, which must be one that the kernels know.
pub(crate) fn network(path: &str) -> Result<Network> {
    let found = OnnxFile::read(Path::new(path))?.lower(&Settings::default(), None)?;
    let network = Network::new(Isa::detect(), &found.spec).with_context(|| format!("{path} is not for the kernels"))?;
    Ok(network.filled(&found.weights))
}
