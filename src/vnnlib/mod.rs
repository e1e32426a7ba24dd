//! Instances of VNN-LIB (vnnlib.org), the form in which verifiers are asked about a network: boxes of inputs `X_i`, and what its outputs `Y_i` would be
//! if the property were violated.
//!
//! A verifier proves that no input of the box violates the property; an attack finds one that does. Instances are read ([`Instance`]) and become
//! a model of two classes that an attack fools where the property is violated ([`Violation`]); boxes around images are written
//! ([`write_box`]).

mod atom;
mod boxes;
mod expression;
mod instance;
mod violation;

pub use boxes::write_box;
pub use instance::{Case, Instance, VnnlibError};
pub use violation::Violation;
