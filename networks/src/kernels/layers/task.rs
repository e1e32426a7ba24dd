//! [`Task`]: a part of some work, to be done here or on another thread.

/// A part of some work.
pub(in crate::kernels) type Task<'a> = Box<dyn FnOnce() + Send + 'a>;
