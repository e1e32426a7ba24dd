//! From method flags to the sets that will be attacked: every method at every epsilon.

use anyhow::Result;
use robust_attacks::{Attack, Budget, Effective, MethodSpec, Norm, Settings};

use super::failure::Usage;
use super::flags::MethodFlags;
use crate::campaign::Target;

/// One set: a method with its budget, ready to run.
pub(super) struct PlannedSet {
    pub(super) name: String,
    pub(super) spec: MethodSpec,
    pub(super) budget: Budget,
    pub(super) effective: Effective,
    pub(super) attack: Box<dyn Attack>,
}

/// Every method at every epsilon, in the order given. Remarks on settings that cannot work go to stderr.
pub(super) fn sets(methods: &[MethodSpec], flags: &MethodFlags, quiet: bool) -> Result<Vec<PlannedSet>> {
    let MethodFlags { steps, step_size, restarts, decay, .. } = *flags;
    let settings = Settings { steps, step_size, restarts, decay };
    let mut sets: Vec<PlannedSet> = Vec::new();
    for method in methods {
        let spec = match flags.norm {
            Some(norm) => under(*method, norm).map_err(usage)?,
            None => *method,
        };
        let default = [spec.default_epsilon()];
        let epsilons = if flags.epsilon.is_empty() { &default[..] } else { &flags.epsilon };
        for &epsilon in epsilons {
            let budget = Budget::new(spec.norm(), epsilon).map_err(usage)?;
            let attack = spec.build(&budget, &settings).map_err(usage)?;
            if !quiet {
                for warning in spec.warnings(&budget, &settings) {
                    eprintln!("note: {warning}");
                }
            }
            let name = spec.set_name(epsilon);
            let effective = spec.effective(&budget, &settings).map_err(usage)?;
            if sets.iter().any(|set| set.name == name) {
                return Err(Usage(format!("the set {name} is asked for twice")).into());
            }
            sets.push(PlannedSet { name, spec, budget, effective, attack });
        }
    }
    Ok(sets)
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
