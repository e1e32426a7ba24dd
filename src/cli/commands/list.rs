//! `robust list`: attacks, detectors, datasets and networks, with their defaults.

use anyhow::{Context, Result};
use clap::Args;
use robust_attacks::{Budget, Configuration, ImageShape, MethodSpec, Settings, methods};
use robust_data::{datasets, pretrained};
use robust_detectors::detectors;
use serde_json::{Value, json};

use crate::checkpoint::{Checkpoint, Metadata};
use crate::cli::out::{Table, say, say_lines};
use crate::evaluation::SetName;
use crate::words::percent;

/// Images whose default epsilons are listed.
const GREY: ImageShape = ImageShape::new(1, 28, 28);
const COLOUR: ImageShape = ImageShape::new(3, 32, 32);

#[derive(Debug, Args)]
pub(crate) struct ListFlags {
    /// Print one JSON object instead of tables
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(flags: &ListFlags) -> Result<()> {
    let (attacks, models) = (attacks()?, models()?);
    if flags.json {
        let detectors = detectors().iter();
        let detectors =
            detectors.map(|d| json!({ "id": d.id, "score": d.score, "summary": d.summary, "source": d.source }));
        let datasets = datasets().iter();
        let datasets =
            datasets.map(|d| json!({ "id": d.id, "classes": d.classes, "summary": d.summary, "from": d.source }));
        let attacks = attacks.iter().map(|attack| {
            json!({ "id": attack.spec.to_string(), "norm": attack.spec.norm().to_string(),
                    "epsilon": attack.spec.default_epsilon(GREY), "epsilon_colour": attack.spec.default_epsilon(COLOUR), "set": attack.set, "settings": attack.configuration,
                    "summary": attack.spec.method().summary, "source": attack.spec.method().source })
        });
        let models = models.iter().map(|(name, metadata)| json!({ "id": name, "metadata": metadata }));
        let whole = json!({
            "attacks": attacks.collect::<Value>(),
            "detectors": detectors.collect::<Value>(),
            "datasets": datasets.collect::<Value>(),
            "models": models.collect::<Value>(),
        });
        return say(whole);
    }

    let mut table = Table::of_words(["attack", "default set", "defaults", "what it is", "source"]);
    for Listed { spec, set, configuration } in &attacks {
        let method = spec.method();
        table.row([&spec.to_string(), &set.to_string(), &configuration.to_string(), method.summary, method.source]);
    }
    say_lines(format_args!("{table}\n"))?;
    let mut table = Table::of_words(["detector", "score", "a high one means", "source"]);
    for detector in detectors() {
        table.row([detector.id, detector.score, detector.summary, detector.source]);
    }
    say_lines(format_args!("{table}\n"))?;
    let mut table = Table::of_words(["dataset", "classes", "what it is", "where it comes from"]);
    for dataset in datasets() {
        table.row([dataset.id, &dataset.classes.to_string(), dataset.summary, dataset.source]);
    }
    say_lines(format_args!("{table}\n"))?;
    let mut table = Table::of_words(["network", "classes", "test accuracy", "reconstruction error"]);
    for (name, metadata) in &models {
        let accuracy = metadata.test_accuracy.map_or(String::new(), percent);
        let error = metadata.test_reconstruction.map_or(String::new(), |error| format!("{error:.3}"));
        table.row([*name, &metadata.classes.to_string(), &accuracy, &error]);
    }
    say_lines(table)
}

struct Listed {
    spec: MethodSpec,
    /// The default set.
    set: SetName,
    configuration: Configuration,
}

/// Every method under every norm, as it would run without further flags.
fn attacks() -> Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for method in methods() {
        for &norm in method.norms {
            let (spec, settings) = (method.id.parse::<MethodSpec>()?.under(norm)?, Settings::new());
            let unbounded = Budget::unbounded(norm);
            let budget = spec.default_epsilon(GREY).map_or(Ok(unbounded), |epsilon| Budget::new(norm, epsilon))?;
            let configuration = spec.build(&settings)?.configuration(&budget);
            listed.push(Listed { spec, set: SetName::of(spec, &budget, &settings), configuration });
        }
    }
    Ok(listed)
}

/// The embedded networks.
fn models() -> Result<Vec<(&'static str, Metadata)>> {
    let read = |name| {
        let bytes = pretrained::pretrained(name).with_context(|| format!("network {name} is not embedded"))?;
        Ok((name, Checkpoint::from_bytes(name, bytes)?.metadata))
    };
    pretrained::names().map(read).collect()
}
