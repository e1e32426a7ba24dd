//! How a network and its detectors stand up to attacks: from a plan of attacks to figures.
//!
//! A [`PlannedAttack`] makes [`Campaign`]s, which make [`AttackRow`]s; a [`Screen`] looks at clean and attacked images
//! ([`SeenSet`]), and [`assess`] turns what it saw into figures per set and detector ([`MetricsRow`]). Over those come the worst case
//! of all attacks ([`assess_worst`]), security curves ([`security()`]) and the checks of [`sanity`].
//!
//! It reads and writes no file and prints nothing: `report` has the files, the command line the words.

mod ambiguity;
mod assess;
mod attacked_set;
mod calibration;
mod campaign;
mod clean;
mod metrics;
mod outcome;
mod plan;
mod run;
pub mod sanity;
mod screen;
mod security;
mod set_name;
mod shard;
mod shift;
mod worst;

pub use ambiguity::Blends;
pub use assess::{Assessment, assess};
pub use attacked_set::{AttackCounts, AttackedSet, Effort};
pub use calibration::{Calibration, LeftOut};
pub use campaign::{Attacked, Campaign, Images, JudgeNotFinite};
pub use clean::{Evaluation, evaluate};
pub use metrics::MetricsRow;
pub use outcome::{AttackRow, Outcome, Target};
pub use plan::{PlannedAttack, PlannedSet};
pub use run::{NamedImages, Purification, RunInfo};
pub(crate) use screen::part_names;
pub use screen::{Drawn, Gauge, Screen, Seen, SeenSet, Sighting, Verdict};
pub use security::{Curve, CurveRow, HalfUndetected, security};
pub use set_name::SetName;
pub use shard::{NoShard, Shard};
pub use shift::{Shift, ShiftRow};
pub use worst::assess_worst;
