//! The progress bar: one line as wide as the terminal, with whole images per second and the time left, on a terminal only.

use std::io::{IsTerminal, stderr};
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use robust_detectors::Status;

/// What fits into 80 columns beside a bar.
const TEMPLATE: &str = "{prefix}  {wide_bar}  {human_pos}/{human_len}  {speed}  {left}  {msg}";
/// Characters of a title that are shown at most.
const LONGEST_TITLE: usize = 28;

/// A bar over images that several workers may move.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Of the images attacked, those that fool the network, and all that were not skipped.
    fooled: Mutex<[u64; 2]>,
}

impl Progress {
    /// A bar for `images` images that starts with `title`; invisible off a terminal or when `quiet`.
    pub(crate) fn new(title: &str, images: usize, quiet: bool) -> Self {
        let visible = !quiet && stderr().is_terminal();
        let bar = if visible { ProgressBar::new(images as u64) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.with_key("speed", speed).with_key("left", left));
        }
        bar.set_prefix(shortened(title));
        Self { bar, fooled: Mutex::new([0; 2]) }
    }

    /// Moves on by `images` and shows `message`.
    pub(crate) fn advance(&self, images: usize, message: String) {
        self.bar.set_message(message);
        self.bar.inc(images as u64);
    }

    /// Moves on by a batch of attacked images and shows the share that was fooled so far.
    pub(crate) fn count(&self, statuses: impl ExactSizeIterator<Item = Status>) {
        let images = statuses.len();
        // A worker that panicked while counting is reported elsewhere; the counts are for show.
        let mut counts = self.fooled.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        for status in statuses.filter(|status| *status != Status::Skipped) {
            counts[0] += u64::from(status == Status::Succeeded);
            counts[1] += 1;
        }
        let [fooled, attacked] = *counts;
        let share = 100.0 * fooled as f64 / attacked.max(1) as f64;
        self.advance(images, format!("fooled {share:.0} %"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn speed(state: &ProgressState, text: &mut dyn std::fmt::Write) {
    let _ = write!(text, "{:.0}/s", state.per_sec());
}

/// The time left, once there is something to tell it from.
fn left(state: &ProgressState, text: &mut dyn std::fmt::Write) {
    let _ = match state.pos() {
        0 => Ok(()),
        _ => write!(text, "{} left", clock(state.eta().as_secs())),
    };
}

/// Minutes and seconds, and hours where there are some.
fn clock(seconds: u64) -> String {
    let [hours, minutes, seconds] = [seconds / 3600, seconds / 60 % 60, seconds % 60];
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A title that leaves room for the rest.
fn shortened(title: &str) -> String {
    match title.char_indices().nth(LONGEST_TITLE) {
        Some(_) => title.chars().take(LONGEST_TITLE - 3).chain("...".chars()).collect(),
        None => title.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_times_are_short() {
        assert_eq!([0, 59, 61, 3661].map(clock), ["0:00", "0:59", "1:01", "1:01:01"]);
        assert_eq!(shortened("set 12 of 49: bim@0.3"), "set 12 of 49: bim@0.3");
        assert_eq!(shortened("set 12 of 49: selective-adam-l2@0.5"), "set 12 of 49: selective-a...");
    }
}
