//! What there is to be said of the files of a folder: for each thing how many, and which first.

/// Names that a remark gives at most.
const MOST_LISTED: usize = 3;

/// Files of which the same is said.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) count: usize,
    first: Vec<String>,
}

impl Told {
    pub(super) fn add(&mut self, name: &str) {
        self.count += 1;
        if self.first.len() < MOST_LISTED {
            self.first.push(name.to_owned());
        }
    }

    /// The sentence that `say` makes of the number, with the first names behind it; none of no files.
    pub(super) fn remark(&self, say: impl Fn(usize) -> String) -> Option<String> {
        let more = match self.count - self.first.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        (self.count > 0).then(|| format!("{}: {}{more}", say(self.count), self.first.join(", ")))
    }
}
