//! Circles in a graph: files of which each can be reached from every other (Tarjan's strongly connected components, 1972).

use std::collections::{BTreeMap, BTreeSet};

/// All circles of more than one, each in order.
pub(super) fn circles<T: Ord + Copy>(edges: &BTreeMap<T, BTreeSet<T>>) -> Vec<Vec<T>> {
    let mut search = Search { edges, places: BTreeMap::new(), stack: Vec::new(), found: Vec::new() };
    for &start in edges.keys() {
        if !search.places.contains_key(&start) {
            search.visit(start);
        }
    }
    search.found
}

struct Search<'a, T> {
    edges: &'a BTreeMap<T, BTreeSet<T>>,
    /// When each was met, and the earliest on the stack that can be reached from it; none once it is done.
    places: BTreeMap<T, Option<usize>>,
    stack: Vec<T>,
    found: Vec<Vec<T>>,
}

impl<T: Ord + Copy> Search<'_, T> {
    /// The earliest on the stack that `node` reaches.
    fn visit(&mut self, node: T) -> usize {
        let own = self.stack.len();
        self.stack.push(node);
        self.places.insert(node, Some(own));
        let mut earliest = own;
        for &next in self.edges.get(&node).into_iter().flatten() {
            earliest = earliest.min(match self.places.get(&next) {
                None => self.visit(next),
                Some(Some(place)) => *place,
                Some(None) => own,
            });
        }
        if earliest == own {
            let mut circle = self.stack.split_off(own);
            self.places.extend(circle.iter().map(|&done| (done, None)));
            circle.sort();
            self.found.extend((circle.len() > 1).then_some(circle));
        }
        earliest
    }
}

#[test]
fn circles_are_found_and_nothing_else() {
    let edges = |pairs: &[(u8, u8)]| {
        let mut edges: BTreeMap<u8, BTreeSet<u8>> = BTreeMap::new();
        for &(from, to) in pairs {
            edges.entry(from).or_default().insert(to);
        }
        edges
    };
    for (pairs, expected) in [
        (&[(1, 2), (2, 3), (1, 3)][..], vec![]),
        (&[(1, 1)], vec![]),
        (&[(1, 2), (2, 1), (2, 3)], vec![vec![1, 2]]),
        (&[(3, 1), (1, 2), (2, 3), (4, 1), (4, 5), (5, 4)], vec![vec![1, 2, 3], vec![4, 5]]),
        (&[(1, 2), (2, 3), (3, 4), (4, 2), (3, 5), (5, 1)], vec![vec![1, 2, 3, 4, 5]]),
    ] {
        assert_eq!(circles(&edges(pairs)), expected, "{pairs:?}");
    }
}
