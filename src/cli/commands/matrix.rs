//! What `evaluate` makes: the sets asked for, or a matrix of attacks and budgets that covers what a detector should be asked.

use anyhow::{Result, bail};
use robust_attacks::{ImageShape, MethodSpec};

use crate::cli::flags::MethodFlags;
use crate::cli::flags::names::NamedMethod;
use crate::cli::plan;
use crate::cli::usage::Usage;
use crate::evaluation::PlannedAttack;

/// A part of the matrix where no method is named: attacks under one norm, their epsilons, and what they are set to where the
/// user says nothing.
struct Part {
    methods: &'static [&'static str],
    /// Of images of one channel.
    grey: &'static [f64],
    /// Of images in colours.
    colour: &'static [f64],
    settings: fn(&mut MethodFlags),
}

/// Epsilons under L-infinity.
const GREY: &[f64] = &[0.05, 0.1, 0.2, 0.3];
const COLOUR: &[f64] = &[1.0 / 255.0, 2.0 / 255.0, 4.0 / 255.0, 8.0 / 255.0];

const MATRIX: [Part; 6] = [
    Part { methods: &["noise", "fgsm", "bim", "pgd"], grey: GREY, colour: COLOUR, settings: |_| {} },
    // A step against the detector takes ten drawings; 200 of them find some more.
    Part {
        methods: &["selective-adam", "conditional"],
        grey: GREY,
        colour: COLOUR,
        settings: |flags| flags.steps = flags.steps.or(Some(40)),
    },
    // Its first thousand questions find most of what five thousand do.
    Part {
        methods: &["square"],
        grey: GREY,
        colour: COLOUR,
        settings: |flags| flags.queries = flags.queries.or(Some(1000)),
    },
    Part {
        methods: &["noise-l2", "fgsm-l2", "bim-l2", "pgd-l2"],
        grey: &[0.5, 1.0, 1.5, 2.0],
        colour: &[0.125, 0.25, 0.5, 1.0],
        settings: |_| {},
    },
    Part { methods: &["deepfool", "deepfool-l2"], grey: &[], colour: &[], settings: |_| {} },
    // A tenth of what nine searches of a thousand steps take, which find changes a few per cent smaller.
    Part {
        methods: &["cw-l2"],
        grey: &[],
        colour: &[],
        settings: |flags| {
            if flags.confidence.is_empty() {
                flags.confidence = vec![0.0, 10.0, 20.0];
            }
            flags.searches = flags.searches.or(Some(6));
            flags.steps = flags.steps.or(Some(150));
            flags.learning_rate = flags.learning_rate.or(Some(0.05));
        },
    },
];

/// The sets asked for, or those of [`MATRIX`].
pub(crate) fn planned_attacks(
    methods: &[NamedMethod],
    asked: &MethodFlags,
    shape: ImageShape,
    against: &'static str,
    quiet: bool,
) -> Result<Vec<PlannedAttack>> {
    if !methods.is_empty() {
        return plan::attacks(methods, asked, shape, against, quiet);
    }
    for (flag, is_given) in [("epsilon", !asked.epsilon.is_empty()), ("norm", asked.norm.is_some())] {
        if is_given {
            bail!(Usage(format!("--{flag} needs --method: the matrix without it has norms and epsilons of its own")));
        }
    }
    let specs = |part: &Part| part.methods.iter().map(|name| name.parse()).collect::<Result<Vec<MethodSpec>, _>>();
    let all = MATRIX.iter().map(specs).collect::<Result<Vec<_>, _>>()?;
    plan::check_that_flags_mean_something(&all.concat(), asked)?;
    let mut planned = Vec::new();
    for (part, specs) in MATRIX.iter().zip(&all) {
        let epsilon = if shape.is_grey() { part.grey } else { part.colour }.to_vec();
        let mut settings = MethodFlags { epsilon, ..asked.clone() };
        (part.settings)(&mut settings);
        planned.extend(plan::plan(specs, &settings, shape, against, quiet)?);
    }
    plan::check_that_one_is_against(&planned, asked)?;
    Ok(plan::numbered(planned))
}
