//! `robust attack --dataset FILE.vnnlib`: whether an attack finds an input that violates a property, as an instance of VNN-LIB states it. Writes
//! `instance.json` and, where one is found, `counterexample.txt`, as the competition of verifiers writes it.

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use candle_core::Tensor;
use robust_attacks::{ImageShape, Model, Norm};
use robust_networks::Preprocessing;
use robust_networks::onnx::Channels;
use serde_json::json;

use crate::cli::flags::names::{DEFAULT_DETECTOR, NamedMethod};
use crate::cli::flags::{MethodFlags, SubjectFlags};
use crate::cli::network_file::NetworkFile;
use crate::cli::out::say;
use crate::cli::plan::attacks;
use crate::cli::subject::{device, pool};
use crate::cli::usage::Usage;
use crate::evaluation::{Images, PlannedAttack};
use crate::files::Output;
use crate::onnx_file::classifier;
use crate::vnnlib::{Instance, Violation};

/// The budget around the middle of a box that is the whole box.
const WHOLE: f64 = 0.5;

/// Whether `--dataset` names an instance.
pub(crate) fn is_one(dataset: &str) -> bool {
    Path::new(dataset).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("vnnlib"))
}

/// An input that violates the property.
struct Found {
    method: String,
    /// Number of the case that is met.
    case: usize,
    /// `X`, in the file's order.
    inputs: Vec<f32>,
    /// `Y`.
    outputs: Vec<f32>,
}

pub(crate) fn run(methods: &[NamedMethod], settings: &MethodFlags, flags: &SubjectFlags) -> Result<()> {
    let (start, common) = (Instant::now(), &flags.common);
    let path = Path::new(common.dataset());
    let file = NetworkFile::read(common, &flags.images.model)?;
    let Some((lowered, _)) = file.lowered() else {
        bail!(Usage(format!("--dataset {}: an instance is about an ONNX file; name it with --model", path.display())));
    };
    if settings.target.is_some() || !settings.epsilon.is_empty() {
        bail!(Usage("--epsilon and --target mean nothing to an instance: the box is in the file".to_owned()));
    }
    let pixels = flags.images.model.of_onnx().into_iter().find(|flag| !matches!(*flag, "--layout" | "--output"));
    if let Some(flag) = pixels {
        bail!(Usage(format!("{flag} is about pixels, and an instance about the file's own inputs; leave it out")));
    }
    let (device, pool) = (device(&common.device)?, pool(common.threads)?);
    // An instance is about the file's own inputs, before any preprocessing.
    let network = classifier(lowered, &Preprocessing::default(), &device)?;
    let mut instance = Instance::read(path)?;
    let order = order(network.signature().shape, lowered.channels);
    instance.reorder(&order).map_err(|found| anyhow!("--dataset {}: {found}", path.display()))?;
    let planned = planned(methods, settings, network.signature().shape)?;
    let output = Output::new(&flags.out)?;
    let mut found = None;
    'cases: for (case, number) in instance.cases.iter().zip(0..) {
        let violation =
            Violation::new(&network, case, &device).with_context(|| format!("--dataset {}", path.display()))?;
        let ImageShape { channels, height, width } = violation.signature().shape;
        let middle = Tensor::full(WHOLE as f32, (1, channels, height, width), &device)?;
        for attack in &planned {
            let images = Images { x: middle.clone(), labels: vec![0], indices: vec![number] };
            let campaign = attack.campaign(&violation, &attack.sets, None, common.seed);
            let made = pool.install(|| campaign.run(&images))?.pop().context("the attack made no input")?;
            let logits = violation.logits(&made.x_adv)?.to_vec2::<f32>()?;
            if logits[0][1] >= 0.0 {
                let inputs = violation.inputs(&made.x_adv)?;
                let outputs = network.logits(&inputs)?.flatten_all()?.to_vec1()?;
                let flat: Vec<f32> = inputs.flatten_all()?.to_vec1()?;
                let mut inputs = vec![0.0; flat.len()];
                order.iter().zip(&flat).for_each(|(&at, &value)| inputs[at] = value);
                found = Some(Found { method: attack.spec.to_string(), case: number as usize, inputs, outputs });
                break 'cases;
            }
        }
    }
    let summary = json!({
        "version": env!("CARGO_PKG_VERSION"), "model": file.name, "model_sha256": file.sha256()?, "instance": path.display().to_string(),
        "inputs": instance.inputs, "outputs": instance.outputs, "cases": instance.cases.len(), "violated": found.is_some(),
        "attack": found.as_ref().map(|found| &found.method), "case": found.as_ref().map(|found| found.case),
        "methods": planned.iter().map(|attack| attack.spec.to_string()).collect::<Vec<_>>(), "seed": common.seed,
        "seconds": start.elapsed().as_secs_f64(),
    });
    let mut edition = output.edition();
    if let Some(found) = &found {
        edition.write("counterexample.txt", |file| file.write_all(counterexample(found).as_bytes()))?;
    }
    let summary = edition.publish("instance.json", summary, &["counterexample.txt"])?;
    if common.json {
        return say(json!(summary));
    }
    match &found {
        Some(Found { method, .. }) => {
            say(format_args!("the property of {} is violated: {method} found an input of its box", path.display()))?
        }
        None => {
            say(format_args!("no attack violated the property of {}; that is no proof that it holds", path.display()))?
        }
    }
    say(format_args!("reports  {}", output.folder.display()))
}

/// Every method, over the whole box.
fn planned(methods: &[NamedMethod], settings: &MethodFlags, shape: ImageShape) -> Result<Vec<PlannedAttack>> {
    let whole = MethodFlags { epsilon: vec![WHOLE], ..settings.clone() };
    let planned = attacks(methods, &whole, shape, DEFAULT_DETECTOR, true)?;
    if let Some(other) = planned.iter().find(|attack| attack.spec.norm() != Norm::Linf || attack.against.is_some()) {
        bail!(Usage(format!("--method {}: a box asks for attacks in linf that know no detector", other.spec)));
    }
    Ok(planned)
}

/// For each value of an image, channel by channel, its place among the file's inputs.
fn order(shape: ImageShape, channels: Channels) -> Vec<usize> {
    let ImageShape { channels: planes, height, width } = shape;
    (0..shape.pixels()).map(|at| channels.place(at, [planes, height * width])).collect()
}

fn counterexample(Found { inputs, outputs, .. }: &Found) -> String {
    let mut lines = Vec::with_capacity(inputs.len() + outputs.len());
    for (name, values) in [("X", inputs), ("Y", outputs)] {
        lines.extend(values.iter().enumerate().map(|(at, value)| format!("({name}_{at} {value})")));
    }
    let mut text = "sat\n".to_owned();
    // Writing to a string does not fail.
    let _ = writeln!(text, "({})", lines.join("\n"));
    text
}
