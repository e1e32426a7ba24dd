//! The geometry that a norm contributes, on vectors small enough to check by hand.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use robust_attacks::{Bounds, Norm};

use crate::models::assert_close;

#[test]
fn distances() {
    let (x, x0) = ([0.5, 0.0, 1.0], [0.25, 0.25, 0.5]);
    assert_eq!(Norm::Linf.distance(&x, &x0), 0.5);
    assert_eq!(Norm::L2.distance(&x, &x0), 0.375f64.sqrt());
    assert_eq!(Norm::L1.distance(&x, &x0), 1.0);
    assert_eq!(Norm::L0.distance(&x, &x0), 3.0);
    assert_eq!(Norm::L0.distance(&x, &[0.5, 0.0, 0.5]), 1.0);
}

#[test]
fn steps_follow_the_sign_or_the_direction_and_a_zero_gradient_moves_nothing() {
    let stepped = |norm: Norm, gradient: [f32; 2]| {
        let mut x = [1.0, 1.0];
        norm.step(&mut x, &gradient, 0.5, Bounds { min: 0.0, max: 2.0 });
        x
    };
    assert_eq!(stepped(Norm::Linf, [3.0, -4.0]), [1.5, 0.5]);
    assert_eq!(stepped(Norm::Linf, [0.0, 1e-44]), [1.0, 1.5]);
    assert_close(&stepped(Norm::L2, [3.0, -4.0]), &[1.3, 0.6], 1e-7, "L2");
    // Squares of these vanish in f32 and overflow it.
    assert_close(&stepped(Norm::L2, [3e-38, -4e-38]), &[1.3, 0.6], 1e-7, "tiny");
    assert_close(&stepped(Norm::L2, [1.5e38, -2e38]), &[1.3, 0.6], 1e-7, "huge");
    assert_eq!(stepped(Norm::L2, [0.0, 0.0]), [1.0, 1.0]);
    assert_eq!(stepped(Norm::L1, [3.0, -4.0]), [1.0, 0.5], "one pixel in a hundred, rounded up");
    assert_eq!(stepped(Norm::L1, [0.0, 0.0]), [1.0, 1.0]);
}

#[test]
fn sparse_steps_pass_over_pixels_at_their_bounds() {
    let stepped = |norm: Norm, size| {
        let mut x = [0.0, 1.0, 0.5, 0.25];
        norm.step(&mut x, &[-4.0, 3.0, 2.0, -1.0], size, Bounds::UNIT);
        x
    };
    assert_eq!(stepped(Norm::L1, 0.25), [0.0, 1.0, 0.75, 0.25]);
    assert_eq!(stepped(Norm::L0, 1.0), [0.0, 1.0, 1.0, 0.25]);
    assert_eq!(stepped(Norm::L0, 3.9), [0.0, 1.0, 1.0, 0.0]);
    assert_eq!(stepped(Norm::L0, 0.5), [0.0, 1.0, 0.5, 0.25]);
}

// The nearest point by scipy 1.17:
//
// ```python
// from scipy.optimize import minimize; import numpy as np
// d = np.array([0.9, -0.5, 0.3, 0.05])
// split = minimize(lambda s: ((s[:4] - s[4:] - d) ** 2).sum(), np.zeros(8), bounds=[(0, 2)] * 8, method="SLSQP", tol=1e-12,
//                  constraints={"type": "ineq", "fun": lambda s: 1 - s.sum()}).x
// print((split[:4] - split[4:]).round(6))
// ```
#[test]
fn the_l1_projection_is_the_nearest_point_and_the_l0_projection_keeps_the_largest_changes() {
    let projected = |norm: Norm, epsilon| {
        let mut x = [0.9, -0.5, 0.3, 0.05];
        norm.project(&mut x, &[0.0; 4], epsilon);
        x
    };
    assert_close(&projected(Norm::L1, 1.0), &[0.666_667, -0.266_667, 0.066_666, 0.0], 1e-6, "l1");
    assert_eq!(projected(Norm::L0, 2.0), [0.9, -0.5, 0.0, 0.0]);
    assert_eq!(projected(Norm::L0, 1.9), [0.9, 0.0, 0.0, 0.0]);
}

#[test]
fn projections_reach_the_ball_and_leave_what_is_inside() {
    let projected = |norm: Norm, x: [f32; 2], epsilon| {
        let mut x = x;
        norm.project(&mut x, &[1.0, 2.0], epsilon);
        x
    };
    assert_eq!(projected(Norm::Linf, [4.0, 1.75], 0.5), [1.5, 1.75]);
    assert_close(&projected(Norm::L2, [4.0, 6.0], 0.5), &[1.3, 2.4], 1e-6, "outside");
    assert_eq!(projected(Norm::L2, [1.25, 2.25], 0.5), [1.25, 2.25]);
    assert_eq!(projected(Norm::L1, [1.25, 2.25], 0.5), [1.25, 2.25]);
    for norm in Norm::ALL {
        assert_eq!(projected(norm, [4.0, 6.0], 0.0), [1.0, 2.0], "{norm}");
        assert_eq!(projected(norm, [4.0, 6.0], f64::INFINITY), [4.0, 6.0], "{norm}");
    }
}

#[test]
fn random_starts_fill_the_ball() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    // In two dimensions a quarter of the ball's volume lies within half of its radius; for L2 the radius is uniform.
    for (norm, share) in [(Norm::Linf, 0.25), (Norm::L2, 0.5), (Norm::L1, 0.25)] {
        let distances: Vec<f64> = (0..4000)
            .map(|_| {
                let mut x = [0.0; 2];
                norm.random_start(&mut x, 0.5, &mut rng);
                norm.distance(&x, &[0.0; 2])
            })
            .collect();
        assert!(distances.iter().all(|&distance| distance <= 0.5 + 1e-6), "{norm}");
        let inner = distances.iter().filter(|&&distance| distance < 0.25).count() as f64 / 4000.0;
        assert!((inner - share).abs() < 0.03, "{norm}: {inner}");
    }
}

#[test]
fn names_round_trip() {
    for norm in Norm::ALL {
        assert_eq!(norm.to_string().parse::<Norm>().unwrap(), norm);
    }
    assert_eq!("l7".parse::<Norm>().unwrap_err().to_string(), "unknown norm `l7`, expected `linf`, `l2`, `l1` or `l0`");
}
