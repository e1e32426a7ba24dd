//! The projection onto the L1 ball and the bounds at once (Croce and Hein 2021, arXiv:2103.01208, proposition 2.1). To project
//! onto one and then the other, as [`Budget::constrain`](crate::Budget::constrain) does, ends nearer to the original image than
//! need be, and that far that it weakens attacks.

use crate::Bounds;

/// Moves `x` to the nearest point within the bounds whose L1 distance to `x0`, which lies within them, is at most `epsilon`.
///
/// Every change shrinks by the same amount, those smaller than that vanish, and none goes beyond the bounds:
/// `|change| <- min(max(|change| - shrinkage, 0), room)`. Their sum falls as the shrinkage grows and is linear between the points
/// where a change begins to count (`|change|`) and where it meets the bounds (`|change| - room`); so the sweep below goes down
/// through these points until the sum is `epsilon`.
pub(crate) fn project(x: &mut [f32], x0: &[f32], epsilon: f64, bounds: Bounds) {
    let pairs = x.iter().zip(x0).map(|(&x, &x0)| size_and_room(x, x0, bounds));
    let mut points: Vec<(f64, f64)> = pairs.flat_map(|(size, room)| [(size, 1.0), (size - room, -1.0)]).collect();
    points.retain(|&(shrinkage, _)| shrinkage > 0.0);
    points.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    points.push((0.0, 0.0));

    let (mut shrinkage, mut sum, mut moving) = (f64::INFINITY, 0.0, 0.0);
    for (point, change) in points {
        let growth = if moving > 0.0 { moving * (shrinkage - point) } else { 0.0 };
        if sum + growth > epsilon {
            shrinkage -= (epsilon - sum) / moving;
            break;
        }
        (shrinkage, sum, moving) = (point, sum + growth, moving + change);
    }
    for (x, &x0) in x.iter_mut().zip(x0) {
        let (size, room) = size_and_room(*x, x0, bounds);
        let change = (size - shrinkage).clamp(0.0, room).copysign(f64::from(*x) - f64::from(x0));
        *x = (f64::from(x0) + change) as f32;
    }
}

/// How large a change is, and how large the bounds let it be on its side.
fn size_and_room(x: f32, x0: f32, bounds: Bounds) -> (f64, f64) {
    let change = f64::from(x) - f64::from(x0);
    let bound = if change > 0.0 { bounds.max } else { bounds.min };
    (change.abs(), (f64::from(bound) - f64::from(x0)).abs())
}

#[cfg(test)]
mod tests {
    use super::project;
    use crate::{Bounds, Norm};

    /// Deterministic numbers in [0, 1).
    fn numbers(seed: usize, count: usize) -> Vec<f32> {
        (0..count).map(|i| ((seed * 7919 + i * 104_729 + i * i * 31) % 9973) as f32 / 9973.0).collect()
    }

    #[test]
    fn closed_forms() {
        for (case, x, x0, epsilon, expected) in [
            ("inside", [0.3, 0.6], [0.2, 0.5], 0.5, [0.3, 0.6]),
            ("bounds alone", [1.5, 0.5], [0.9, 0.5], 0.5, [1.0, 0.5]),
            ("ball alone: both shrink by 0.1", [0.8, 0.2], [0.5, 0.5], 0.4, [0.7, 0.3]),
            ("the small change vanishes", [0.9, 0.45], [0.5, 0.5], 0.2, [0.7, 0.5]),
            ("what the bounds cut off is left to the other", [1.7, 0.6], [0.9, 0.2], 0.4, [1.0, 0.5]),
            ("no room at all", [1.5, -0.5], [1.0, 0.0], 0.3, [1.0, 0.0]),
            ("no budget", [0.9, 0.1], [0.5, 0.5], 0.0, [0.5, 0.5]),
        ] {
            let mut found = x;
            project(&mut found, &x0, epsilon, Bounds::UNIT);
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-6, "{case}: {found} instead of {expected}");
            }
        }
    }

    /// The nearest point is the one that no other point of the set lies beyond: `(x - p) . (q - p) <= 0` for every `q` in it.
    #[test]
    fn no_point_of_the_set_is_nearer() {
        let (bounds, pixels) = (Bounds { min: -1.0, max: 2.0 }, 12);
        for seed in 0..40 {
            let scaled = |seed, low: f32, high: f32| -> Vec<f32> {
                numbers(seed, pixels).into_iter().map(|number| low + (high - low) * number).collect()
            };
            let (x, x0, epsilon) = (scaled(seed, -4.0, 5.0), scaled(seed + 99, -1.0, 2.0), 0.3 * seed as f64);
            let mut p = x.clone();
            project(&mut p, &x0, epsilon, bounds);
            assert!(Norm::L1.distance(&p, &x0) <= epsilon + 1e-5, "{seed}");
            assert!(p.iter().all(|pixel| (-1.0..=2.0).contains(pixel)), "{seed}");
            // The corners of the set: one pixel moved as far as ball and bounds allow; and random points of it.
            let corners = (0..2 * pixels).map(|corner| {
                let (pixel, mut q) = (corner / 2, x0.clone());
                let far = if corner % 2 == 0 { epsilon as f32 } else { -epsilon as f32 };
                q[pixel] = (q[pixel] + far).clamp(bounds.min, bounds.max);
                q
            });
            let random = (0..200).map(|draw| {
                let mut q = scaled(1000 + 17 * draw + seed, -1.0, 2.0);
                Norm::L1.project(&mut q, &x0, epsilon);
                q
            });
            for q in corners.chain(random) {
                let terms = (0..pixels).map(|i| f64::from(x[i] - p[i]) * f64::from(q[i] - p[i]));
                assert!(terms.sum::<f64>() <= 1e-4, "{seed}: {q:?} is beyond {p:?}");
            }
        }
    }
}
