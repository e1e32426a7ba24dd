//! Limited-memory BFGS (Nocedal and Wright, *Numerical Optimization*, 2006, algorithms 7.4 and 3.1) for the smooth convex
//! functions of a few hundred variables that fits minimise. Not a general optimiser: no bounds, no Wolfe conditions.

use std::collections::VecDeque;

/// Steps that the curvature is remembered from.
const MEMORY: usize = 10;
/// Enough for the fits here, which take some fifty.
const ITERATIONS: usize = 500;
/// The share of the first slope below which a point counts as the minimum.
const FLAT: f64 = 1e-7;
/// Armijo's constant: the share of the promised decrease that a step must give.
const DECREASE: f64 = 1e-4;

/// The minimum of `objective` from `start` on; `objective` returns its value and its gradient.
pub(crate) fn minimize(start: Vec<f64>, objective: impl Fn(&[f64]) -> (f64, Vec<f64>)) -> Vec<f64> {
    let mut x = start;
    let (mut value, mut gradient) = objective(&x);
    let flat = FLAT * norm(&gradient);
    let mut memory: VecDeque<(Vec<f64>, Vec<f64>)> = VecDeque::with_capacity(MEMORY);
    for _ in 0..ITERATIONS {
        let direction = direction(&gradient, &memory);
        let slope = dot(&direction, &gradient);
        // Negative but for rounding, which means that there is nothing left to gain. NaN ends here too.
        if norm(&gradient) <= flat || slope.is_nan() || slope >= 0.0 {
            break;
        }
        // A unit step once the curvature is known; the first one has unit length at most.
        let mut step = if memory.is_empty() { 1.0 / norm(&gradient).max(1.0) } else { 1.0 };
        let next = loop {
            let next: Vec<f64> = x.iter().zip(&direction).map(|(x, d)| x + step * d).collect();
            let (found, at) = objective(&next);
            if found <= value + DECREASE * step * slope {
                break Some((next, found, at));
            }
            step /= 2.0;
            if step < 1e-12 {
                break None;
            }
        };
        let Some((next, found, at)) = next else { break };
        let moved: Vec<f64> = next.iter().zip(&x).map(|(next, x)| next - x).collect();
        let bent: Vec<f64> = at.iter().zip(&gradient).map(|(at, before)| at - before).collect();
        (x, value, gradient) = (next, found, at);
        if dot(&moved, &bent) > 0.0 {
            memory.truncate(MEMORY - 1);
            memory.push_front((moved, bent));
        }
    }
    x
}

/// The descent direction by the two-loop recursion; `memory` has the latest pair of step and change of gradient first.
fn direction(gradient: &[f64], memory: &VecDeque<(Vec<f64>, Vec<f64>)>) -> Vec<f64> {
    let mut q: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut shares = Vec::with_capacity(memory.len());
    for (moved, bent) in memory {
        let share = dot(moved, &q) / dot(moved, bent);
        add(&mut q, -share, bent);
        shares.push(share);
    }
    if let Some((moved, bent)) = memory.front() {
        let scale = dot(moved, bent) / dot(bent, bent);
        q.iter_mut().for_each(|q| *q *= scale);
    }
    for ((moved, bent), share) in memory.iter().zip(shares).rev() {
        let correction = dot(bent, &q) / dot(moved, bent);
        add(&mut q, share - correction, moved);
    }
    q
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

fn add(to: &mut [f64], share: f64, what: &[f64]) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += share * what);
}

#[cfg(test)]
mod tests {
    use super::minimize;

    #[test]
    fn a_badly_scaled_quadratic_is_minimised_exactly() {
        let (scales, centre) = ([1e-3, 1.0, 30.0, 1e3], [5.0, -2.0, 0.5, 1.0]);
        let found = minimize(vec![0.0; 4], |x| {
            let off: Vec<f64> = x.iter().zip(centre).map(|(x, c)| x - c).collect();
            let gradient: Vec<f64> = off.iter().zip(scales).map(|(off, scale)| scale * off).collect();
            (off.iter().zip(&gradient).map(|(off, g)| off * g / 2.0).sum(), gradient)
        });
        for (found, expected) in found.iter().zip(centre) {
            assert!((found - expected).abs() < 1e-2, "{found} is not {expected}");
        }
    }

    #[test]
    fn a_softplus_pair_has_its_minimum_where_the_derivative_vanishes() {
        // ln(1 + e^x) - x / 4: the logistic of x is 1/4, so x = -ln 3.
        let found =
            minimize(vec![20.0], |x| (x[0].exp().ln_1p() - x[0] / 4.0, vec![1.0 / (1.0 + (-x[0]).exp()) - 0.25]));
        assert!((found[0] + 3f64.ln()).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn a_minimum_is_left_alone() {
        assert_eq!(minimize(vec![3.0], |_| (1.0, vec![0.0])), [3.0]);
    }
}
