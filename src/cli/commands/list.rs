//! `robust list`: attacks, detectors, datasets and networks, with their defaults.

use anyhow::{Context, Result, bail};
use clap::Args;
use robust_attacks::{Budget, Configuration, ImageShape, Method, MethodSpec, Settings, families, methods};
use robust_data::{datasets, pretrained};
use robust_detectors::{Needs, detectors};
use serde_json::{Value, json};

use crate::checkpoint::{Checkpoint, Metadata};
use crate::cli::flags::names::meant;
use crate::cli::out::{entry, say, say_lines};
use crate::cli::plan::flag;
use crate::cli::usage::Usage;
use crate::evaluation::SetName;
use crate::words::{listed, percent};

/// Images whose default epsilons are listed.
const GREY: ImageShape = ImageShape::new(1, 28, 28);
const COLOUR: ImageShape = ImageShape::new(3, 32, 32);
/// The longest id.
const WIDEST: usize = 16;

#[derive(Debug, Args)]
pub(crate) struct ListFlags {
    /// What to say more of, such as bim or combined [default: all, in a line each]
    #[arg(conflicts_with = "json")]
    pub(crate) name: Option<String>,
    /// Print all that is known of all as one JSON object
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

    match &flags.name {
        None => overview(&models),
        Some(name) => described(name, &attacks, &models),
    }
}

/// Ids, a line each, by kind.
fn overview(models: &[(&str, Metadata)]) -> Result<()> {
    for (family, methods) in families() {
        let of = |method: &'static Method| (method.id, method.summary.trim_start_matches("against a detector: "));
        section(&format!("Attacks: {family}"), methods.iter().map(of))?;
    }
    section(
        "Detectors, and what a high score of each means",
        detectors().iter().map(|detector| (detector.id, detector.summary)),
    )?;
    section("Datasets", datasets().iter().map(|dataset| (dataset.id, dataset.summary)))?;
    let accuracy = |metadata: &Metadata| match metadata.test_accuracy {
        Some(accuracy) => format!("{} classes, right on {} of test images", metadata.classes, percent(accuracy)),
        None => format!("{} classes", metadata.classes),
    };
    let models: Vec<(&str, String)> = models.iter().map(|(name, metadata)| (*name, accuracy(metadata))).collect();
    section("Networks in the program", models.iter().map(|(name, text)| (*name, text.as_str())))?;
    say("`robust list NAME` says more of one. Most attacks take other norms: bim-l2.")
}

fn section<'a>(title: &str, entries: impl Iterator<Item = (&'a str, &'a str)>) -> Result<()> {
    say(title)?;
    for (id, text) in entries {
        say_lines(entry(id, WIDEST, text))?;
    }
    say("")
}

/// All that is called so, and all that there is to be said of it.
fn described(name: &str, attacks: &[Listed], models: &[(&str, Metadata)]) -> Result<()> {
    let name = name.trim().to_lowercase();
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let fact = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let spec = attacks.iter().find(|attack| attack.spec.to_string() == name).map(|attack| attack.spec.method().id);
    if let Some(method) = methods().iter().find(|method| method.id == name || Some(method.id) == spec) {
        let norms = listed(method.norms);
        let flags = listed(method.settings.iter().map(|&setting| format!("--{}", flag(setting))));
        let mut facts = vec![fact("what it is", method.summary), fact("source", method.source), fact("norms", &norms)];
        facts.push(fact("settings", if flags.is_empty() { "none" } else { &flags }));
        let of_method = attacks.iter().filter(|attack| attack.spec.method().id == method.id);
        facts.extend(of_method.map(|attack| (attack.set.to_string(), attack.configuration.to_string())));
        found.push((format!("Attack {}", method.id), facts));
    }
    if let Some(detector) = detectors().iter().find(|detector| detector.id == name) {
        let needs = match detector.needs {
            Needs::Logits if detector.is_trained() => "logits, and a second network (train --second)",
            Needs::Logits => "logits",
            Needs::LogitsOrMore => "logits, and drawings where the network draws",
            Needs::Decoder => "a network that draws",
        };
        let facts = [
            ("a high score means", detector.summary),
            ("score", detector.score),
            ("needs", needs),
            ("source", detector.source),
        ];
        found.push((format!("Detector {name}"), facts.map(|(name, text)| fact(name, text)).into()));
    }
    if let Some(dataset) = datasets().iter().find(|dataset| dataset.id == name) {
        let (classes, shape) = (dataset.classes.to_string(), dataset.shape.to_string());
        let facts = [
            ("what it is", dataset.summary),
            ("classes", &classes),
            ("images", &shape),
            ("comes from", dataset.source),
        ];
        found.push((format!("Dataset {name}"), facts.map(|(name, text)| fact(name, text)).into()));
    }
    if let Some((_, metadata)) = models.iter().find(|(model, _)| *model == name) {
        let mut facts = vec![fact("classes", &listed(&metadata.class_names))];
        facts.extend(metadata.test_accuracy.map(|accuracy| fact("test accuracy", &percent(accuracy))));
        facts.extend(metadata.test_reconstruction.map(|error| fact("reconstruction error", &format!("{error:.3}"))));
        found.push((format!("Network {name}"), facts));
    }
    if found.is_empty() {
        let ids = attacks.iter().map(|attack| attack.spec.to_string());
        let ids: Vec<String> = ids.chain(methods().iter().map(|method| method.id.to_owned())).collect();
        let others = detectors().iter().map(|detector| detector.id).chain(datasets().iter().map(|dataset| dataset.id));
        let meant = meant(&name, ids.iter().map(String::as_str).chain(others));
        bail!(Usage(format!(
            "no attack, detector, dataset or network is called '{name}'; `robust list` has them all{meant}"
        )));
    }
    for (at, (title, facts)) in found.iter().enumerate() {
        say_lines(format_args!("{}{title}", if at > 0 { "\n" } else { "" }))?;
        let column = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        facts.iter().try_for_each(|(name, text)| say_lines(entry(name, column, text)))?;
    }
    Ok(())
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
