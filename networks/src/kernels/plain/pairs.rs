//! [`Pairs`]: the places in two values that belong together.

/// Pairs of offsets: those of each coordinate of the last axis, after those of all coordinates of the axes before it.
#[derive(Clone, Debug)]
pub(super) struct Pairs {
    outer: Vec<[usize; 2]>,
    inner: Vec<[usize; 2]>,
}

impl Pairs {
    /// For each coordinate of each axis how far both values go.
    pub(super) fn new(mut axes: Vec<Vec<[usize; 2]>>) -> Self {
        let inner = axes.pop().unwrap_or_else(|| vec![[0, 0]]);
        let more = |outer: Vec<[usize; 2]>, axis: Vec<[usize; 2]>| {
            outer.iter().flat_map(|[a, b]| axis.iter().map(move |[more_a, more_b]| [a + more_a, b + more_b])).collect()
        };
        Self { outer: axes.into_iter().fold(vec![[0, 0]], more), inner }
    }

    /// Calls with every pair, the last axis fastest.
    #[inline(always)]
    pub(super) fn each(&self, mut call: impl FnMut([usize; 2])) {
        for [a, b] in &self.outer {
            for [more_a, more_b] in &self.inner {
                call([a + more_a, b + more_b]);
            }
        }
    }
}
