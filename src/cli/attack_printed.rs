//! What a person reads of an attacked set.

use anyhow::Result;
use serde_json::json;

use super::out::say;
use crate::evaluation::AttackCounts;
use crate::files::{Output, Vouched};
use crate::report::AttackSummary;
use crate::words::{of_images, percent};

/// Prints the summary of a set that lies in the folder.
pub(crate) fn print_summary(summary: &AttackSummary, folder: &Output) -> Result<()> {
    let AttackCounts { n, skipped, succeeded, failed, success_rate, accuracy_clean, accuracy_under_attack } =
        summary.attacked.counts;
    let (set, run) = (&summary.attacked.set, &summary.run);
    say(format_args!("{set} on {} of {} ({})", of_images(n), run.dataset, run.split))?;
    if let Some(transfer) = &summary.transfer {
        let (model, fooled) = (&summary.run.model, transfer.fooled_model);
        match &run.purify {
            Some(purification) if !purification.oblivious => {
                say(format_args!("  attacked, judged       {}", transfer.to))?;
            }
            _ => say(format_args!(
                "  judged by              {} ({fooled} of the images made fool {model} itself)",
                transfer.to
            ))?,
        }
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

/// Prints the summaries of a run as one JSON object.
pub(crate) fn say_summaries(summaries: &[Vouched<AttackSummary>]) -> Result<()> {
    say(if let [summary] = summaries { json!(summary) } else { json!({ "sets": summaries }) })
}
