//! From method flags to the sets that will be attacked: every method at every epsilon, confidence or severity.

use anyhow::Result;
use robust_attacks::{Axis, MethodSpec, Norm, Setting, Settings};
use robust_detectors::detector;

use super::failure::Usage;
use super::method_flags::MethodFlags;
use super::say::note;
use crate::plan::{PlannedAttack, PlannedSet};

/// The names of sets, for a person.
pub(super) fn title(sets: &[PlannedSet]) -> String {
    sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// From the results of each batch, one per set, to those of each set, one per batch.
pub(super) fn by_set<T>(batches: Vec<Vec<T>>, sets: usize) -> Vec<Vec<T>> {
    let mut by_set: Vec<Vec<T>> = (0..sets).map(|_| Vec::new()).collect();
    for batch in batches {
        by_set.iter_mut().zip(batch).for_each(|(set, result)| set.push(result));
    }
    by_set
}

/// Every method at every point of its axis, in the order given. A setting goes to the methods that have it; one that none of
/// them has is an error. Attacks that know a detector are against the one that the flags name, or else `default_against`. Remarks
/// on settings that cannot work go to stderr.
pub(super) fn attacks(
    methods: &[MethodSpec],
    flags: &MethodFlags,
    default_against: &'static str,
    quiet: bool,
) -> Result<Vec<PlannedAttack>> {
    let against = flags.against.as_deref().map_or(Ok(default_against), |id| known_detector(id, "--against"))?;
    let specs = match flags.norm {
        Some(norm) => {
            methods.iter().map(|&method| under(method, norm)).collect::<Result<Vec<_>, _>>().map_err(usage)?
        }
        None => methods.to_vec(),
    };
    check_that_flags_mean_something(&specs, flags)?;
    let mut planned: Vec<PlannedAttack> = Vec::new();
    for spec in specs {
        let user = settings(flags).only(spec.method().settings);
        let with = |setting, values: &[f64]| match values {
            [] => vec![user],
            values => values.iter().map(|&value| user.with(setting, value)).collect(),
        };
        let variants = match spec.method().axis {
            Axis::Epsilon if spec.method().settings.contains(&Setting::Lambda) => with(Setting::Lambda, &flags.lambda),
            Axis::Epsilon | Axis::Minimum => vec![user],
            Axis::Confidence => with(Setting::Confidence, &flags.confidence),
            Axis::Severity => with(Setting::Severity, &flags.severity),
        };
        for settings in variants {
            let attack = PlannedAttack::new(spec, &settings, &flags.epsilon, against).map_err(usage)?;
            for (position, set) in attack.sets.iter().enumerate() {
                let earlier = planned.iter().flat_map(|attack| &attack.sets).chain(&attack.sets[..position]);
                if earlier.into_iter().any(|other| other.name == set.name) {
                    return Err(Usage(format!("the set {} is asked for twice", set.name)).into());
                }
                spec.warnings(&set.budget, &settings).iter().for_each(|warning| note(quiet, warning));
            }
            planned.push(attack);
        }
    }
    if flags.against.is_some() && planned.iter().all(|attack| attack.against.is_none()) {
        return Err(means_nothing("against", planned.iter().map(|attack| attack.spec)).into());
    }
    Ok(planned)
}

/// The id of a detector that a flag names.
pub(super) fn known_detector(id: &str, flag: &str) -> Result<&'static str, Usage> {
    detector(id).map(|info| info.id).map_err(|error| Usage(format!("{flag}: {error}")))
}

/// What the flags set, but for the axes.
fn settings(flags: &MethodFlags) -> Settings {
    let count = |count: Option<usize>| count.map(|count| count as f64);
    let given = [
        (Setting::Steps, count(flags.steps)),
        (Setting::StepSize, flags.step_size),
        (Setting::LearningRate, flags.learning_rate),
        (Setting::Restarts, count(flags.restarts)),
        (Setting::Decay, flags.decay),
        (Setting::EarlyStop, flags.early_stop.then_some(1.0)),
        (Setting::Searches, count(flags.searches)),
        (Setting::Queries, count(flags.queries)),
        (Setting::Samples, count(flags.samples)),
    ];
    given.into_iter().fold(Settings::new(), |all, (setting, value)| match value {
        Some(value) => all.with(setting, value),
        None => all,
    })
}

fn check_that_flags_mean_something(specs: &[MethodSpec], flags: &MethodFlags) -> Result<()> {
    let has = |setting| specs.iter().any(|spec| spec.method().settings.contains(&setting));
    // A flag bears the name of its setting.
    let flag = |setting: Setting| (setting.to_string().replace(' ', "-"), has(setting));
    let mut given: Vec<(String, bool)> = settings(flags).given().map(flag).collect();
    for (setting, values) in [
        (Setting::Confidence, &flags.confidence),
        (Setting::Severity, &flags.severity),
        (Setting::Lambda, &flags.lambda),
    ] {
        given.extend((!values.is_empty()).then(|| flag(setting)));
    }
    let has_budget = specs.iter().any(|spec| spec.method().axis == Axis::Epsilon);
    given.extend((!flags.epsilon.is_empty()).then(|| ("epsilon".to_owned(), has_budget)));
    match given.iter().find(|(_, is_of_use)| !is_of_use) {
        Some((flag, _)) => Err(means_nothing(flag, specs.iter().copied()).into()),
        None => Ok(()),
    }
}

fn means_nothing(flag: &str, specs: impl Iterator<Item = MethodSpec>) -> Usage {
    let names = specs.map(|spec| spec.to_string()).collect::<Vec<_>>().join(", ");
    Usage(format!("--{flag} means nothing to {names}; leave it out"))
}

/// `method` under `norm`, unless its name already says another.
pub(super) fn under(method: MethodSpec, norm: Norm) -> Result<MethodSpec, robust_attacks::Error> {
    match norm {
        Norm::Linf => Ok(method),
        norm => format!("{}-{norm}", method.id()).parse(),
    }
}

fn usage(error: robust_attacks::Error) -> Usage {
    Usage(error.to_string())
}
