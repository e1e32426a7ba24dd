//! The `robust` command.
fn main() {}
