//! Networks as people export them, on the kernels and on candle's graph, from a folder that a script of `benches/peers/` fills:
//!
//!     ROBUST_ONNX=FOLDER cargo test -p robust-networks --release --test exported -- --ignored --nocapture
//!
//! Beside `name.onnx` lies `name.npz` with `x` and onnxruntime's `logits`, unless the file is only to be read. With `class`, a class for each
//! of the first images, come `gradient` and `loss_gradient`, those of its logit and of its cross-entropy: of all pixels, or of those at `places`.
//! `change` says by how much an image's gradient changes in f64 when weights change by no more than floats round.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use candle_core::npy::NpzTensors;
use candle_core::{Device, Result, Tensor};
use candle_nn::ops::log_softmax;
use robust_attacks::{FnModel, LogitLoss, Model};
use robust_networks::onnx::{Beside, Channels, Lowered, Options, read};
use robust_networks::{Classifier, Graph, Layout, Slot};

/// The files of a folder that is trusted.
struct Folder(PathBuf);

impl Beside for Folder {
    fn length(&self, location: &str) -> std::result::Result<u64, String> {
        fs::metadata(self.0.join(location)).map(|found| found.len()).map_err(|error| error.to_string())
    }

    fn read(&self, location: &str, offset: u64, length: usize) -> std::result::Result<Vec<u8>, String> {
        let mut bytes = vec![0; length];
        let mut file = fs::File::open(self.0.join(location)).map_err(|error| error.to_string())?;
        file.seek(SeekFrom::Start(offset))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(|error| error.to_string())?;
        Ok(bytes)
    }
}

/// The most that logits may differ, as a share of an image's largest.
const LOGITS: f32 = 1e-4;
/// The most that gradients may differ, as a share of an image's largest.
const GRADIENTS: f32 = 1e-3;

/// Differences from what an archive says. A gradient jumps where an element is nearer to the kink of its function than floats round; so the median image
/// counts, and more than half of the gradients must be near.
#[derive(Debug, Default, Clone, Copy)]
struct Apart {
    /// Of the logits, the largest.
    logits: f32,
    /// Of the gradient of a logit, and of the cross-entropy's: the median image's.
    gradients: [f32; 2],
    /// Gradients that are further off than they may be, and how many there are.
    jumps: [usize; 2],
}

impl Apart {
    /// `may` says for each image by how much its gradients may differ.
    fn of(logits: &[f32], gradients: [&[f32]; 2], may: &[f32]) -> Self {
        let median = |rows: &[f32]| {
            let mut rows = rows.to_vec();
            rows.sort_by(f32::total_cmp);
            rows.get(rows.len() / 2).copied().unwrap_or_default()
        };
        // What is no number is far.
        let is_far = |(apart, may): (&f32, &f32)| apart.total_cmp(may).is_gt();
        let far = |rows: &[f32]| rows.iter().zip(may).filter(|pair| is_far(*pair)).count();
        Self {
            logits: logits.iter().copied().max_by(f32::total_cmp).unwrap_or(f32::NAN),
            gradients: gradients.map(median),
            jumps: [gradients.iter().map(|rows| far(rows)).sum(), gradients.iter().map(|rows| rows.len()).sum()],
        }
    }

    fn and(self, other: Self) -> Self {
        let gradients = [0, 1].map(|at| self.gradients[at].max(other.gradients[at]));
        let jumps = [0, 1].map(|at| self.jumps[at] + other.jumps[at]);
        Self { logits: self.logits.max(other.logits), gradients, jumps }
    }

    fn is_little(self) -> bool {
        let [jumps, all] = self.jumps;
        self.logits <= LOGITS && (all == 0 || 2 * jumps < all)
    }
}

impl fmt::Display for Apart {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { logits, gradients: [gradient, loss_gradient], jumps: [jumps, all] } = self;
        write!(f, "{logits:.1e} | {gradient:.1e} | {loss_gradient:.1e} | {jumps} of {all}")
    }
}

/// The largest difference in each row, as a share of what is largest in it; a row where all is zero says nothing and counts as infinitely far.
fn apart(found: &Tensor, expected: &Tensor) -> Result<Vec<f32>> {
    let (found, expected) = (found.to_vec2::<f32>()?, expected.to_vec2::<f32>()?);
    // NaN is the largest of all.
    let largest = |row: &mut dyn Iterator<Item = f32>| row.max_by(f32::total_cmp).unwrap_or(0.0);
    let of_row = |(found, expected): (&Vec<f32>, &Vec<f32>)| {
        let scale = largest(&mut expected.iter().map(|value| value.abs()));
        if scale == 0.0 || found.len() != expected.len() {
            return f32::INFINITY;
        }
        largest(&mut found.iter().zip(expected).map(|(a, b)| (a - b).abs())) / scale
    };
    Ok(found.iter().zip(&expected).map(of_row).collect())
}

/// Channels, rows and columns of the images of an archive, which a file may leave open; none if they lie otherwise.
fn image(archive: &Path) -> Option<[usize; 3]> {
    match *NpzTensors::new(archive).ok()?.get("x").ok()??.dims() {
        [_, channels @ (1 | 3), rows, columns] => Some([channels, rows, columns]),
        _ => None,
    }
}

/// What an archive says of some images, as a network takes them here.
struct Known {
    x: Tensor,
    logits: Tensor,
    gradients: Option<Gradients>,
}

struct Gradients {
    class: Tensor,
    places: Option<Tensor>,
    may: Vec<f32>,
    of: [Tensor; 2],
}

impl Known {
    fn read(path: &Path, lowered: &Lowered) -> Result<Self> {
        let archive = NpzTensors::new(path)?;
        let tensor = |name: &str| match archive.get(name)? {
            Some(tensor) => Ok(tensor),
            None => candle_core::bail!("no array {name}"),
        };
        let images = |name: &str| {
            let images = tensor(name)?;
            let is_last = images.rank() == 4 && lowered.channels == Channels::Last;
            if is_last { images.permute((0, 3, 1, 2))?.contiguous() } else { Ok(images) }
        };
        let x = images("x")?;
        let shape = [&[x.dim(0)?], &lowered.spec.inputs[0].shape[..]].concat();
        let gradients = |class: Tensor| {
            let of = ["gradient", "loss_gradient"].map(|name| images(name)?.flatten_from(1));
            let [logit, loss] = of;
            let change =
                archive.get("change")?.map_or(Ok(vec![0.0; class.dim(0)?]), |change| change.to_vec1::<f32>())?;
            let may = change.iter().map(|change| change.max(GRADIENTS)).collect();
            Ok::<_, candle_core::Error>(Gradients { class, places: archive.get("places")?, may, of: [logit?, loss?] })
        };
        let gradients = archive.get("class")?.map(gradients).transpose()?;
        Ok(Self { x: x.reshape(shape)?, logits: tensor("logits")?.flatten_from(1)?, gradients })
    }

    /// How far a network is from it.
    fn apart(&self, network: &dyn Model) -> Result<Apart> {
        let logits = apart(&network.logits(&self.x)?, &self.logits)?;
        let Some(Gradients { class, places, may, of }) = &self.gradients else {
            return Ok(Apart::of(&logits, [&[], &[]], &[]));
        };
        let logit = |logits: &Tensor| logits.gather(&class.unsqueeze(1)?, 1)?.squeeze(1);
        let loss = |logits: &Tensor| logit(&log_softmax(logits, 1)?)?.neg();
        let gradient = |loss: LogitLoss, expected: &Tensor| {
            let x = self.x.narrow(0, 0, class.dim(0)?)?;
            let found = network.loss_gradient(&x, loss)?.gradient.flatten_from(1)?;
            apart(&places.as_ref().map_or(Ok(found.clone()), |places| found.gather(places, 1))?, expected)
        };
        Ok(Apart::of(&logits, [&gradient(&logit, &of[0])?, &gradient(&loss, &of[1])?], may))
    }
}

/// How far the kernels are, and how far candle's graph.
fn both(lowered: &Lowered, known: &Known) -> Result<[Apart; 2]> {
    let kernels = Classifier::new(&lowered.spec, &lowered.weights, &Device::Cpu)?;
    if !kernels.is_on_kernels() {
        candle_core::bail!("the kernels do not know it");
    }
    let layout = Layout::of(&[&lowered.spec]);
    let tensor = |slot: &Slot| Tensor::from_slice(&lowered.weights[slot.range()], &slot.shape[..], &Device::Cpu);
    let graph = Graph::new(&lowered.spec, &layout.tensors().iter().map(tensor).collect::<Result<Vec<_>>>()?)?;
    let graph = FnModel::new(kernels.signature(), |x: &Tensor| Ok(graph.run(&[x])?.remove(0)));
    Ok([known.apart(&kernels)?, known.apart(&graph)?])
}

#[test]
#[ignore = "needs a folder of exported networks"]
fn exported_networks_give_the_logits_of_onnxruntime_and_the_gradients_of_pytorch() {
    let folder = PathBuf::from(std::env::var("ROBUST_ONNX").unwrap());
    let only = std::env::var("ROBUST_ONNX_ONLY").unwrap_or_default();
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "onnx"));
    files.retain(|file| file.to_str().unwrap().contains(&only));
    files.sort();
    assert!(!files.is_empty());
    let (mut wrong, mut table) = (Vec::new(), BTreeMap::<String, (usize, Apart)>::new());
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let archive = file.with_extension("npz");
        let options = Options { shape: image(&archive), ..Options::default() };
        let lowered = match read(&fs::read(&file).unwrap(), &Folder(folder.clone()), &options) {
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
        if !archive.exists() {
            continue;
        }
        match Known::read(&archive, &lowered).and_then(|known| both(&lowered, &known)) {
            Err(error) => wrong.push(format!("{name}: {error}")),
            Ok([kernels, graph]) => {
                println!("    kernels {kernels}, graph {graph}");
                if !kernels.is_little() || !graph.is_little() {
                    wrong.push(format!("{name}: kernels {kernels}, graph {graph}"));
                }
                let network = name.split("-legacy").flat_map(|part| part.split("-dynamo")).next().unwrap_or(&name);
                let row = table.entry(network.to_owned()).or_default();
                *row = (row.0 + 1, row.1.and(kernels).and(graph));
            }
        }
    }
    println!(
        "\n| network | files | logits | gradient of a logit | of the cross-entropy | jumps |\n|---|---:|---:|---:|---:|---:|"
    );
    table.iter().for_each(|(network, (files, apart))| println!("| {network} | {files} | {apart} |"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
