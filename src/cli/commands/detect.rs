//! `robust detect`: attack, look at clean and adversarial images with every detector, and report how well they tell them
//! apart: `detect.csv`, `metrics.csv`, `roc.csv`, `roc.svg`, `risk.csv`, `risk.svg`, `detect.json`, with `--shifts` `shifts.csv`.

use std::time::Instant;

use anyhow::Result;
use clap::Args;
use robust_attacks::{Error, ImageShape};
use serde_json::json;

use super::screen;
use crate::cli::attacking::{Attacking, opponent};
use crate::cli::bench::Bench;
use crate::cli::flags::names::{self, DEFAULT_DETECTOR, NamedMethod};
use crate::cli::flags::{DetectionFlags, MethodFlags, ScreeningFlags, ShardFlags, SubjectFlags};
use crate::cli::looking::{assessed, look_at_clean};
use crate::cli::out::say;
use crate::cli::plan::attacks;
use crate::cli::session::Session;
use crate::cli::sharding::Sharding;
use crate::evaluation::{AttackRow, Attacked, AttackedSet, Outcome, PlannedAttack, Seen, SeenSet};
use crate::files::{Output, write_csv};
use crate::report::{Dealt, DetectionSummary, LastColumns, REPLACED, ShardSet};

#[derive(Debug, Args)]
pub(crate) struct DetectFlags {
    #[command(flatten)]
    pub(crate) screening: ScreeningFlags,
    /// Methods to detect [default: fgsm,bim at 0.1, 0.2 and 0.3, of colour images at 2/255, 4/255 and 8/255]
    #[arg(long, value_name = "M,..", value_delimiter = ',', value_parser = names::method, help_heading = "Attack")]
    pub(crate) method: Vec<NamedMethod>,
    #[command(flatten)]
    pub(crate) attack: MethodFlags,
    #[command(flatten)]
    pub(crate) detection: DetectionFlags,
    #[command(flatten)]
    pub(crate) shard: ShardFlags,
    #[command(flatten)]
    pub(crate) subject: SubjectFlags,
}

pub(crate) fn run(flags: &DetectFlags) -> Result<()> {
    if !flags.screening.input.is_empty() {
        return screen::run(&flags.screening, &flags.detection.flagging, &flags.subject);
    }
    let start = Instant::now();
    let session = Session::open(&flags.subject, flags.shard.shard()?)?;
    let against = flags.detection.flagging.detector.unwrap_or(DEFAULT_DETECTOR);
    let mut planned = planned_attacks(flags, session.shape(), against)?;
    let target = flags.attack.aim(&session.class_names)?;
    let output = Output::new(&flags.subject.out)?;
    let validation = || session.validation();
    let bench = Bench::open(&session.subject, &flags.detection.flagging, &planned, validation)?;
    session.remark();
    let opponent = opponent(&mut planned, &session.subject, Some(&bench));
    let attacking = Attacking { session: &session, opponent: &*opponent, target, judge: None };

    let clean = look_at_clean(&bench, &session)?;
    let (mut attacked, mut made, mut outcomes) = (Vec::new(), Vec::new(), Vec::new());
    for attack in &planned {
        for (seen, set, outcome) in look_at_attacked(&attacking, &bench, attack)? {
            attacked.push(seen);
            made.push(set);
            outcomes.push(outcome);
        }
    }
    // As it is known before any figure: a validation set that is read for remarks is data, too.
    let (run, shard, flagging) = (session.info(), session.shard(), &bench.flagging);
    let unattacked = flags.detection.unattacked();
    let detection = assessed(&session, &bench, clean, (attacked, &made), unattacked)?;
    let summary = DetectionSummary {
        measurement: detection.measurement(session.info(), made),
        seconds: start.elapsed().as_secs_f64(),
        remarks: detection.remarks.clone(),
    };
    let mut edition = output.edition();
    detection.write(&mut edition, LastColumns::of_shard(shard))?;
    let mut sets = Vec::new();
    if shard.is_some() {
        for (made, outcome) in summary.measurement.sets.iter().zip(&outcomes) {
            let rows = Dealt::Detect.rows(&made.set, outcomes.len());
            edition.write(&rows, |file| write_csv::<AttackRow>(&outcome.rows, file))?;
            sets.push(ShardSet { made: made.clone(), fooled_model: outcome.fooled_model, seconds: 0.0 });
        }
    }
    let summary = edition.publish("detect.json", summary, &REPLACED)?;
    if shard.is_some() {
        let (command, session, flagging) = (Dealt::Detect, &session, Some(flagging));
        let (judge, checks) = (None, Vec::new());
        let seconds = summary.summary.seconds;
        let sharding = Sharding { command, session, judge, run, flagging, unattacked, sets, checks, seconds };
        sharding.publish(&output, &summary.files)?;
    }
    if flags.subject.common.json {
        return say(json!(summary));
    }
    detection.print(&summary.summary.measurement.sets, &output)
}

/// The sets asked for, or FGSM and BIM at 0.1, 0.2 and 0.3, at 2/255, 4/255 and 8/255 of images in colours.
fn planned_attacks(flags: &DetectFlags, shape: ImageShape, against: &'static str) -> Result<Vec<PlannedAttack>> {
    let quiet = flags.subject.common.quiet;
    if !flags.method.is_empty() {
        return attacks(&flags.method, &flags.attack, shape, against, quiet);
    }
    let methods = ["fgsm", "bim"].map(|id| Ok::<_, Error>(NamedMethod { spec: id.parse()?, says_norm: false }));
    let methods = methods.into_iter().collect::<Result<Vec<_>, _>>()?;
    let epsilon = match &flags.attack.epsilon[..] {
        [] if shape.is_grey() => vec![0.1, 0.2, 0.3],
        [] => vec![2.0 / 255.0, 4.0 / 255.0, 8.0 / 255.0],
        given => given.to_vec(),
    };
    attacks(&methods, &MethodFlags { epsilon, ..flags.attack.clone() }, shape, against, quiet)
}

/// What the detectors see of each set that an attack makes.
fn look_at_attacked(
    attacking: &Attacking,
    bench: &Bench,
    planned: &PlannedAttack,
) -> Result<Vec<(SeenSet, AttackedSet, Outcome)>> {
    let look = |Attacked { x_adv, outcome }: Attacked| {
        let sightings = bench.screen.look_at(&x_adv)?;
        let seen = outcome.rows.iter().zip(sightings).map(|(row, seen)| Seen::attacked(row, seen));
        let seen: Vec<Seen> = seen.collect();
        Ok((seen, outcome))
    };
    let made = attacking.each(planned, &planned.sets, look)?;
    let results = planned.sets.iter().zip(made).map(|(set, batches)| {
        let (seen, outcomes): (Vec<_>, Vec<_>) = batches.into_iter().unzip();
        let outcome = Outcome::concat(outcomes);
        let made = planned.attacked(set, attacking.target, &[&outcome]);
        (SeenSet { name: set.name.clone(), images: seen.concat() }, made, outcome)
    });
    Ok(results.collect())
}
