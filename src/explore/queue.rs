//! [`Queue`]: questions that wait for a worker, in two lanes of bounded length.
//!
//! A worker takes the questions of one lane only, so that a stroke does not wait for somebody's attack.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot::Sender;

use super::answer::{Refusal, Reply};
use super::question::{Lane, Question};

/// A question and who waits for its answer.
pub(crate) struct Job {
    pub(crate) question: Question,
    /// Where the answer goes.
    pub(crate) reply: Sender<Reply>,
}

/// Jobs that wait.
#[derive(Default)]
pub(crate) struct Queue {
    lanes: Mutex<Lanes>,
    changed: Condvar,
}

#[derive(Default)]
struct Lanes {
    /// By [`Lane`].
    waiting: [VecDeque<Job>; 2],
    closed: bool,
}

impl Queue {
    /// Lets a job wait.
    ///
    /// # Errors
    /// [`Refusal::Busy`] if too many do, or nobody works any more.
    pub(crate) fn push(&self, job: Job) -> Result<(), Refusal> {
        let lane = job.question.lane();
        let mut lanes = self.lanes();
        let closed = lanes.closed;
        let waiting = &mut lanes.waiting[lane as usize];
        if waiting.len() >= lane.room() {
            // Whoever has gone away waits no more.
            waiting.retain(|job| !job.reply.is_closed());
        }
        if closed || waiting.len() >= lane.room() {
            return Err(Refusal::Busy);
        }
        waiting.push_back(job);
        drop(lanes);
        self.changed.notify_all();
        Ok(())
    }

    /// The next job of a lane that somebody still waits for. Waits for one; none once the queue is closed.
    pub(crate) fn next(&self, lane: Lane) -> Option<Job> {
        let mut lanes = self.lanes();
        loop {
            if lanes.closed {
                return None;
            }
            match lanes.waiting[lane as usize].pop_front() {
                Some(job) if job.reply.is_closed() => {}
                Some(job) => return Some(job),
                None => lanes = self.changed.wait(lanes).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Sends the workers home and forgets what waits.
    pub(crate) fn close(&self) {
        *self.lanes() = Lanes { closed: true, ..Lanes::default() };
        self.changed.notify_all();
    }

    /// Nothing is done under the lock that could fail halfway.
    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot::{Receiver, channel};

    use super::*;
    use crate::explore::source::Source;

    fn job(index: u64, slow: bool) -> (Job, Receiver<Reply>) {
        let attack = format!(r#"{{"source":{{"index":{index}}},"attack":{{"method":"bim"}}}}"#);
        let question = if slow {
            Question::Attack(serde_json::from_str(&attack).unwrap())
        } else {
            Question::Look(Source::Index(index))
        };
        let (reply, receiver) = channel();
        (Job { question, reply }, receiver)
    }

    #[test]
    fn a_worker_gets_the_questions_of_its_lane_in_their_order() {
        let queue = Queue::default();
        let (jobs, _waiting): (Vec<Job>, Vec<_>) =
            [(0, true), (1, false), (2, false)].map(|(i, s)| job(i, s)).into_iter().unzip();
        jobs.into_iter().for_each(|job| queue.push(job).unwrap());
        let looked = |lane| match queue.next(lane).unwrap().question {
            Question::Look(Source::Index(index)) => Some(index),
            _ => None,
        };
        assert_eq!((looked(Lane::Quick), looked(Lane::Slow), looked(Lane::Quick)), (Some(1), None, Some(2)));
    }

    #[test]
    fn a_full_lane_refuses_until_somebody_goes_away() {
        let queue = Queue::default();
        let mut waiting = Vec::new();
        for index in 0..128 {
            let (job, receiver) = job(index, true);
            queue.push(job).unwrap();
            waiting.push(receiver);
        }
        assert_eq!(queue.push(job(128, true).0), Err(Refusal::Busy));
        waiting.truncate(100);
        let (late, _late) = job(129, true);
        queue.push(late).unwrap();
        drop(waiting);
        assert!(
            matches!(queue.next(Lane::Slow).unwrap().question, Question::Attack(_)),
            "the only one that is waited for"
        );
        queue.close();
        assert!(queue.next(Lane::Slow).is_none());
        assert_eq!(queue.push(job(0, false).0), Err(Refusal::Busy));
    }
}
