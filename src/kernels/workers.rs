//! A batch spread over threads.

use std::sync::Mutex;

use super::engine::Engine;
use super::workspace::Workspace;

/// One [`Workspace`] for each thread.
#[derive(Clone, Debug)]
pub struct Workers {
    workspaces: Vec<Workspace>,
}

impl Workers {
    /// `threads` workspaces (at least 1) for chunks of up to `max_images` images.
    pub fn new(engine: &Engine, threads: usize, max_images: usize) -> Self {
        Self { workspaces: (0..threads.max(1)).map(|_| Workspace::new(engine, max_images)).collect() }
    }

    /// Number of workspaces.
    pub fn threads(&self) -> usize {
        self.workspaces.len()
    }

    /// Images of each chunk, such that every worker gets as many chunks and no chunk is larger than a workspace.
    pub fn chunk(&self, images: usize) -> usize {
        let (threads, most) = (self.threads(), self.workspaces[0].max_images());
        let rounds = images.div_ceil(threads * most).max(1);
        images.div_ceil(rounds * threads).max(1)
    }

    /// Runs every job on one of the workspaces, in rayon's threads; whichever worker is free takes the next job.
    pub fn run<J: Send>(
        &mut self,
        jobs: impl IntoIterator<Item = J, IntoIter: Send>,
        f: impl Fn(&mut Workspace, J) + Sync,
    ) {
        let jobs = Mutex::new(jobs.into_iter());
        // A worker that panicked poisons the queue; the scope passes its panic on.
        let next = || jobs.lock().ok()?.next();
        rayon::scope(|scope| {
            for workspace in &mut self.workspaces {
                scope.spawn(|_| {
                    while let Some(job) = next() {
                        f(workspace, job);
                    }
                });
            }
        });
    }
}
