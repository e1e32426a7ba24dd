//! The page, open: a server in front, and workers that answer what waits.

use std::io;
use std::net::TcpListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};
use rayon::ThreadPool;

use super::queue::{Job, Queue, Reply};
use super::{Page, Refusal, Studio, serve};

/// Serves the page on `listener` until the process is told to end. As many questions are worked on at once as the pool has
/// threads, and at least two, of which one is a quick one. Calls `ready` once the page can be opened.
///
/// # Errors
/// If the system does not let it, or `ready` fails.
pub fn open(
    studio: &Studio,
    pool: &ThreadPool,
    listener: TcpListener,
    ready: impl FnOnce() -> io::Result<()>,
) -> Result<()> {
    let page = Page::of(studio)?;
    let queue = Arc::new(Queue::default());
    thread::scope(|scope| {
        for number in 0..pool.current_num_threads().max(2) {
            let queue = &queue;
            scope.spawn(move || work(studio, pool, queue, number > 0));
        }
        let served = serve(listener, &page, &queue, ready);
        queue.close();
        served.context("the page cannot be served")
    })
}

fn work(studio: &Studio, pool: &ThreadPool, queue: &Queue, takes_slow: bool) {
    while let Some(Job { question, reply }) = queue.next(takes_slow) {
        let start = Instant::now();
        // A bug in an answer must not take the worker along; nothing of the studio is changed by one that could be left half done.
        let outcome = catch_unwind(AssertUnwindSafe(|| pool.install(|| studio.answer(&question))));
        let outcome = outcome.unwrap_or_else(|_| Err(Refusal::Failure("a fault of this program".into())));
        // Whoever asked may have gone away.
        let _ = reply.send(Reply { outcome, took: start.elapsed() });
    }
}
