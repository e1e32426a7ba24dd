//! Keep a change if it is better: the random search of algorithm 1.

use crate::Trace;

/// How far the search for one image is.
#[derive(Clone)]
pub(super) struct Search {
    /// The loss of the best image so far.
    loss: f64,
    /// How many changes in a row have been turned down.
    pub(super) turned_down: u64,
    pub(super) is_fooled: bool,
    pub(super) trace: Trace,
}

/// What the model says of one change.
pub(super) struct Answer<'a> {
    pub(super) image: usize,
    /// The image that was asked about.
    pub(super) x: &'a [f32],
    pub(super) loss: f64,
    pub(super) is_reached: bool,
}

impl Search {
    /// With nothing found yet.
    pub(super) fn new() -> Self {
        Self { loss: f64::NEG_INFINITY, turned_down: 0, is_fooled: false, trace: Trace::default() }
    }

    /// Looks at an answer; whether the change is kept.
    pub(super) fn keeps(&mut self, answer: &Answer) -> bool {
        self.trace.queries += 1;
        let keeps = answer.is_reached || answer.loss.is_finite() && answer.loss > self.loss;
        if keeps {
            (self.loss, self.is_fooled, self.turned_down) = (answer.loss, answer.is_reached, 0);
        } else {
            self.turned_down += 1;
        }
        keeps
    }
}
