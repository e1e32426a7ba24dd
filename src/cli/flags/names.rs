//! Names as people write them on the command line: in any case, with spaces around them, and now and then misspelt.

use std::path::Path;
use std::str::FromStr;

use robust_attacks::{MethodSpec, Norm, methods};
use robust_data::{SplitName, datasets, pretrained};
use robust_detectors::{Combined, detectors};
use robust_networks::ChannelOrder;

use super::number::natural;
use crate::evaluation::Target;
use crate::settings::Layout;
use crate::study::plates::{PLATES, Plate};
use crate::training::{Preset, Schedule};

/// The detector that flags unless the flags name another.
pub(crate) const DEFAULT_DETECTOR: &str = Combined::ID;
/// What `--detectors` and `--figure` call all of them.
pub(crate) const ALL: &str = "all";
/// The kinds of `--device`.
pub(crate) const DEVICES: [&str; 3] = ["cpu", "cuda", "metal"];
/// What a dataset's name starts with that is to come from the Hub in any case.
const HUB: &str = "hub:";

/// A method as `--method` names it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NamedMethod {
    /// The method, under the norm of its name, or else its default.
    pub(crate) spec: MethodSpec,
    /// Whether the name says the norm, as `pgd-l2` does.
    pub(crate) says_norm: bool,
}

/// Who runs shards on many machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheduler {
    Slurm,
    Kubernetes,
}

/// What makes of an image what the network sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purifier {
    Autoencoder,
    Drawing,
}

impl Purifier {
    const ALL: [Self; 2] = [Self::Autoencoder, Self::Drawing];

    /// As flags and files have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Autoencoder => "autoencoder",
            Self::Drawing => "drawing",
        }
    }
}

/// One of the methods of `robust list`.
pub(crate) fn method(text: &str) -> Result<NamedMethod, String> {
    let name = plain(text);
    match name.parse::<MethodSpec>() {
        Ok(spec) => Ok(NamedMethod { spec, says_norm: name != spec.id() }),
        Err(_) => {
            let specs: Vec<String> = MethodSpec::all().map(|spec| spec.to_string()).collect();
            let known = specs.iter().map(String::as_str).chain(methods().iter().map(|method| method.id));
            Err(format!("expected a name that `robust list` has{}", meant(&name, known)))
        }
    }
}

/// The id of a detector.
pub(crate) fn detector(text: &str) -> Result<&'static str, String> {
    one_of(text, detectors().iter().map(|info| info.id))
}

/// The id of a detector, or [`ALL`].
pub(crate) fn detector_or_all(text: &str) -> Result<&'static str, String> {
    one_of(text, detectors().iter().map(|info| info.id).chain([ALL]))
}

/// What `--purify` names.
pub(crate) fn purifier(text: &str) -> Result<Purifier, String> {
    let name = one_of(text, Purifier::ALL.map(Purifier::name))?;
    Purifier::ALL.into_iter().find(|known| known.name() == name).ok_or_else(|| text.to_owned())
}

pub(crate) fn norm(text: &str) -> Result<Norm, String> {
    value_of(text, Norm::ALL.map(|norm| norm.to_string()))
}

pub(crate) fn split(text: &str) -> Result<SplitName, String> {
    value_of(text, [SplitName::Train, SplitName::Validation, SplitName::Test].map(|split| split.to_string()))
}

pub(crate) fn preset(text: &str) -> Result<Preset, String> {
    value_of(text, [Preset::Default, Preset::Paper].map(|preset| preset.to_string()))
}

pub(crate) fn schedule(text: &str) -> Result<Schedule, String> {
    value_of(text, [Schedule::Constant, Schedule::OneCycle].map(|schedule| schedule.to_string()))
}

pub(crate) fn channel_order(text: &str) -> Result<ChannelOrder, String> {
    one_of(text, ["rgb", "bgr"]).map(|name| if name == "bgr" { ChannelOrder::Bgr } else { ChannelOrder::Rgb })
}

pub(crate) fn layout(text: &str) -> Result<Layout, String> {
    one_of(text, ["nchw", "nhwc"]).map(|name| if name == "nhwc" { Layout::Nhwc } else { Layout::Nchw })
}

pub(crate) fn scheduler(text: &str) -> Result<Scheduler, String> {
    let name = one_of(text, ["slurm", "kubernetes"])?;
    Ok(if name == "slurm" { Scheduler::Slurm } else { Scheduler::Kubernetes })
}

/// What `--target` aims for; which classes there are is known later.
pub(crate) fn target(text: &str) -> Result<Target, String> {
    match &*plain(text) {
        "random" => Ok(Target::Random),
        "least-likely" => Ok(Target::LeastLikely),
        name => natural(name).ok().and_then(|class| class.try_into().ok()).map(Target::Class).ok_or_else(|| {
            format!("expected a class (0-based), random or least-likely{}", meant(name, ["random", "least-likely"]))
        }),
    }
}

/// One figure, or all.
pub(crate) fn figures(text: &str) -> Result<Vec<&'static Plate>, String> {
    let name = plain(text);
    match Plate::find(&name) {
        _ if name == ALL => Ok(PLATES.iter().collect()),
        Some(plate) => Ok(vec![plate]),
        None => {
            let names = PLATES.each_ref().map(|plate| plate.name);
            Err(format!("expected 3 to 11, all, or one of {}{}", names.join(", "), meant(&name, names)))
        }
    }
}

/// A device, such as `cpu` or `cuda:1`; whether it is there is known later.
pub(crate) fn device(text: &str) -> Result<String, String> {
    let name = plain(text);
    let (kind, ordinal) = name.split_once(':').unwrap_or((&name, "0"));
    one_of(kind, DEVICES)?;
    ordinal.parse::<usize>().map_err(|_| format!("expected a number after {kind}:, such as {kind}:0"))?;
    Ok(name)
}

/// The name of a dataset, or a folder as it is written.
pub(crate) fn dataset(text: &str) -> Result<String, String> {
    let from_hub = plain(text).strip_prefix(HUB).map(|name| name.trim().to_owned());
    match from_hub.filter(|name| datasets().iter().any(|info| info.id == name)) {
        Some(name) => Ok(format!("{HUB}{name}")),
        None => name_or_path(text, datasets().iter().map(|info| info.id)),
    }
}

/// The name of an embedded network, or a file as it is written.
pub(crate) fn model(text: &str) -> Result<String, String> {
    name_or_path(text, pretrained::names())
}

/// The name that is most like `text`, as the end of a message; empty if none is.
pub(crate) fn meant<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    /// Two letters in the wrong order make `bmi` of `bim`; what has more than two wrong in five is another word.
    const LIKE: f64 = 0.6;
    let text = plain(text);
    let likeness = known.into_iter().map(|name| (strsim::normalized_damerau_levenshtein(&text, name), name));
    match likeness.max_by(|(a, _), (b, _)| a.total_cmp(b)) {
        Some((likeness, name)) if likeness >= LIKE => format!("; did you mean {name}?"),
        _ => String::new(),
    }
}

/// A name of ours, however it is written, unless there is a file or a folder of exactly that name.
fn name_or_path<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Result<String, String> {
    let name = plain(text);
    if name.is_empty() {
        return Err("expected a name or a path".to_owned());
    }
    let is_name = names.into_iter().any(|known| known == name) && !Path::new(text).exists();
    Ok(if is_name { name } else { text.to_owned() })
}

/// The value that bears one of these names.
fn value_of<T: FromStr, const N: usize>(text: &str, names: [String; N]) -> Result<T, String>
where
    T::Err: ToString,
{
    one_of(text, names.iter().map(String::as_str))?.parse().map_err(|error: T::Err| error.to_string())
}

/// The one of `known` that `text` names.
fn one_of<'a>(text: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Result<&'a str, String> {
    let name = plain(text);
    known.clone().into_iter().find(|known| *known == name).ok_or_else(|| {
        let all: Vec<&str> = known.clone().into_iter().collect();
        format!("expected one of {}{}", all.join(", "), meant(&name, known))
    })
}

/// In lower case, without spaces around it.
fn plain(text: &str) -> String {
    text.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_spaces_do_not_matter() {
        let found = method(" BIM ").unwrap();
        assert_eq!((found.spec.to_string(), found.says_norm), ("bim".into(), false));
        for (text, name, says_norm) in
            [("PGD-L2", "pgd-l2", true), ("cw", "cw-l2", false), ("Cw-l2", "cw-l2", true), ("jsma", "jsma-l0", false)]
        {
            let found = method(text).unwrap();
            assert_eq!((&*found.spec.to_string(), found.says_norm), (name, says_norm), "{text}");
        }
        assert_eq!((detector(" MSP"), detector_or_all("All")), (Ok("msp"), Ok(ALL)));
        assert_eq!(
            (norm("LINF"), split("Test "), target(" Random")),
            (Ok(Norm::Linf), Ok(SplitName::Test), Ok(Target::Random))
        );
        assert_eq!((figures(" Path").unwrap()[0].name, device("CUDA:1")), ("path", Ok("cuda:1".to_owned())));
        assert_eq!((dataset("Hub:MNIST"), dataset(" MNIST ")), (Ok("hub:mnist".to_owned()), Ok("mnist".to_owned())));
        assert_eq!(dataset("Some/Folder"), Ok("Some/Folder".to_owned()));
    }

    #[test]
    fn the_nearest_name_is_offered_and_nothing_far_off() {
        for (text, known, found) in [
            ("conbined", &["combined", "cycle"][..], "; did you mean combined?"),
            ("bmi", &["bim", "pgd"], "; did you mean bim?"),
            ("l3", &["l2", "linf"], ""),
            ("oracle", &["cycle", "msp"], ""),
            ("", &["bim"], ""),
        ] {
            assert_eq!(meant(text, known.iter().copied()), found, "{text}");
        }
    }
}
