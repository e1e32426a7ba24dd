//! The nearest point of a hyperplane within the bounds (Croce and Hein 2020, arXiv:1907.02044, section 3): of all changes `d`
//! of an image `x` with `value + w·d = 0` and `x + d` within the bounds the one of least norm, for L-infinity or L2.
//!
//! Without bounds every pixel moves towards the hyperplane by `t v`, with `v = |w|` for L2 and 1 for L-infinity, and the same
//! `t` for all. With bounds a pixel moves by `min(t v, room)`, `room` being how far its bound is. What that gains,
//! `g(t) = sum |w| min(t v, room)`, is to be `|value|`: `g` is concave and made of straight pieces, so that Newton's method
//! from 0 never passes the solution and reaches it exactly, after a few pieces.

use crate::norm::sum;
use crate::{Bounds, Norm};

/// The point of the hyperplane nearest to `x`; where the bounds keep all of it out of reach, the corner that comes closest.
pub(crate) fn project(norm: Norm, x: &[f32], normal: &[f32], value: f64, bounds: Bounds) -> Vec<f32> {
    let (min, max) = (f64::from(bounds.min), f64::from(bounds.max));
    let towards = if value > 0.0 { -1.0 } else { 1.0 };
    let speed = |w: f64| if norm == Norm::Linf { 1.0 } else { w.abs() };
    let room = |x: f64, w: f64| if towards * w > 0.0 { max - x } else { x - min };
    let is_stopped = |t: f64, x: f64, w: f64| t * speed(w) >= room(x, w);

    let mut t = 0.0;
    loop {
        let stopped = sum(x, normal, |x, w| if is_stopped(t, x, w) { w.abs() * room(x, w) } else { 0.0 });
        let pace = sum(x, normal, |x, w| if is_stopped(t, x, w) { 0.0 } else { w.abs() * speed(w) });
        // Without a pace all pixels are at their bounds, and whatever is missing stays missing.
        let next = if pace > 0.0 { (value.abs() - stopped) / pace } else { f64::INFINITY };
        let is_solved = next <= t || next == f64::INFINITY;
        t = t.max(next);
        if is_solved {
            break;
        }
    }
    let moved = |(&x, &w): (&f32, &f32)| {
        let (x, w) = (f64::from(x), f64::from(w));
        let distance = if w == 0.0 { 0.0 } else { (t * speed(w)).min(room(x, w)) };
        (x + towards * distance.copysign(w)) as f32
    };
    x.iter().zip(normal).map(moved).collect()
}

#[cfg(test)]
mod tests {
    use super::project;
    use crate::{Bounds, Norm};

    const X: [f32; 6] = [0.0, 1.0, 0.1, 0.9, 0.5, 0.3];
    const NORMAL: [f32; 6] = [-3.0, 0.5, -2.0, 1.0, 0.25, 4.0];

    // import numpy as np
    // from scipy.optimize import linprog, minimize
    // x, w, one = np.array([0, 1, 0.1, 0.9, 0.5, 0.3]), np.array([-3, 0.5, -2, 1, 0.25, 4]), np.ones((6, 1))
    // for value in (-0.3, -1.5, -3.0, 1.0, 2.5):
    //     box = list(zip(-x, 1 - x))
    //     l2 = minimize(lambda d: d @ d, 0 * x, jac=lambda d: 2 * d, bounds=box, method="SLSQP", options=dict(ftol=1e-15),
    //                   constraints=dict(type="eq", fun=lambda d: value + w @ d, jac=lambda d: w))
    //     linf = linprog([0] * 6 + [1], np.block([[np.eye(6), -one], [-np.eye(6), -one]]), np.zeros(12), [[*w, 0]], [-value],
    //                    box + [(0, None)])
    //     print(value, linf.fun, l2.fun ** 0.5)
    #[test]
    fn distances_are_those_of_a_general_solver() {
        for (value, linf, l2) in [
            (-0.3, 0.041379310, 0.065368165),
            (-1.5, 0.282352941, 0.330223589),
            (-3.0, 0.64375, 0.688369189),
            (1.0, 0.093023256, 0.181630644),
            (2.5, 0.232558140, 0.456156336),
        ] {
            for (norm, expected) in [(Norm::Linf, linf), (Norm::L2, l2)] {
                let point = project(norm, &X, &NORMAL, value, Bounds::UNIT);
                let change = point.iter().zip(X).zip(NORMAL).map(|((x, x0), w)| f64::from(w) * f64::from(x - x0));
                assert!((value + change.sum::<f64>()).abs() < 1e-6, "{norm} {value}: off the hyperplane");
                let found = norm.distance(&point, &X);
                assert!((found - expected).abs() < 1e-6, "{norm} {value}: {found} instead of {expected}");
                assert!(point.iter().all(|x| (0.0..=1.0).contains(x)), "{norm} {value}: {point:?}");
            }
        }
    }

    #[test]
    fn out_of_reach_is_the_corner_that_comes_closest_and_a_zero_normal_moves_nothing() {
        for norm in [Norm::Linf, Norm::L2] {
            assert_eq!(project(norm, &X, &NORMAL, -100.0, Bounds::UNIT), [0.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
            assert_eq!(project(norm, &X, &NORMAL, 100.0, Bounds::UNIT), [1.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
            assert_eq!(project(norm, &X, &NORMAL, 0.0, Bounds::UNIT), X);
            assert_eq!(project(norm, &X, &[0.0; 6], 1.0, Bounds::UNIT), X);
            let one = project(norm, &X, &[0.0, 0.0, 0.0, 0.0, 2.0, 0.0], -0.5, Bounds::UNIT);
            assert_eq!(one, [0.0, 1.0, 0.1, 0.9, 0.75, 0.3], "pixels without a slope stay");
        }
    }
}
