//! Auto-PGD: golden values, what is kept, what it costs.

use candle_core::{Result, Tensor};
use robust_attacks::{Adversarials, Apgd, Error, Goal, LossGradient, Model, Norm, Objective, Start};

use crate::models::{
    assert_close, budget, images, linear, nan_gradients, network_of, pixels, predictions, run, tensor, toy_of,
    zero_gradients,
};

/// The attack from the original images, so that chance plays no part.
fn fixed(attack: Apgd) -> Apgd {
    Apgd { start: Start::Original, ..attack }
}

// pyautoattack 0.2, torch 2.15. The class for targets serves all losses; without its random start it begins at x. An image
// that is misclassified at all is so at its best point, which is therefore what is expected here too. At these epsilons float32
// and float64 take the same decisions; near a smooth top, steps up and down can differ by less than rounding.
//
// ```python
// import torch
// from pyautoattack.autopgd_base import APGDAttack_targeted
// grid = lambda rows, cols, a, b, m: ((a * torch.arange(rows)[:, None] + b * torch.arange(cols)) % m) * 2.0 / (m - 1) - 1
// net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.Linear(8, 5))
// net[1].weight.data, net[1].bias.data = 3 * grid(8, 6, 23, 41, 23), grid(1, 8, 0, 19, 11)[0]
// net[3].weight.data, net[3].bias.data = 2 * grid(5, 8, 3, 29, 17), torch.zeros(5)
// x = ((grid(4, 6, 13, 5, 31) + 1) / 2).reshape(4, 1, 2, 3)
// y = net(x).argmax(1)
// torch.rand, torch.randn = lambda shape: torch.full(shape, 0.5), lambda shape: torch.zeros(shape)
// for norm, eps in (("Linf", 0.1), ("L2", 0.15), ("L1", 0.4)):
//     for loss in ("ce", "dlr", "ce-targeted", "dlr-targeted"):
//         attack = APGDAttack_targeted(net, n_iter=20, norm=norm, eps=eps)
//         attack.loss, attack.y_target = loss, (y + 1) % 5
//         attack.init_hyperparam(x)
//         best, accurate, _, _ = attack.attack_single_run(x, y)
//         assert not ((net(best).argmax(1) == y) & ~accurate).any()
//         print(norm, loss)
//         for row in best.detach().flatten(1).tolist():
//             print("               ", ", ".join(f"{pixel:.7f}" for pixel in row) + ",")
// ```
#[test]
fn images_agree_with_autoattack() {
    let (model, x) = (network_of(5), images());
    let labels = predictions(&model, &x);
    let classes: Vec<u32> = labels.iter().map(|label| (label + 1) % 5).collect();
    let away = Goal::Untargeted { labels: labels.clone() };
    let targeted = Goal::Targeted { classes: classes.clone() };
    let toward = Goal::Toward { labels, classes };
    for (norm, epsilon, expected) in [
        (
            Norm::Linf,
            0.1,
            [
                [
                    0.0, 0.2666667, 0.4333333, 0.4, 0.5666667, 0.9333333, 0.3333333, 0.7, 0.8666667, 0.8333333, 0.0,
                    0.3333333, 0.7666667, 0.1, 0.2666667, 0.2333333, 0.4, 0.7666667, 0.1666667, 0.5333334, 0.7,
                    0.6666666, 0.8333333, 0.1666667,
                ],
                [
                    0.1, 0.0666667, 0.2333333, 0.6, 0.7666667, 0.7333333, 0.5333334, 0.5, 0.6666666, 1.0, 0.1666667,
                    0.1333334, 0.9666667, 0.0, 0.0666667, 0.4333333, 0.6, 0.5666667, 0.3666667, 0.3333333, 0.5,
                    0.8666667, 1.0, 0.0,
                ],
                [
                    0.1, 0.0666667, 0.2333333, 0.6, 0.7666667, 0.7333333, 0.5333334, 0.5, 0.6666666, 1.0, 0.1666667,
                    0.1333334, 0.9666667, 0.0, 0.0666667, 0.4333333, 0.6, 0.5666667, 0.3666667, 0.3333333, 0.5,
                    0.8666667, 1.0, 0.0,
                ],
                [
                    0.1, 0.0666667, 0.2333333, 0.6, 0.7666667, 0.7333333, 0.5333334, 0.5, 0.6666666, 1.0, 0.1666667,
                    0.1333334, 0.9666667, 0.0, 0.0666667, 0.4333333, 0.6, 0.5666667, 0.3666667, 0.3333333, 0.5,
                    0.8666667, 1.0, 0.0,
                ],
            ],
        ),
        (
            Norm::L2,
            0.15,
            [
                [
                    0.0, 0.2365117, 0.353289, 0.4700664, 0.5868438, 0.9331118, 0.3447567, 0.656367, 0.7827715,
                    0.9091761, 0.0022473, 0.3138576, 0.77809, 0.0563669, 0.1827715, 0.3091761, 0.4355806, 0.7471909,
                    0.17809, 0.4897003, 0.6161048, 0.7425094, 0.8689139, 0.1471909,
                ],
                [
                    0.0885766, 0.1102998, 0.3172285, 0.5241573, 0.7310861, 0.752809, 0.52191, 0.543633, 0.7505618,
                    0.9574906, 0.131086, 0.1528091, 0.9622486, 0.0, 0.1492881, 0.3594012, 0.5695142, 0.5797741,
                    0.3609867, 0.3733115, 0.5828509, 0.7923902, 1.0, 0.0,
                ],
                [
                    0.0885765, 0.1102998, 0.3172285, 0.5241572, 0.7310861, 0.752809, 0.52191, 0.5436326, 0.7505618,
                    0.9574904, 0.1310859, 0.1528092, 0.9622486, 0.0, 0.1492882, 0.3594011, 0.5695142, 0.579774,
                    0.3609867, 0.3733115, 0.5828509, 0.7923902, 1.0, 0.0,
                ],
                [
                    0.0885766, 0.1102997, 0.3172285, 0.5241573, 0.7310861, 0.7528091, 0.52191, 0.5436331, 0.7505618,
                    0.9574906, 0.131086, 0.1528091, 0.9622486, 0.0, 0.1492882, 0.3594011, 0.5695141, 0.5797741,
                    0.3609867, 0.3733115, 0.5828509, 0.7923902, 1.0, 0.0,
                ],
            ],
        ),
        (
            Norm::L1,
            0.4,
            [
                [
                    0.0, 0.1666667, 0.3333333, 0.5, 0.6666667, 1.0, 0.2333333, 0.6, 0.7666667, 0.9333333, 0.0666667,
                    0.4333333, 0.6666667, 0.0, 0.1666667, 0.3333333, 0.5, 0.8666667, 0.0666667, 0.4333333, 0.6,
                    0.7666667, 0.9333333, 0.2666667,
                ],
                [
                    0.2, 0.1666667, 0.3333333, 0.5, 0.6666667, 0.6333333, 0.6333333, 0.6, 0.7666667, 0.9333333,
                    0.0666667, 0.0333333, 1.0, 0.0, 0.1666667, 0.3333333, 0.5, 0.4, 0.6, 0.4333333, 0.6, 0.7666667,
                    0.9333333, 0.0,
                ],
                [
                    0.2, 0.1666667, 0.3333333, 0.5, 0.6666667, 0.6333333, 0.8333334, 0.6, 0.7666667, 0.9333333,
                    0.0666667, 0.2333333, 1.0, 0.0, 0.1666667, 0.3333333, 0.5, 0.4, 0.6, 0.4333333, 0.6, 0.7666667,
                    0.9333333, 0.0,
                ],
                [
                    0.2, 0.1666667, 0.3333333, 0.5, 0.6666667, 0.6333333, 0.6333333, 0.6, 0.7666667, 0.9333333,
                    0.0666667, 0.0333333, 1.0, 0.0, 0.1666667, 0.3333333, 0.5, 0.4, 0.6, 0.4333333, 0.6, 0.7666667,
                    0.9333333, 0.0,
                ],
            ],
        ),
    ] {
        let attacks = [
            ("ce", Apgd::cross_entropy(20), &away),
            ("dlr", Apgd::dlr(20), &away),
            ("ce-targeted", Apgd::cross_entropy(20), &targeted),
            ("dlr-targeted", Apgd::dlr(20), &toward),
        ];
        for ((loss, attack, goal), expected) in attacks.into_iter().zip(expected) {
            let found = run(&fixed(attack), &model, &x, goal, budget(norm, epsilon));
            assert_close(&pixels(&found.images), &expected, 1e-5, &format!("{norm} {loss}"));
        }
    }
}

/// Climbs towards pixels of 0.45, whatever the model says.
struct Middle;

impl Objective for Middle {
    fn evaluate(&self, model: &dyn Model, x: &Tensor, _: &Goal) -> std::result::Result<LossGradient, Error> {
        let difference = (x - 0.45)?;
        let loss = difference.sqr()?.sum(1)?.neg()?;
        Ok(LossGradient { logits: model.logits(x)?, loss, gradient: (difference * -2.0)? })
    }
}

/// Class 1 where the first pixel is above a half.
fn half(x: &Tensor) -> Result<Tensor> {
    let pixel = x.narrow(1, 0, 1)?;
    Tensor::cat(&[pixel.ones_like()?.affine(0.5, 0.0)?, pixel], 1)
}

#[test]
fn the_best_iterate_that_reaches_the_goal_wins_over_a_better_one_that_does_not() {
    let (model, x) = (toy_of(1, 2, half), tensor(&[0.4], (1, 1)));
    // Across the ball and back: 0.7, then nearer and nearer to 0.45.
    let after = |steps, label| {
        let attack = Apgd { objective: Box::new(Middle), ..fixed(Apgd::dlr(steps)) };
        run(&attack, &model, &x, &Goal::Untargeted { labels: vec![label] }, budget(Norm::Linf, 0.3))
    };
    assert_close(&pixels(&after(1, 0).images), &[0.7], 1e-6, "the first step");
    let found = after(60, 0);
    assert!(found.success[0]);
    let pixel = pixels(&found.images)[0];
    assert!(pixel > 0.5 && pixel < 0.6, "the one nearest to 0.45 of those above 0.5: {pixel}");
    // All iterates up to 0.5 reach this goal, and the best of them is the best of all.
    assert_close(&pixels(&after(60, 1).images), &[0.45], 1e-3, "the best");
}

#[test]
fn a_step_is_a_query_and_early_stop_saves_them() {
    let x = images();
    let models: [Box<dyn Model>; 2] = [Box::new(linear()), Box::new(network_of(5))];
    let mut stopped = [false; 2];
    for model in models {
        let goal = Goal::Untargeted { labels: predictions(&*model, &x) };
        for norm in [Norm::Linf, Norm::L2, Norm::L1] {
            for make in [Apgd::cross_entropy, Apgd::dlr] {
                let search = |early_stop| {
                    let attack = Apgd { early_stop, ..fixed(make(15)) };
                    run(&attack, &*model, &x, &goal, budget(norm, if norm == Norm::Linf { 0.15 } else { 0.3 }))
                };
                let (full, early) = (search(false), search(true));
                assert_eq!(full.success, early.success, "{norm}");
                for image in 0..4 {
                    let (all, some) = (full.traces[image].queries, early.traces[image].queries);
                    assert_eq!(all, 16);
                    assert!(if full.success[image] { some <= all && some > 1 } else { some == all }, "{norm}: {some}");
                    stopped[usize::from(some < all)] = true;
                }
            }
        }
    }
    assert_eq!(stopped, [true; 2], "some stop and some do not");
}

#[test]
fn an_image_that_is_fooled_from_the_start_stays_as_it_is_with_early_stop() {
    let (model, x) = (network_of(5), images());
    let goal = Goal::Targeted { classes: predictions(&model, &x) };
    let attack = Apgd { early_stop: true, ..fixed(Apgd::cross_entropy(10)) };
    let found = run(&attack, &model, &x, &goal, budget(Norm::Linf, 0.1));
    assert_eq!((pixels(&found.images), found.success), (pixels(&x), vec![true; 4]));
    assert!(found.traces.iter().all(|trace| trace.queries == 1));
}

#[test]
fn gradients_that_cannot_be_followed_are_noted_and_leave_the_image_alone() {
    // The root of a square has the gradient 0 / 0 at 0, where images 0 and 2 have a pixel; with a factor of 0 there is none at all.
    let root = toy_of(6, 6, |x: &Tensor| x.flatten_from(1)?.sqr()?.sqrt());
    let flat = toy_of(6, 6, |x: &Tensor| x.flatten_from(1)? * x.zeros_like()?.flatten_from(1)?);
    let x = images();
    for norm in [Norm::Linf, Norm::L2, Norm::L1] {
        let search = |model: &dyn Model| {
            let goal = Goal::Untargeted { labels: predictions(model, &x) };
            run(&fixed(Apgd::cross_entropy(12)), model, &x, &goal, budget(norm, 0.02))
        };
        let still = |found: &Adversarials| found.l0.iter().map(|&changed| changed == 0).collect::<Vec<_>>();
        let found = search(&root);
        assert_eq!(nan_gradients(&found), [true, false, true, false], "{norm}");
        assert_eq!((still(&found), zero_gradients(&found)), (vec![true, false, true, false], vec![false; 4]), "{norm}");
        let found = search(&flat);
        assert_eq!((still(&found), zero_gradients(&found)), (vec![true; 4], vec![true; 4]), "{norm}");
    }
}
