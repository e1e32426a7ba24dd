//! The progress bar: images per second and running counts, on a terminal only.

use std::io::{IsTerminal, stderr};
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};
use robust_detectors::Status;

/// A bar over images that several workers may move.
pub(crate) struct Progress {
    bar: ProgressBar,
    counts: Mutex<[u64; 3]>,
}

impl Progress {
    /// A bar for `images` images that starts with `title`; invisible off a terminal or when `quiet`.
    pub(crate) fn new(title: &str, images: usize, quiet: bool) -> Self {
        let visible = !quiet && stderr().is_terminal();
        let bar = if visible { ProgressBar::new(images as u64) } else { ProgressBar::hidden() };
        let template = "{prefix}  {bar:30} {human_pos}/{human_len}  {per_sec}  {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(title.to_owned());
        Self { bar, counts: Mutex::new([0; 3]) }
    }

    /// Moves on by `images` and shows `message`.
    pub(crate) fn advance(&self, images: usize, message: String) {
        self.bar.set_message(message);
        self.bar.inc(images as u64);
    }

    /// Moves on by a batch of attacked images and shows how many succeeded, failed and were skipped so far.
    pub(crate) fn count(&self, statuses: impl ExactSizeIterator<Item = Status>) {
        let images = statuses.len();
        // A worker that panicked while counting is reported elsewhere; the counts are for show.
        let mut counts = self.counts.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        for status in statuses {
            counts[match status {
                Status::Succeeded => 0,
                Status::Failed => 1,
                Status::Skipped => 2,
            }] += 1;
        }
        let [succeeded, failed, skipped] = *counts;
        self.advance(images, format!("Succeeded {succeeded} / Failed {failed} / Skipped {skipped}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
