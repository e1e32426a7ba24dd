//! What `--target` aims for.

use anyhow::Result;

use super::failure::Usage;
use super::method_flags::MethodFlags;
use crate::campaign::Target;

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
