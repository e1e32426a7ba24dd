//! `--shard`: which part of the images a run takes, said outright or found in what a scheduler tells its tasks.
//!
//! Nobody who does not ask for it gets one: an array over seeds or epsilons must not lose images.

use std::env;

use clap::Args;

use super::number::positive;
use crate::cli::usage::Usage;
use crate::evaluation::Shard;

/// What Slurm tells a task of an array: its number, and the first, the last, the step and the count of them.
const SLURM: [&str; 5] = [
    "SLURM_ARRAY_TASK_ID",
    "SLURM_ARRAY_TASK_MIN",
    "SLURM_ARRAY_TASK_MAX",
    "SLURM_ARRAY_TASK_STEP",
    "SLURM_ARRAY_TASK_COUNT",
];
/// What Kubernetes tells a pod of an indexed job: its number, from 0 on, and nothing of how many there are.
const KUBERNETES: &str = "JOB_COMPLETION_INDEX";

/// The part of the images that a run takes; shared by `attack`, `detect` and `evaluate`.
#[derive(Debug, Args)]
pub(crate) struct ShardFlags {
    /// Take the I-th of N parts of the images, for `robust merge`; auto takes both from a Slurm array, auto/N from a Slurm array or an indexed
    /// job of Kubernetes
    #[arg(long, value_name = "I/N|auto|auto/N", value_parser = asked, help_heading = "Data")]
    shard: Option<Asked>,
}

impl ShardFlags {
    /// The shard that is asked for, if one is.
    pub(crate) fn shard(&self) -> Result<Option<Shard>, Usage> {
        let found = match self.shard {
            None => return Ok(None),
            Some(Asked::This(shard)) => return Ok(Some(shard)),
            Some(Asked::Auto(count)) => count,
        };
        let tried = told(found, |name| env::var(name).ok());
        let flag = found.map_or("auto".to_owned(), |count| format!("auto/{count}"));
        tried.map(Some).map_err(|trouble| Usage(format!("--shard {flag}: {trouble}")))
    }
}

/// What `--shard` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    This(Shard),
    /// The one that the scheduler says, of so many, if the flag says how many.
    Auto(Option<usize>),
}

fn asked(text: &str) -> Result<Asked, String> {
    let name = text.trim().to_lowercase();
    match name.strip_prefix("auto") {
        Some("") => Ok(Asked::Auto(None)),
        Some(rest) => rest
            .strip_prefix('/')
            .and_then(|count| positive(count).ok())
            .map(|count| Asked::Auto(Some(count)))
            .ok_or_else(|| "expected auto, or auto/N with N shards, such as auto/7".to_owned()),
        None => name.parse().map(Asked::This).map_err(|_| {
            format!(
                "expected I/N with I from 1 to N, such as 2/7, N at most {}, or auto in a task of a scheduler",
                Shard::MOST
            )
        }),
    }
}

/// The shard that the scheduler's variables tell.
fn told(count: Option<usize>, variable: impl Fn(&str) -> Option<String>) -> Result<Shard, String> {
    match (variable(SLURM[0]), variable(KUBERNETES)) {
        (Some(_), Some(_)) => {
            Err(format!("both {} and {KUBERNETES} are set, and one of them must be wrong; say I/N", SLURM[0]))
        }
        (Some(_), None) => of_slurm(count, variable),
        (None, Some(index)) => {
            let Some(count) = count else {
                return Err(format!("{KUBERNETES} says which shard this is and nothing of how many; say auto/N"));
            };
            let number = index.trim().parse::<usize>().ok().and_then(|index| index.checked_add(1));
            number.and_then(|number| Shard::new(number, count)).ok_or_else(|| {
                format!("{KUBERNETES} is {index}, expected 0 to {}: is the job's `completions` {count}?", count - 1)
            })
        }
        (None, None) => Err(format!("neither {} nor {KUBERNETES} is set; say I/N", SLURM[0])),
    }
}

/// The shard that a task of a Slurm array is: all tasks of the array, in steps of one size.
fn of_slurm(count: Option<usize>, variable: impl Fn(&str) -> Option<String>) -> Result<Shard, String> {
    let read = |name: &str| {
        let text = variable(name).unwrap_or_default();
        text.trim().parse::<usize>().map_err(|_| format!("{name} is '{text}', expected a whole number"))
    };
    let [id, first, last, step, tasks] =
        [read(SLURM[0])?, read(SLURM[1])?, read(SLURM[2])?, read(SLURM[3])?, read(SLURM[4])?];
    let is_even = step > 0 && last >= first && (last - first) % step == 0 && (last - first) / step + 1 == tasks;
    let number = id.checked_sub(first).filter(|ahead| is_even && ahead % step == 0).map(|ahead| ahead / step + 1);
    let Some(shard) = number.and_then(|number| Shard::new(number, tasks)) else {
        return Err(format!(
            "task {id} of an array of {tasks} from {first} to {last} in steps of {step} leaves gaps, and shards must not: \
             submit --array=1-N, or say I/N"
        ));
    };
    match count {
        Some(count) if count != tasks => Err(format!(
            "the Slurm array has {tasks} tasks, and N is {count}; for a part of an array say I/N, such as $SLURM_ARRAY_TASK_ID/{count}"
        )),
        _ => Ok(shard),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slurm(values: [&'static str; 5]) -> impl Fn(&str) -> Option<String> {
        move |name| SLURM.iter().position(|known| *known == name).map(|at| values[at].to_owned())
    }

    #[test]
    fn what_a_scheduler_tells_is_a_shard_or_told_why_not() {
        for (values, count, expected) in [
            (["3", "1", "8", "1", "8"], None, Ok("3/8")),
            (["0", "0", "7", "1", "8"], Some(8), Ok("1/8")),
            (["10", "4", "13", "3", "4"], None, Ok("3/4")),
            (["3", "1", "8", "1", "8"], Some(9), Err("has 8 tasks, and N is 9")),
            // --array=1,3,7
            (["7", "1", "7", "1", "3"], None, Err("leaves gaps")),
            (["1", "1", "7", "1", "3"], None, Err("leaves gaps")),
            (["3", "", "8", "1", "8"], None, Err("SLURM_ARRAY_TASK_MIN is ''")),
            (["3", "1", "8", "0", "8"], None, Err("leaves gaps")),
        ] {
            match (told(count, slurm(values)), expected) {
                (Ok(shard), Ok(text)) => assert_eq!(shard.to_string(), text),
                (Err(found), Err(part)) => assert!(found.contains(part), "{found}"),
                (found, expected) => panic!("{values:?}: {found:?}, {expected:?}"),
            }
        }
        let index = |value: &'static str| move |name: &str| (name == KUBERNETES).then(|| value.to_owned());
        assert_eq!(told(Some(7), index("0")).unwrap().to_string(), "1/7");
        assert_eq!(told(Some(7), index("6")).unwrap().to_string(), "7/7");
        for (found, part) in [
            (told(Some(7), index("7")), "expected 0 to 6"),
            (told(Some(7), index("x")), "expected 0 to 6"),
            (told(None, index("0")), "say auto/N"),
            (told(Some(7), |_| None), "neither"),
            (told(None, |_| Some("1".into())), "both"),
        ] {
            assert!(found.as_ref().unwrap_err().contains(part), "{found:?}");
        }
    }

    #[test]
    fn a_shard_is_said_or_left_to_the_scheduler() {
        assert_eq!(asked(" Auto "), Ok(Asked::Auto(None)));
        assert_eq!(asked("auto/7"), Ok(Asked::Auto(Some(7))));
        assert_eq!(asked("2/7"), Ok(Asked::This(Shard::new(2, 7).unwrap())));
        for text in ["auto/0", "auto7", "autos", "8/7", "0/7", "2", "", "2/7/9", "-1/7"] {
            assert!(asked(text).is_err(), "{text}");
        }
    }
}
