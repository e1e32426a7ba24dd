//! [`Simpler`]: what a rule says.

use crate::onnx::draft::Id;
use crate::spec::Op;

/// These ops, one after the other, of a value that is there.
pub(super) type Simpler = (Id, Vec<Op>);
