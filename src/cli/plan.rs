//! From method flags to the sets that will be attacked: every method at every epsilon, confidence or severity.

use anyhow::Result;
use robust_attacks::{Axis, Error, ImageShape, MethodSpec, Norm, Setting, Settings};

use super::flags::MethodFlags;
use super::flags::names::NamedMethod;
use super::out::note;
use super::usage::Usage;
use crate::evaluation::{PlannedAttack, PlannedSet};
use crate::words::listed;

/// The names of sets and their place among all of a run, for a person.
pub(crate) fn title(sets: &[PlannedSet]) -> String {
    let names = listed(sets.iter().map(|set| &set.name));
    match sets {
        [PlannedSet { turn: [turn, all], .. }] if *all > 1 => format!("set {turn} of {all}: {names}"),
        [PlannedSet { turn: [first, all], .. }, .., PlannedSet { turn: [last, _], .. }] => {
            format!("sets {first} to {last} of {all}: {names}")
        }
        _ => names,
    }
}

/// With the sets of all attacks numbered.
pub(crate) fn numbered(mut planned: Vec<PlannedAttack>) -> Vec<PlannedAttack> {
    let all = planned.iter().map(|attack| attack.sets.len()).sum();
    for (turn, set) in (1..).zip(planned.iter_mut().flat_map(|attack| &mut attack.sets)) {
        set.turn = [turn, all];
    }
    planned
}

/// Every method at every point of its axis on images of `shape`, in the order given. A setting goes to the methods that have it; one that none of
/// them has is an error. Attacks that know a detector are against the one that the flags name, or else `default_against`. Remarks
/// on settings that cannot work go to stderr.
pub(crate) fn attacks(
    methods: &[NamedMethod],
    flags: &MethodFlags,
    shape: ImageShape,
    default_against: &'static str,
    quiet: bool,
) -> Result<Vec<PlannedAttack>> {
    let specs = match flags.norm {
        Some(norm) => under(methods, norm)?,
        None => methods.iter().map(|method| method.spec).collect(),
    };
    check_that_flags_mean_something(&specs, flags)?;
    let planned = plan(&specs, flags, shape, default_against, quiet)?;
    check_that_one_is_against(&planned, flags)?;
    remark_on_zeros(flags, quiet);
    Ok(numbered(planned))
}

/// The same, whatever flags mean nothing to these methods.
pub(crate) fn plan(
    specs: &[MethodSpec],
    flags: &MethodFlags,
    shape: ImageShape,
    default_against: &'static str,
    quiet: bool,
) -> Result<Vec<PlannedAttack>> {
    let against = flags.against.unwrap_or(default_against);
    let mut planned: Vec<PlannedAttack> = Vec::new();
    for &spec in specs {
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
            let attack = PlannedAttack::new(spec, &settings, &flags.epsilon, shape, against)
                .map_err(|error| usage(error, flags))?;
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
    Ok(planned)
}

/// `--against` is of use if any of the attacks knows a detector.
pub(crate) fn check_that_one_is_against(planned: &[PlannedAttack], flags: &MethodFlags) -> Result<(), Usage> {
    match flags.against {
        Some(_) if planned.iter().all(|attack| attack.against.is_none()) => {
            Err(means_nothing("against", planned.iter().map(|attack| attack.spec)))
        }
        _ => Ok(()),
    }
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

/// Each setting goes to the methods that have it; one at least must.
pub(crate) fn check_that_flags_mean_something(specs: &[MethodSpec], flags: &MethodFlags) -> Result<(), Usage> {
    let has = |setting| specs.iter().any(|spec| spec.method().settings.contains(&setting));
    let flag = |setting| (flag(setting), has(setting));
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
        Some((flag, _)) => Err(means_nothing(flag, specs.iter().copied())),
        None => Ok(()),
    }
}

/// A flag bears the name of its setting.
pub(crate) fn flag(setting: Setting) -> String {
    setting.to_string().replace(' ', "-")
}

/// Says on stderr that a 0 beside other epsilons or weights changes nothing: `0,3` is more often a decimal comma than two numbers.
fn remark_on_zeros(flags: &MethodFlags, quiet: bool) {
    for (flag, values) in [("epsilon", &flags.epsilon), ("lambda", &flags.lambda)] {
        if has_a_zero_beside_others(values) {
            let values = values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            note(quiet, format_args!("--{flag} {values} has a 0, which changes nothing; {DECIMAL_COMMA}"));
        }
    }
}

const DECIMAL_COMMA: &str = "was a decimal comma meant? A point, as in 0.3, makes it one number";

fn has_a_zero_beside_others(values: &[f64]) -> bool {
    values.len() > 1 && values.contains(&0.0)
}

fn means_nothing(flag: &str, specs: impl Iterator<Item = MethodSpec>) -> Usage {
    let names = listed(specs);
    Usage(format!("--{flag} means nothing to {names}; leave it out"))
}

/// The methods whose names say no norm under `norm`, and the others as they are.
fn under(methods: &[NamedMethod], norm: Norm) -> Result<Vec<MethodSpec>> {
    let is_deaf = |method: &NamedMethod| has_no_norm(method.spec) || (method.says_norm && method.spec.norm() != norm);
    if methods.iter().all(is_deaf) {
        return Err(means_nothing(&format!("norm {norm}"), methods.iter().map(|method| method.spec)).into());
    }
    let under = |method: &NamedMethod| {
        if method.says_norm || has_no_norm(method.spec) { Ok(method.spec) } else { method.spec.under(norm) }
    };
    methods
        .iter()
        .map(|method| under(method).map_err(|error| Usage(format!("--norm {norm}: {error}")).into()))
        .collect()
}

/// Shifts are measured by none.
fn has_no_norm(spec: MethodSpec) -> bool {
    spec.method().axis == Axis::Severity
}

/// An error of the library, in terms of flags.
fn usage(error: Error, flags: &MethodFlags) -> Usage {
    Usage(match error {
        Error::SettingRange { setting, value, expected } => format!("--{} {value}: expected {expected}", flag(setting)),
        Error::BeyondBounds { epsilon, norm, farthest } => {
            let meant = if has_a_zero_beside_others(&flags.epsilon) {
                DECIMAL_COMMA.to_owned()
            } else if norm != Norm::L0 && epsilon / 255.0 <= farthest {
                format!("did you mean {epsilon}/255?")
            } else {
                format!("give at most {farthest}")
            };
            format!(
                "--epsilon {epsilon}: pixels lie in [0, 1], and no two images farther apart than {farthest} in {norm}; {meant}"
            )
        }
        error => error.to_string(),
    })
}
