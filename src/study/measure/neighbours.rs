//! The nearest neighbours of every point among all others, by one matrix product in blocks.
//!
//! `||a - b||² = ||a||² + ||b||² - 2 a·b`: all products of a block of points with all points are one matrix product, and
//! `||a||²` orders nothing. That sum in f32 only chooses the neighbours; the distances that come out are computed again
//! from the difference, in f64, and put the neighbours in order.

use anyhow::Result;
use candle_core::{Device, Tensor};
use rayon::prelude::*;

use super::distance;

/// Points per block: enough for a fast product, few enough for its result (some 20 MB for 10,000 points).
const BLOCK: usize = 512;

/// A neighbour of a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Neighbour {
    /// Its position among the points.
    pub(crate) position: usize,
    /// Its Euclidean distance.
    pub(crate) distance: f64,
}

/// For each of `N` points of `width` numbers its `count` nearest others (all others if there are fewer), the nearest first, equally near
/// ones in order of position.
pub(crate) fn nearest(points: &[f32], width: usize, count: usize) -> Result<Vec<Vec<Neighbour>>> {
    let total = points.len() / width;
    let count = count.min(total.saturating_sub(1));
    if count == 0 {
        return Ok(vec![Vec::new(); total]);
    }
    let point = |i: usize| &points[i * width..(i + 1) * width];
    let all = Tensor::from_slice(points, (total, width), &Device::Cpu)?;
    let squares: Vec<f32> =
        points.chunks(width).map(|row| row.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>() as f32).collect();
    let mut neighbours = Vec::with_capacity(total);
    for start in (0..total).step_by(BLOCK) {
        let block = all.narrow(0, start, BLOCK.min(total - start))?;
        let products: Vec<f32> = block.matmul(&all.t()?)?.flatten_all()?.to_vec1()?;
        // Every thread keeps its buffer: one per query would be as much memory to fetch as the products themselves.
        let chosen = products.par_chunks(total).enumerate().map_init(Vec::new, |order: &mut Vec<(f32, u32)>, row| {
            let (row, products) = row;
            let query = start + row;
            order.clear();
            let others = (0..total).filter(|&other| other != query);
            order.extend(others.map(|other| (squares[other] - 2.0 * products[other], other as u32)));
            order.select_nth_unstable_by(count - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let neighbour = |&(_, position): &(f32, u32)| {
                let position = position as usize;
                Neighbour { position, distance: distance(point(query), point(position)) }
            };
            let mut found: Vec<Neighbour> = order[..count].iter().map(neighbour).collect();
            found.sort_by(|a, b| a.distance.total_cmp(&b.distance).then(a.position.cmp(&b.position)));
            found
        });
        neighbours.extend(chosen.collect::<Vec<_>>());
    }
    Ok(neighbours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;
    use robust_attacks::random::stream;

    fn positions(found: &[Neighbour]) -> Vec<usize> {
        found.iter().map(|neighbour| neighbour.position).collect()
    }

    #[test]
    fn points_on_a_line_have_the_neighbours_that_one_sees() {
        //            0    1    2    3     4
        let points = [0.0, 1.0, 3.0, 3.5, -1.0];
        let found = nearest(&points, 1, 2).unwrap();
        // 0 and 4 are equally far from... 0 has 1 on its right and 4 on its left, both at distance 1: position decides.
        let expected = [vec![1, 4], vec![0, 2], vec![3, 1], vec![2, 1], vec![0, 1]];
        assert_eq!(found.iter().map(|found| positions(found)).collect::<Vec<_>>(), expected);
        assert_eq!(found[3][1], Neighbour { position: 1, distance: 2.5 });
    }

    #[test]
    fn never_the_point_itself_even_among_equal_ones_and_never_more_than_there_are() {
        let found = nearest(&[2.0; 6], 2, 97).unwrap();
        assert_eq!(found.iter().map(|found| positions(found)).collect::<Vec<_>>(), [[1, 2], [0, 2], [0, 1]]);
        assert!(found.iter().flatten().all(|neighbour| neighbour.distance == 0.0));
        assert_eq!(nearest(&[1.0, 2.0], 2, 5).unwrap(), [vec![]]);
    }

    #[test]
    fn blocks_find_what_a_search_through_all_finds() {
        let (total, width) = (2 * BLOCK + 37, 7);
        let mut rng = stream(3, "test", &[]);
        let points: Vec<f32> = (0..total * width).map(|_| rng.random()).collect();
        let point = |i: usize| &points[i * width..(i + 1) * width];
        let found = nearest(&points, width, 9).unwrap();
        for query in [0, 1, BLOCK - 1, BLOCK, 2 * BLOCK + 36] {
            let mut others: Vec<usize> = (0..total).filter(|&other| other != query).collect();
            others.sort_by(|&a, &b| distance(point(query), point(a)).total_cmp(&distance(point(query), point(b))));
            assert_eq!(positions(&found[query]), others[..9], "query {query}");
        }
    }
}
