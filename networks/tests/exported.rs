//! Networks as people export them, from a folder that `benches/peers/onnx_networks.py` fills:
//!
//!     ROBUST_ONNX=FOLDER cargo test -p robust-networks --release --test exported -- --ignored --nocapture
//!
//! Beside `name.onnx` lies `name.npz` with `x` and onnxruntime's `logits`, unless the file is only to be read.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use candle_core::npy::NpzTensors;
use candle_core::{Device, Tensor};
use robust_networks::onnx::{Beside, Lowered, Options, read};
use robust_networks::{Graph, Layout};

/// The files of a folder that is trusted.
struct Folder(PathBuf);

impl Beside for Folder {
    fn length(&self, location: &str) -> Result<u64, String> {
        fs::metadata(self.0.join(location)).map(|found| found.len()).map_err(|error| error.to_string())
    }

    fn read(&self, location: &str, offset: u64, length: usize) -> Result<Vec<u8>, String> {
        let mut bytes = vec![0; length];
        let mut file = fs::File::open(self.0.join(location)).map_err(|error| error.to_string())?;
        file.seek(SeekFrom::Start(offset))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(|error| error.to_string())?;
        Ok(bytes)
    }
}

/// The logits of the graph for the images of the archive, and onnxruntime's.
fn both(lowered: &Lowered, archive: &Path) -> candle_core::Result<[Vec<f32>; 2]> {
    let archive = NpzTensors::new(archive)?;
    let tensor = |name: &str| match archive.get(name)? {
        Some(tensor) => Ok(tensor),
        None => candle_core::bail!("no array {name}"),
    };
    let (images, expected) = (tensor("x")?, tensor("logits")?);
    let layout = Layout::of(&[&lowered.spec]);
    let weights = layout
        .tensors()
        .iter()
        .map(|slot| Tensor::from_slice(&lowered.weights[slot.range()], &slot.shape[..], &Device::Cpu));
    let graph = Graph::new(&lowered.spec, &weights.collect::<candle_core::Result<Vec<_>>>()?)?;
    let shape = [&[images.dim(0)?], &lowered.spec.inputs[0].shape[..]].concat();
    let found = graph.run(&[&images.reshape(shape)?])?;
    Ok([found[0].flatten_all()?.to_vec1()?, expected.flatten_all()?.to_vec1()?])
}

#[test]
#[ignore = "needs a folder of exported networks"]
fn exported_networks_give_the_logits_of_onnxruntime() {
    let folder = PathBuf::from(std::env::var("ROBUST_ONNX").unwrap());
    let only = std::env::var("ROBUST_ONNX_ONLY").unwrap_or_default();
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "onnx"));
    files.retain(|file| file.to_str().unwrap().contains(&only));
    files.sort();
    assert!(!files.is_empty());
    let mut wrong = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let lowered = match read(&fs::read(&file).unwrap(), &Folder(folder.clone()), &Options::default()) {
            Ok(lowered) => lowered,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        let mut ops: BTreeMap<String, usize> = BTreeMap::new();
        for node in &lowered.spec.nodes {
            let op = format!("{:?}", node.op);
            let name = op.split([' ', '{']).next().unwrap().to_owned();
            *ops.entry(name).or_default() += 1;
        }
        println!("{name}: {} weights, {ops:?}, {:?}", lowered.weights.len(), lowered.notes);
        let archive = file.with_extension("npz");
        if !archive.exists() {
            continue;
        }
        match both(&lowered, &archive) {
            Err(error) => wrong.push(format!("{name}: {error}")),
            Ok([found, expected]) => {
                let largest = expected.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
                let pairs = found.iter().zip(&expected);
                let apart = pairs.fold(0.0_f32, |most, (a, b)| most.max((a - b).abs())) / largest;
                println!("    {apart:.1e} of the largest logit, {largest}");
                let is_near = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-4 * largest;
                if found.len() != expected.len() || !found.iter().zip(&expected).all(is_near) {
                    wrong.push(format!("{name}: logits differ by {apart:e} of the largest"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
