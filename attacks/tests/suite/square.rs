//! The Square attack: patterns, closed forms on the linear model, and the authors' bump.

use std::sync::atomic::AtomicU64;

use candle_core::{IndexOp, Tensor};
use robust_attacks::{AttackExt, Budget, Goal, Model, Norm, Randomness, Square};

use crate::models::{
    WEIGHTS, assert_close, budget, by_row, images, pixels, product, queries, questioned, run, task, tensor, toy,
};

/// A model that says class 0 whatever happens: every image is as good as the first.
fn indifferent(pixels: usize) -> impl Model {
    by_row(pixels, |_| [1.0, 0.0])
}

/// The linear model with class 0 certain, so that no image is ever done.
fn unreachable() -> impl Model {
    let weights = tensor(&WEIGHTS.concat(), (3, 6));
    let handicap = tensor(&[1e3, -1e3, 0.0], (1, 3));
    toy(move |x: &Tensor| product(x, &weights)?.broadcast_add(&handicap))
}

/// The gradient of `z_2 - z_0`; no entry is zero.
fn slope() -> [f32; 6] {
    std::array::from_fn(|pixel| WEIGHTS[2][pixel] - WEIGHTS[0][pixel])
}

fn square(queries: usize) -> Square {
    Square { queries, ..Square::default() }
}

#[test]
fn the_linf_start_is_vertical_stripes_at_the_border_of_the_budget() {
    let x = tensor(&[0.5; 24], (1, 2, 3, 4));
    let goal = Goal::Untargeted { labels: vec![0] };
    let found = pixels(&run(&square(40), &indifferent(24), &x, &goal, budget(Norm::Linf, 0.125)).images);
    assert!(found.iter().all(|&pixel| pixel == 0.375 || pixel == 0.625), "{found:?}");
    for channel in found.chunks_exact(12) {
        assert!(channel.chunks_exact(4).all(|row| row == &channel[..4]), "{found:?}");
    }
    assert!(found[..4] != found[12..16], "each channel has its own: {found:?}");
}

// import torch; from pyautoattack.square import SquareAttack
// a = SquareAttack(None, norm="L2", eps=1.0, device="cpu"); torch.manual_seed(0); print(a.eta(5))
#[test]
fn the_l2_start_is_tiles_with_the_authors_bump() {
    let bump = [
        [0.04916216, 0.15977703, 0.15977703, 0.15977703, 0.04916216],
        [0.04916216, 0.15977703, 0.6022365, 0.15977703, 0.04916216],
        [-0.04559015, -0.14816798, -0.14816798, -0.14816798, -0.04559015],
        [-0.04559015, -0.14816798, -0.5584793, -0.14816798, -0.04559015],
        [-0.04559015, -0.14816798, -0.14816798, -0.14816798, -0.04559015],
    ];
    // A border of one pixel on each side is left over, as on an image of 28 x 28.
    let x = tensor(&[0.5; 27 * 27], (1, 1, 27, 27));
    let goal = Goal::Untargeted { labels: vec![0] };
    let found = run(&square(40), &indifferent(27 * 27), &x, &goal, budget(Norm::L2, 1.0));
    assert!((found.l2[0] - 1.0).abs() < 1e-6);
    let change: Vec<f32> = pixels(&found.images).iter().map(|pixel| pixel - 0.5).collect();
    let mut seen = [0; 4];
    for (top, left) in (0..25).map(|tile| (1 + tile / 5 * 5, 1 + tile % 5 * 5)) {
        // Of the four ways to put a bump, turned or not, negative or not, exactly one is there; 25 tiles share the budget.
        let error = |kind: usize| {
            let sign = if kind < 2 { 5.0 } else { -5.0 };
            let errors = (0..25).map(|pixel| {
                let (row, column) = (pixel / 5, pixel % 5);
                let expected = if kind.is_multiple_of(2) { bump[row][column] } else { bump[column][row] };
                (sign * change[(top + row) * 27 + left + column] - expected).abs()
            });
            errors.fold(0.0, f32::max)
        };
        let kinds: Vec<usize> = (0..4).filter(|&kind| error(kind) < 1e-5).collect();
        assert_eq!(kinds.len(), 1, "tile at {top}, {left}");
        seen[kinds[0]] += 1;
    }
    assert!(seen.iter().all(|&tiles| tiles > 0), "{seen:?}");
    assert!((0..27).all(|pixel| change[pixel] == 0.0 && change[26 * 27 + pixel] == 0.0));
}

#[test]
fn linf_finds_the_corner_of_a_linear_model_and_l2_the_direction() {
    let goals = [Goal::Untargeted { labels: vec![0] }, Goal::Targeted { classes: vec![2] }];
    for goal in goals {
        // The first image is far from the bounds, the second lies on them: there the corner is clipped.
        for x in [[0.5; 6], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]] {
            let corner: Vec<f32> =
                x.iter().zip(slope()).map(|(x, slope)| (x + 0.125 * slope.signum()).clamp(0.0, 1.0)).collect();
            let x = tensor(&x, (1, 1, 2, 3));
            let found = run(&square(300), &unreachable(), &x, &goal, budget(Norm::Linf, 0.125));
            assert_close(&pixels(&found.images), &corner, 1e-6, "linf");
            assert_eq!(queries(&found), [300]);
        }
        let found = run(&square(3000), &unreachable(), &tensor(&[0.5; 6], (1, 1, 2, 3)), &goal, budget(Norm::L2, 0.25));
        assert!((found.l2[0] - 0.25).abs() < 1e-6, "{goal:?}: {}", found.l2[0]);
        let climbed: f32 = pixels(&found.images).iter().zip(slope()).map(|(x, slope)| (x - 0.5) * slope).sum();
        let highest = 0.25 * slope().iter().map(|slope| slope * slope).sum::<f32>().sqrt();
        assert!(climbed > 0.9 * highest, "{goal:?}: {climbed} of {highest}");
    }
}

#[test]
fn a_full_batch_is_asked_about_once_per_query() {
    let (model, x) = (indifferent(6), tensor(&[0.5; 40 * 6], (40, 6)));
    let asked = AtomicU64::new(0);
    let goal = Goal::Untargeted { labels: vec![0; 40] };
    let found = run(&square(100), &questioned(&model, &asked), &x, &goal, budget(Norm::Linf, 0.125));
    assert_eq!(queries(&found), [100; 40]);
    // All of them once more, to judge.
    assert_eq!(asked.into_inner(), 40 * 100 + 40);
}

#[test]
fn without_a_budget_the_bounds_are_the_limit_and_neighbours_still_change_nothing() {
    let (model, x) = (unreachable(), images());
    for norm in [Norm::Linf, Norm::L2] {
        let goal = |count| Goal::Untargeted { labels: vec![0; count] };
        let together = run(&square(200), &model, &x, &goal(4), Budget::unbounded(norm));
        for image in 0..4 {
            let (alone, randomness) =
                (x.i(image..=image).unwrap(), Randomness { seed: 1, indices: vec![image as u64] });
            let alone =
                square(200).run(&task(&model, &alone, &goal(1), &randomness), &Budget::unbounded(norm)).unwrap();
            assert_eq!(pixels(&alone.images), pixels(&together.images.i(image).unwrap()), "{norm}");
            assert!(together.l2[image] > 0.5, "{norm}: {}", together.l2[image]);
        }
    }
}
