//! `robust inspect`: what a network is, and whether it takes clean images as they come: under which preprocessing, and in which order of classes.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use robust_attacks::Model;
use robust_data::SplitName;
use robust_networks::onnx::Lowered;
use robust_networks::{Classifier, Preprocessing};
use serde_json::{Map, Value, json};

use crate::cli::dataset::{dataset, named_validation, remark_on};
use crate::cli::flags::{CommonFlags, ModelFlags, names};
use crate::cli::network_file::NetworkFile;
use crate::cli::out::{Table, note, say, say_lines};
use crate::cli::own::probe;
use crate::cli::reference::{Difference, compare};
use crate::cli::subject::{device, pool};
use crate::cli::usage::Usage;
use crate::files::write_whole;
use crate::onnx_file::classifier;
use crate::probe::{LOOKED_AT, Looked, OrderFound, Probe};
use crate::settings::Settings;
use crate::words::{of_clean_images, percent};

/// Classes that are shown to lie elsewhere.
const MOVED: usize = 10;

#[derive(Debug, Args)]
pub(crate) struct InspectFlags {
    #[command(flatten)]
    model: ModelFlags,
    /// Compare with the arrays x and logits of this npz file, which another runtime has made of an ONNX file
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    reference: Option<PathBuf>,
    /// Dataset whose images are looked at, all of them if nothing in it is set apart [default: the validation images of --dataset; of one
    /// without any a tenth of it]
    #[arg(long, value_name = "NAME|PATH", value_parser = names::dataset, help_heading = "Data")]
    validation: Option<String>,
    #[command(flatten)]
    common: CommonFlags,
    /// Keep the best preprocessing, and the order of the classes, in FILE.robust.json beside the model; later commands read it
    #[arg(long, help_heading = "Output")]
    save: bool,
}

pub(crate) fn run(flags: &InspectFlags) -> Result<()> {
    let InspectFlags { model, common, save, reference, validation } = flags;
    let looks = common.names_dataset() || validation.is_some();
    if model.model.is_none() {
        bail!(Usage("inspect needs a network; name it with --model".to_owned()));
    }
    let file = NetworkFile::read(common, model)?;
    let Some((lowered, settings)) = file.lowered() else {
        let given = [("--reference", reference.is_some()), ("--save", *save), ("--validation", validation.is_some())];
        if let Some((flag, _)) = given.into_iter().find(|(_, is_given)| *is_given) {
            bail!(Usage(format!(
                "{flag} is for ONNX files, and {} is a style-memory network; leave it out",
                file.name
            )));
        }
        return tell_style_memory(&file, common);
    };
    if *save && !looks {
        bail!(Usage("--save keeps what clean images show; name some with --dataset".to_owned()));
    }
    let device = device(&common.device)?;
    let plain = classifier(lowered, &Preprocessing::default(), &device).with_context(|| file.name.clone())?;
    let named = validation.as_deref();
    let probe = looks.then(|| looked_at(&file, lowered, settings, &plain, (named, common))).transpose()?;
    let compare = |path: &PathBuf| compare(path, &plain, lowered.channels, &device);
    let difference = reference.as_ref().map(compare).transpose()?;
    let facts = facts(&file, lowered, &plain)?;
    if common.json {
        let probe = probe.as_ref().map(|(_, probe)| probe_json(probe));
        let facts: Map<String, Value> = facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let notes = &lowered.notes;
        say(
            json!({ "model": file.name, "network": facts, "settings": settings, "notes": notes, "reference": difference, "probe": probe }),
        )?;
    } else {
        say(format_args!("{}", file.name))?;
        facts.iter().try_for_each(|(name, value)| say(format_args!("  {name:<12} {}", plain_value(value))))?;
        lowered.notes.iter().try_for_each(|remark| say(format_args!("  note         {remark}")))?;
        if let Some(Difference { inputs, largest, largest_logit }) = difference {
            let line = format_args!(
                "  reference    logits of {inputs} inputs differ by at most {largest:.2e}; the largest is {largest_logit:.2e}"
            );
            say(line)?;
        }
        if let Some((names, probe)) = &probe {
            print_probe(probe, names)?;
        }
    }
    match probe {
        Some((names, probe)) if *save => keep(&file, settings, &probe, &names, common),
        _ => Ok(()),
    }
}

/// Clean images of the dataset in the eyes of the network, and the names of its classes.
fn looked_at(
    file: &NetworkFile,
    lowered: &Lowered,
    settings: &Settings,
    plain: &Classifier,
    (validation, common): (Option<&str>, &CommonFlags),
) -> Result<(Vec<String>, Probe)> {
    let (data, images) = match validation {
        Some(named) => named_validation(named, file.shape(), common)?,
        None => {
            let data = dataset(common)?.held_out().for_shape(file.shape());
            let images = data.split(SplitName::Validation)?;
            (data, images)
        }
    };
    let images = images.sample(LOOKED_AT);
    remark_on(&data, common.quiet);
    let names = data.class_names().to_vec();
    let known = plain.signature().classes;
    if names.len() > known {
        let (name, found) = (data.name(), names.len());
        bail!("{}: it tells {known} classes apart and dataset '{name}' has {found}", file.name);
    }
    let device = device(&common.device)?;
    let probe = || probe(file, plain, &images, &names, &settings.preprocessing, &device);
    let probe =
        pool(common.threads)?.install(probe).with_context(|| format!("{} ({})", file.name, lowered.producer))?;
    Ok((names, probe))
}

/// What is known of an ONNX file's network.
fn facts(file: &NetworkFile, lowered: &Lowered, network: &Classifier) -> Result<Vec<(&'static str, Value)>> {
    let signature = network.signature();
    let declared = lowered.declared.iter().map(|size| size.map_or("?".to_owned(), |size| size.to_string()));
    let operators = lowered.operators.iter().map(|(operator, count)| format!("{operator} {count}"));
    let memory = network.bytes_per_image();
    let declared = format!("declared as {}; images of {}", declared.collect::<Vec<_>>().join("x"), signature.shape);
    let memory = memory.map(|bytes| format!("{:.1} MB an image, there and back", bytes as f64 / 1e6));
    Ok(vec![
        ("input", json!(format!("{}, {declared}", lowered.input))),
        ("output", json!(format!("{}, {} classes", lowered.output, signature.classes))),
        ("made by", json!(lowered.producer)),
        ("opset", json!(lowered.opset)),
        ("operators", json!(operators.collect::<Vec<_>>().join(", "))),
        ("parameters", json!(lowered.weights.len())),
        ("runs on", json!(if network.is_on_kernels() { "the kernels" } else { "candle's graph" })),
        ("memory", json!(memory)),
        ("sha256", json!(file.sha256()?)),
    ])
}

fn plain_value(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn tell_style_memory(file: &NetworkFile, common: &CommonFlags) -> Result<()> {
    let (metadata, shape) = (file.metadata(), file.shape());
    if common.json {
        return say(
            json!({ "network": { "model": file.name, "shape": [shape.channels, shape.height, shape.width], "metadata": metadata } }),
        );
    }
    say(format_args!("{}", file.name))?;
    say(format_args!("  style-memory network, trained on {}", metadata.dataset))?;
    say(format_args!("  images       {shape}"))?;
    say(format_args!("  classes      {}", metadata.class_names.join(", ")))?;
    say(format_args!("  styles       {}", metadata.styles))?;
    say(format_args!("  accuracy     {}", metadata.test_accuracy.map_or("unknown".to_owned(), percent)))
}

fn print_probe(probe: &Probe, names: &[String]) -> Result<()> {
    let mut table = Table::of_words([&*format!("on {}", of_clean_images(probe.images)), "accuracy", "flags"]);
    let mut rows: Vec<&Looked> = [&probe.given].into_iter().chain(&probe.others).collect();
    rows.sort_by(|a, b| b.accuracy.total_cmp(&a.accuracy));
    for looked in rows {
        table.row([&*looked.guess.name, &percent(looked.accuracy), &looked.guess.flags()]);
    }
    say_lines(format_args!("\n{table}\n"))?;
    match (&probe.order, probe.suggestion()) {
        (None, None) => {
            say(probe.inkling_told().as_deref().unwrap_or("nothing is better than as given by more than chance"))
        }
        (None, Some(other)) => say(format_args!(
            "better by more than chance: '{}', {} instead of {}; give {}, or keep it with --save",
            other.guess.name,
            percent(other.accuracy),
            percent(probe.given.accuracy),
            other.guess.flags()
        )),
        (Some(found), _) => print_order(probe, found, names),
    }
}

fn print_order(probe: &Probe, OrderFound { order, classes, accuracy }: &OrderFound, names: &[String]) -> Result<()> {
    let also = probe.best_preprocessing().map_or(String::new(), |looked| format!(" and {}", looked.guess.flags()));
    let share = percent(*accuracy);
    say(format_args!("the classes seem to lie in another order: {share} under '{order}'{also}; keep it with --save"))?;
    let moved = names.iter().zip(classes).enumerate().filter(|(label, (_, class))| *label as u32 != **class);
    let moved: Vec<String> = moved.take(MOVED).map(|(_, (name, class))| format!("{name} is logit {class}")).collect();
    say(format_args!("  {}", moved.join(", ")))
}

fn probe_json(probe: &Probe) -> Value {
    let looked = |looked: &Looked| json!({ "name": looked.guess.name, "preprocessing": looked.guess.preprocessing, "layout": looked.guess.layout, "accuracy": looked.accuracy });
    json!({
        "images": probe.images,
        "given": looked(&probe.given),
        "others": probe.others.iter().map(looked).collect::<Value>(),
        "suggestion": probe.suggestion().map(looked),
        "order": probe.order.as_ref().map(|found| json!({ "order": found.order.to_string(), "classes": found.classes, "accuracy": found.accuracy })),
    })
}

/// Writes the settings that the probe found best.
fn keep(file: &NetworkFile, settings: &Settings, probe: &Probe, names: &[String], common: &CommonFlags) -> Result<()> {
    let mut best = settings.clone();
    if let Some(looked) = probe.best_preprocessing() {
        best.preprocessing = looked.guess.preprocessing.clone();
        best.layout = looked.guess.layout.or(best.layout);
    }
    if let Some(OrderFound { classes, .. }) = &probe.order {
        let name = |class: usize| {
            let label = classes.iter().position(|&own| own as usize == class);
            label.map_or_else(|| format!("class {class} of the network"), |label| names[label].clone())
        };
        best.classes = (0..probe.classes).map(name).collect();
    }
    let path = Settings::path(file.name.as_ref());
    let text = serde_json::to_string_pretty(&best)?;
    write_whole(&path, |file| std::io::Write::write_all(file, text.as_bytes()))
        .with_context(|| path.display().to_string())?;
    note(common.quiet, format_args!("kept in {}", path.display()));
    Ok(())
}
