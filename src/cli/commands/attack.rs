//! `robust attack`: attack the chosen images and write `clean.npz`, and for every set `attack.csv`, `attack.json` and
//! `adversarial.npz`.

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::instance;
use crate::cli::attacking::{Attacking, against, opponent, write_set};
use crate::cli::bench::Bench;
use crate::cli::flags::names::{self, NamedMethod};
use crate::cli::flags::{FlaggingFlags, MethodFlags, SubjectFlags};
use crate::cli::out::say;
use crate::cli::plan::attacks;
use crate::cli::remarks;
use crate::cli::session::Session;
use crate::cli::set_files::{CLEAN_IMAGES, CLEAN_IMAGES_AROUND, Clean};
use crate::evaluation::{AttackCounts, AttackedSet};
use crate::files::{Output, Vouched};
use crate::remarks::Answers;
use crate::report::AttackSummary;
use crate::words::{of_images, percent};

#[derive(Debug, Args)]
pub(crate) struct AttackFlags {
    /// Methods, such as bim or fgsm,pgd-l2; `robust list` has them all
    #[arg(long, required = true, value_name = "M,..", value_delimiter = ',', value_parser = names::method,
          help_heading = "Attack")]
    pub(crate) method: Vec<NamedMethod>,
    #[command(flatten)]
    pub(crate) attack: MethodFlags,
    /// Another network, embedded or a file, that judges whether the images made from --model fool it too
    #[arg(long, value_name = "NAME|FILE", value_parser = names::model, help_heading = "Attack")]
    pub(crate) transfer_to: Option<String>,
    #[command(flatten)]
    pub(crate) subject: SubjectFlags,
}

pub(crate) fn run(flags: &AttackFlags) -> Result<()> {
    let common = &flags.subject.common;
    if instance::is_one(common.dataset()) {
        return instance::run(&flags.method, &flags.attack, &flags.subject);
    }
    let session = Session::open(&flags.subject)?;
    let mut planned =
        attacks(&flags.method, &flags.attack, session.shape(), session.subject.default_detector(), common.quiet)?;
    let target = flags.attack.aim(&session.class_names)?;
    let judge = flags.transfer_to.as_deref().map(|name| session.judge(name, &flags.subject)).transpose()?;
    let output = Output::new(&flags.subject.out)?;
    let names: Vec<String> = planned.iter().flat_map(|attack| &attack.sets).map(|set| set.name.to_string()).collect();
    let folders: Vec<Output> = match names[..] {
        [_] => Vec::new(),
        _ => names.iter().map(|name| output.subfolder(name)).collect::<Result<_, _>>()?,
    };
    let mut folders = folders.iter();
    let (clean, around) =
        if names.len() == 1 { (CLEAN_IMAGES, &[][..]) } else { (CLEAN_IMAGES_AROUND, &["../report.html"][..]) };
    let clean = Clean::of(&session, clean)?;
    session.remark();
    let known = against(&planned).map(FlaggingFlags::alone);
    let bench = |flags| Bench::open(&session.subject, &flags, &[], || session.validation());
    let bench = known.map(bench).transpose()?;
    let opponent = opponent(&mut planned, &session.subject, bench.as_ref());
    let attacking = Attacking { session: &session, opponent: &*opponent, target, judge: judge.as_ref() };

    let mut summaries = Vec::new();
    // The same in every set.
    let mut answers = Answers::default();
    for planned in &planned {
        for (attacked, summary) in attacking.make(planned, &planned.sets)? {
            answers = remarks::answers(&attacked);
            let folder = folders.next().unwrap_or(&output);
            let summary = write_set(&session, &clean, &attacked, summary, folder, around)?;
            if !common.json {
                print_summary(&summary.summary, folder)?;
            }
            summaries.push(summary);
        }
    }
    let sets: Vec<&AttackedSet> =
        summaries.iter().map(|vouched: &Vouched<AttackSummary>| &vouched.summary.attacked).collect();
    remarks::tell_all(&remarks::on_attacks(&session, judge.as_ref(), &answers, &sets), common.quiet);
    if common.json {
        let whole = if let [summary] = &summaries[..] { json!(summary) } else { json!({ "sets": summaries }) };
        say(whole)?;
    }
    Ok(())
}

fn print_summary(summary: &AttackSummary, folder: &Output) -> Result<()> {
    let AttackCounts { n, skipped, succeeded, failed, success_rate, accuracy_clean, accuracy_under_attack } =
        summary.attacked.counts;
    say(format_args!(
        "{} on {} of {} ({})",
        summary.attacked.set,
        of_images(n),
        summary.run.dataset,
        summary.run.split
    ))?;
    if let Some(transfer) = &summary.transfer {
        let (model, fooled) = (&summary.run.model, transfer.fooled_model);
        say(format_args!(
            "  judged by              {} ({fooled} of the images made fool {model} itself)",
            transfer.to
        ))?;
    }
    say(format_args!("  success rate           {}", success_rate.map_or("none attacked".into(), percent)))?;
    say(format_args!("  succeeded, failed      {succeeded}, {failed}"))?;
    say(format_args!("  skipped                {skipped}"))?;
    say(format_args!("  accuracy, clean        {}", percent(accuracy_clean)))?;
    say(format_args!("  accuracy under attack  {}", percent(accuracy_under_attack)))?;
    let effort = &summary.attacked.effort;
    if let (Some(linf), Some(l2), Some(l0)) = (effort.median_linf, effort.median_l2, effort.median_l0) {
        say(format_args!("  median change          linf {linf:.4}, l2 {l2:.4}, {l0} pixels"))?;
    }
    if let Some(queries) = effort.mean_queries {
        say(format_args!("  queries per image      {queries:.1}"))?;
    }
    say(format_args!("  speed                  {:.0} images/s", summary.images_per_second))?;
    if summary.attacked.zero_gradient + summary.attacked.nan_gradient > 0 {
        let (zero, nan) = (summary.attacked.zero_gradient, summary.attacked.nan_gradient);
        say(format_args!(
            "  gradients              all zero on {}, NaN on {nan}: the attack may be blind there",
            of_images(zero)
        ))?;
    }
    say(format_args!("  reports                {}", folder.folder.display()))
}
