//! How a command ends other than well: wrong usage, or a signal.

/// A combination of flags that makes no sense; the message says which and what would.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// A signal ended the command in good order, and this is the exit code that says so.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(crate) struct Interrupted(pub(crate) u8);

/// The exit code of an error: 1 failed, 2 wrong usage, 130 and 143 interrupted.
pub(crate) fn exit_code(error: &anyhow::Error) -> u8 {
    match error.downcast_ref() {
        Some(&Interrupted(code)) => code,
        None if error.is::<Usage>() => 2,
        None => 1,
    }
}
