//! Where Auto-PGD starts at random, and where it cannot.

use candle_core::Tensor;
use robust_attacks::{Apgd, AttackExt, Budget, Goal, Norm};

use crate::models::{budget, images, network, pixels, predictions, randomness, task, tensor, toy_of};

#[test]
fn random_starts_lie_on_the_border() {
    let x = tensor(&[0.5; 400], (1, 400));
    let (model, goal) = (toy_of(400, 2, |x: &Tensor| x.narrow(1, 0, 2)), Goal::Untargeted { labels: vec![0] });
    let start = |norm, seed| {
        let attack = Apgd::cross_entropy(0);
        attack.run(&task(&model, &x, &goal, &randomness(seed, 1)), &budget(norm, 0.4)).unwrap()
    };
    for norm in [Norm::Linf, Norm::L2, Norm::L1] {
        let [one, other] = [1, 2].map(|seed| start(norm, seed));
        let distance = norm.distance(&pixels(&one.images), &pixels(&x));
        assert!((distance - 0.4).abs() < 1e-5, "{norm}: {distance}");
        assert_ne!(pixels(&one.images), pixels(&other.images), "{norm}");
        // Under L1 few pixels move.
        assert_eq!(one.l0[0] < 40, norm == Norm::L1, "{norm}: {}", one.l0[0]);
    }
}

#[test]
fn a_ball_without_a_border_is_an_error() {
    let (model, x) = (network(), images());
    let goal = Goal::Untargeted { labels: predictions(&model, &x) };
    let unbounded = Budget::unbounded(Norm::L2);
    let error = Apgd::dlr(3).run(&task(&model, &x, &goal, &randomness(1, 4)), &unbounded).unwrap_err();
    assert_eq!(error.to_string(), "epsilon is inf, expected a finite number of at least 0");
}
