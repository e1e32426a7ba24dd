//! Boxes around images, written for verifiers.

use std::io::{self, Write};

/// Writes an instance: all inputs from `low` to `high`, `classes` outputs, and the property that output `label` is the largest. It is violated
/// where another output is at least as large.
///
/// # Errors
/// Whatever the writer reports.
pub fn write_box(mut writer: impl Write, low: &[f64], high: &[f64], label: usize, classes: usize) -> io::Result<()> {
    for input in 0..low.len() {
        writeln!(writer, "(declare-const X_{input} Real)")?;
    }
    for output in 0..classes {
        writeln!(writer, "(declare-const Y_{output} Real)")?;
    }
    for (input, (low, high)) in low.iter().zip(high).enumerate() {
        writeln!(writer, "(assert (>= X_{input} {low}))")?;
        writeln!(writer, "(assert (<= X_{input} {high}))")?;
    }
    let others = (0..classes).filter(|&output| output != label);
    let others: Vec<String> = others.map(|output| format!("(and (>= Y_{output} Y_{label}))")).collect();
    writeln!(writer, "(assert (or {}))", others.join(" "))
}
