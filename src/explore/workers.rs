//! The page, open: a server in front, and workers that answer what waits.

use std::io;
use std::net::TcpListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::answer::{Refusal, Reply};
use super::asker::Asker;
use super::end::Ending;
use super::page::Page;
use super::question::Lane;
use super::queue::{Job, Queue};
use super::server::serve;
use super::studio::Studio;
use crate::signals::End;

/// Threads for quick questions, at most: a page asks no more at once, one of each kind.
const QUICK: usize = 3;

/// Serves the page on `listener` until `ending` comes, and says what it was. This has two seconds to return then, or until
/// the process is told so again; after that the process ends, wherever this is. Calls `ready` once the page can be opened.
///
/// Attacks and their like share the threads of `pool`. Quick questions have threads of their own, each for one at a time: on those
/// of the pool, a thread that waits for a part of a stroke could take up a whole attack meanwhile.
pub(crate) fn open(
    studio: &Studio,
    pool: &ThreadPool,
    listener: TcpListener,
    ending: &Ending,
    ready: impl FnOnce() -> io::Result<()>,
) -> Result<End> {
    let page = Page::of(studio)?;
    let queue = Arc::new(Queue::default());
    let threads = pool.current_num_threads();
    let quick: Vec<ThreadPool> = (0..threads.min(QUICK))
        .map(|_| ThreadPoolBuilder::new().num_threads(1).build())
        .collect::<Result<_, _>>()
        .context("cannot start the threads for strokes")?;
    thread::scope(|scope| {
        let workers = quick.iter().map(|pool| (pool, Lane::Quick));
        // A thread is left for strokes, where there is more than one.
        for (pool, lane) in workers.chain((1..threads.max(2)).map(|_| (pool, Lane::Slow))) {
            let queue = &queue;
            scope.spawn(move || work(studio, pool, queue, lane));
        }
        let served = serve(listener, &page, &queue, ending, ready);
        queue.close();
        served.context("the page cannot be served")
    })
}

fn work(studio: &Studio, pool: &ThreadPool, queue: &Queue, lane: Lane) {
    while let Some(Job { question, reply }) = queue.next(lane) {
        let start = Instant::now();
        // A bug in an answer must not take the worker along; nothing of the studio is changed by one that could be left half done.
        let outcome = catch_unwind(AssertUnwindSafe(|| pool.install(|| studio.answer(&question, Asker::of(&reply)))));
        let outcome = outcome.unwrap_or_else(|_| Err(Refusal::Failure("a fault of this program".into())));
        // Whoever asked may have gone away.
        let _ = reply.send(Reply { outcome, took: start.elapsed() });
    }
}
