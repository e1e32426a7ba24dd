//! How a command ends other than well: wrong usage, or a signal.

/// A combination of flags that makes no sense; the message says which and what would.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// A signal ended the command in good order, and this is the exit code that says so.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(crate) struct Interrupted(pub(crate) u8);

/// The command did its work, and found what the user wants a failure for.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Alarm(pub(crate) String);

/// The exit code of an error: 1 failed, 2 wrong usage, 3 what a flag `--fail-*` asks for, 130 and 143 interrupted.
pub(crate) fn exit_code(error: &anyhow::Error) -> u8 {
    match error.downcast_ref() {
        Some(&Interrupted(code)) => code,
        None if error.is::<Usage>() => 2,
        None if error.is::<Alarm>() => 3,
        None => 1,
    }
}
