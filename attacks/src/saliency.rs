//! The saliency map of Papernot et al. 2016 (arXiv:1511.07528), equations 8 and 9, and the pixels that it favours.
//!
//! Pixel `i`, moved by `d_i` to its bound, lifts the target's logit by about `a_i = d_i ∂z_t/∂x_i` and lowers the sum of the
//! others by about `b_i = -d_i Σ_{k≠t} ∂z_k/∂x_i`. A choice of pixels is salient if both sums over it are positive, and as salient
//! as their product. For one pixel moved up this is equation 8, moved down equation 9, and for two moved the same way the
//! pairs of the paper's algorithm 3. The paper leaves out `d_i`: there every pixel moves by the same theta.

use crate::Bounds;

/// A pixel, the bound that it would move to, and what that would do, to first order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Move {
    pub(crate) pixel: usize,
    pub(crate) to: f32,
    /// By how much the target's logit rises.
    gain: f64,
    /// By how much the sum of the other logits falls.
    relief: f64,
}

/// The move of each pixel that still has its original value: to the bound on the side where the target's logit grows more than
/// the others do; none for a pixel that lies there. `target` and `others` are the gradients of that logit and of the sum of the
/// others.
pub(crate) fn moves(x: &[f32], x0: &[f32], target: &[f32], others: &[f32], bounds: Bounds) -> Vec<Move> {
    let move_of = |pixel: usize| {
        let to = if target[pixel] > others[pixel] { bounds.max } else { bounds.min };
        let distance = f64::from(to) - f64::from(x[pixel]);
        let is_free = x[pixel] == x0[pixel] && distance != 0.0;
        let (gain, relief) = (distance * f64::from(target[pixel]), -distance * f64::from(others[pixel]));
        is_free.then_some(Move { pixel, to, gain, relief })
    };
    (0..x.len()).filter_map(move_of).collect()
}

/// The most salient pair of moves, or a single one if that is better or only one is allowed; empty if nothing is salient.
pub(crate) fn most_salient(moves: Vec<Move>, allowed: usize) -> Vec<Move> {
    let front = front(moves);
    let (mut best, mut highest) = (Vec::new(), 0.0);
    for (position, &first) in front.iter().enumerate() {
        if allowed >= 1 && first.gain > 0.0 && first.gain * first.relief > highest {
            (best, highest) = (vec![first], first.gain * first.relief);
        }
        for &second in front[position + 1..].iter().filter(|_| allowed >= 2) {
            let (gain, relief) = (first.gain + second.gain, first.relief + second.relief);
            if gain > 0.0 && gain * relief > highest {
                (best, highest) = (vec![first, second], gain * relief);
            }
        }
    }
    best
}

/// The moves that at most one other beats in both gain and relief. The best pair is among them: of two that beat a member one is
/// not in the pair, and would do better there. Some ten of an image's pixels are left, instead of all pairs.
fn front(mut moves: Vec<Move>) -> Vec<Move> {
    moves.sort_by(|a, b| b.gain.total_cmp(&a.gain).then(b.relief.total_cmp(&a.relief)));
    let mut largest = [f64::NEG_INFINITY; 2];
    moves.retain(|&Move { relief, .. }| {
        let stays = relief > largest[1];
        if stays {
            largest = if relief > largest[0] { [relief, largest[0]] } else { [largest[0], relief] };
        }
        stays
    });
    moves
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::{Move, most_salient, moves};
    use crate::{Bounds, random};

    /// The largest product over all single moves and pairs, without any shortcut.
    fn highest(moves: &[Move], allowed: usize) -> f64 {
        let product = |gain: f64, relief: f64| if gain > 0.0 && relief > 0.0 { gain * relief } else { 0.0 };
        let mut highest = 0f64;
        for (position, a) in moves.iter().enumerate() {
            highest = highest.max(product(a.gain, a.relief));
            for b in moves[position + 1..].iter().filter(|_| allowed == 2) {
                highest = highest.max(product(a.gain + b.gain, a.relief + b.relief));
            }
        }
        highest
    }

    #[test]
    fn the_shortcut_finds_what_trying_all_pairs_finds() {
        let mut rng = random::stream(0, "test", &[]);
        let (mut pairs, mut none) = (0, 0);
        for round in 0..400_u32 {
            // Few distinct values, so that ties occur; sometimes opposed, so that nothing dominates.
            let mut draw = |scale: f64| (scale * rng.random_range(-4..=4) as f64) / 4.0;
            let tilt = f64::from(round % 4);
            let moves: Vec<Move> = (0..1 + round as usize % 12)
                .map(|pixel| {
                    let gain = draw(1.0);
                    Move { pixel, to: 1.0, gain, relief: draw(1.0) - tilt * gain }
                })
                .collect();
            for allowed in [1, 2] {
                let found = most_salient(moves.clone(), allowed);
                let gain: f64 = found.iter().map(|found| found.gain).sum();
                let relief: f64 = found.iter().map(|found| found.relief).sum();
                assert_eq!(gain * relief, highest(&moves, allowed), "{moves:?}");
                assert!(found.len() <= allowed && (found.len() < 2 || found[0].pixel != found[1].pixel), "{found:?}");
                pairs += usize::from(found.len() == 2);
                none += usize::from(found.is_empty());
            }
            assert!(most_salient(moves, 0).is_empty());
        }
        assert!(pairs > 50 && none > 50, "{pairs} pairs, {none} times nothing");
    }

    #[test]
    fn pixels_move_where_the_target_gains_on_the_others_and_only_once() {
        let (x0, x) = ([0.0, 0.0, 1.0, 0.25, 0.5], [0.0, 0.0, 1.0, 0.25, 1.0]);
        let (target, others) = ([2.0, -2.0, -1.0, -1.0, 3.0], [-1.0, 1.0, 4.0, 2.0, -3.0]);
        // The second pixel lies at the bound that it should move to, the last has moved.
        let expected = [(0, 1.0, 2.0, 1.0), (2, 0.0, 1.0, 4.0), (3, 0.0, 0.25, 0.5)];
        let expected = expected.map(|(pixel, to, gain, relief)| Move { pixel, to, gain, relief });
        assert_eq!(moves(&x, &x0, &target, &others, Bounds::UNIT), expected);
        // 3 * 5, against 2 * 1, 1 * 4, 2.25 * 1.5 and so on.
        assert_eq!(most_salient(expected.to_vec(), 2), [expected[0], expected[1]]);
        assert_eq!(most_salient(expected.to_vec(), 1), [expected[1]]);
    }
}
