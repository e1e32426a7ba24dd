//! What `--target` aims for.

use anyhow::{Result, bail};

use super::failure::Usage;
use super::method_flags::MethodFlags;
use crate::evaluation::Target;

/// The aim that `--target` names, if there is such a class.
pub(super) fn target(flags: &MethodFlags, class_names: &[String]) -> Result<Option<Target>> {
    match flags.target {
        Some(Target::Class(class)) if class as usize >= class_names.len() => {
            let last = class_names.len() - 1;
            bail!(Usage(format!("--target {class} is not a class from 0 to {last}, nor random or least-likely")))
        }
        target => Ok(target),
    }
}
