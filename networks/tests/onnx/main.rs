//! ONNX files as networks: every operator against onnxruntime, what common graphs become, and what is refused.
#![allow(clippy::unwrap_used, reason = "helpers outside of the tests themselves")]

mod branches;
mod external;
mod forms;
mod model;
mod operators;
mod refused;
mod refused_files;
mod wire;
