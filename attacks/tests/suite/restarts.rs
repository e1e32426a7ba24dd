//! Restarts keep the best result of each image and never lose one.

use robust_attacks::{Attack, Budget, Error, GradientDescent, Images, Norm, Proposal, Restarts, Task};

use crate::models::{budget, goals, images, linear, network, pixels, run};

/// A blind guess: one random point of the ball.
struct Guess;

impl Attack for Guess {
    fn name(&self) -> &str {
        "guess"
    }

    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let mut images = Images::from_tensor(task.x0)?;
        for (x, mut rng) in images.rows_mut().zip(task.randomness.streams()) {
            budget.norm().random_start(x, budget.epsilon(), &mut rng);
        }
        Ok(Proposal::without_queries(images))
    }
}

#[test]
fn more_restarts_never_hurt_and_help_in_the_end() {
    let (model, x) = (linear(), images());
    for goal in goals(&model, &x) {
        let after = |restarts| run(&Restarts { attack: Guess, restarts }, &model, &x, &goal, budget(Norm::Linf, 0.5));
        let once = run(&Guess, &model, &x, &goal, budget(Norm::Linf, 0.5));
        assert_eq!(pixels(&after(1).images), pixels(&once.images), "the first run is the plain attack");
        let mut before = once;
        for restarts in [2, 4, 8, 64] {
            let now = after(restarts);
            for image in 0..4 {
                let done = before.success[image];
                assert!(now.success[image] || (!done && now.loss[image] >= before.loss[image]), "{goal:?} {restarts}");
                assert!(!done || now.loss[image] == before.loss[image], "a success is kept as it is");
            }
            before = now;
        }
        let improved = before.loss.iter().zip(after(1).loss).filter(|(now, once)| *now > once).count();
        assert!(improved > 0, "{goal:?}");
    }
}

#[test]
fn restarted_pgd_is_at_least_as_strong() {
    let (model, x) = (network(), images());
    for goal in goals(&model, &x) {
        let loss = |restarts| {
            let attack = Restarts { attack: GradientDescent::pgd(5, 0.05), restarts };
            run(&attack, &model, &x, &goal, budget(Norm::L2, 0.2)).loss
        };
        assert!(loss(1).iter().zip(loss(10)).all(|(once, often)| *once <= often));
    }
}
