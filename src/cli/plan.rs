//! From method flags to the sets that will be attacked: every method at every epsilon.

use anyhow::Result;
use robust_attacks::{Attack, Budget, Effective, MethodSpec, Norm, Settings};

use super::failure::Usage;
use super::flags::MethodFlags;
use super::session::Session;
use crate::campaign::{Campaign, Outcome, Target};
use crate::report::{AttackCounts, AttackRow, AttackedSet};

/// One set: a method with its budget, ready to run.
pub(super) struct PlannedSet {
    pub(super) name: String,
    pub(super) spec: MethodSpec,
    pub(super) budget: Budget,
    pub(super) effective: Effective,
    pub(super) attack: Box<dyn Attack>,
}

impl PlannedSet {
    /// The attack on a session's network.
    pub(super) fn campaign<'a>(&'a self, session: &'a Session, target: Option<Target>) -> Campaign<'a> {
        Campaign {
            model: &session.subject.network,
            attack: &*self.attack,
            budget: self.budget,
            target,
            seed: session.seed,
        }
    }

    /// What a report says of the set, once it is attacked.
    pub(super) fn attacked(&self, target: Option<Target>, outcomes: &[&Outcome]) -> AttackedSet {
        let rows: Vec<&AttackRow> = outcomes.iter().flat_map(|outcome| &outcome.rows).collect();
        AttackedSet {
            set: self.name.clone(),
            method: self.spec.id().to_owned(),
            norm: self.spec.norm().to_string(),
            epsilon: self.budget.epsilon(),
            settings: self.effective,
            target,
            counts: AttackCounts::of(&rows),
            zero_gradient: outcomes.iter().map(|outcome| outcome.zero_gradient).sum(),
            nan_gradient: outcomes.iter().map(|outcome| outcome.nan_gradient).sum(),
        }
    }
}

/// Every method at every epsilon, in the order given. A setting goes to the methods that have it; one that none of them
/// has is an error. Remarks on settings that cannot work go to stderr.
pub(super) fn sets(methods: &[MethodSpec], flags: &MethodFlags, quiet: bool) -> Result<Vec<PlannedSet>> {
    let MethodFlags { steps, step_size, restarts, decay, early_stop, .. } = *flags;
    let user = Settings { steps, step_size, restarts, decay, early_stop };
    for setting in user.given() {
        if !methods.iter().any(|method| method.method().settings.contains(&setting)) {
            // A flag bears the name of its setting.
            let flag = setting.to_string().replace(' ', "-");
            let names = methods.iter().map(MethodSpec::to_string).collect::<Vec<_>>().join(", ");
            return Err(Usage(format!("--{flag} means nothing to {names}; leave it out")).into());
        }
    }
    let mut sets: Vec<PlannedSet> = Vec::new();
    for method in methods {
        let spec = match flags.norm {
            Some(norm) => under(*method, norm).map_err(usage)?,
            None => *method,
        };
        let settings = user.only(spec.method().settings);
        let default = [spec.default_epsilon()];
        for &epsilon in if flags.epsilon.is_empty() { &default[..] } else { &flags.epsilon } {
            let set = planned(spec, epsilon, &settings)?;
            if sets.iter().any(|other| other.name == set.name) {
                return Err(Usage(format!("the set {} is asked for twice", set.name)).into());
            }
            if !quiet {
                let warnings = spec.warnings(&set.budget, &settings);
                warnings.iter().for_each(|warning| eprintln!("note: {warning}"));
            }
            sets.push(set);
        }
    }
    Ok(sets)
}

fn planned(spec: MethodSpec, epsilon: f64, settings: &Settings) -> Result<PlannedSet> {
    let budget = Budget::new(spec.norm(), epsilon).map_err(usage)?;
    Ok(PlannedSet {
        name: spec.set_name(epsilon),
        effective: spec.effective(&budget, settings).map_err(usage)?,
        attack: spec.build(&budget, settings).map_err(usage)?,
        spec,
        budget,
    })
}

/// `method` under `norm`, unless its name already says another.
pub(super) fn under(method: MethodSpec, norm: Norm) -> Result<MethodSpec, robust_attacks::Error> {
    match norm {
        Norm::Linf => Ok(method),
        norm => format!("{}-{norm}", method.id()).parse(),
    }
}

/// The aim that `--target` names.
pub(super) fn target(flags: &MethodFlags, class_names: &[String]) -> Result<Option<Target>> {
    let classes = class_names.len();
    match flags.target.as_deref() {
        None => Ok(None),
        Some("random") => Ok(Some(Target::Random)),
        Some("least-likely") => Ok(Some(Target::LeastLikely)),
        Some(text) => match text.parse::<u32>() {
            Ok(class) if (class as usize) < classes => Ok(Some(Target::Class(class))),
            _ => {
                let last = classes - 1;
                Err(Usage(format!("--target {text} is not a class from 0 to {last}, nor random or least-likely"))
                    .into())
            }
        },
    }
}

fn usage(error: robust_attacks::Error) -> Usage {
    Usage(error.to_string())
}
