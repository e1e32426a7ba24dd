//! An untargeted goal by targeted runs: in which order, on whom, and what is kept.

use std::sync::Mutex;

use candle_core::{Device, Tensor};
use robust_attacks::{
    Adversarials, Attack, Budget, Error, Goal, GradientDescent, Images, Model, Norm, Proposal, TargetedEach, Task,
};

use crate::models::{assert_close, budget, goals, images, linear, network, pixels, run, tensor, toy_of};

/// Moves only pixel `class`, up by 0.4, and only if it is driven to a class in `able`; notes what it was asked.
struct Push {
    able: &'static [u32],
    asked: Mutex<Vec<Goal>>,
}

impl Attack for Push {
    fn name(&self) -> &str {
        "push"
    }

    fn perturb(&self, task: &Task, _: &Budget) -> Result<Proposal, Error> {
        let goal = task.goal;
        self.asked.lock().unwrap().push(goal.clone());
        let mut images = Images::from_tensor(task.x0)?;
        for (x, &class) in images.rows_mut().zip(goal.classes()) {
            x[class as usize] += if self.able.contains(&class) { 0.4 } else { 0.1 };
        }
        Ok(Proposal::without_queries(images))
    }
}

/// Logits are the pixels: image 0 leans to 0, then 2, 3, 1; image 1 to 3, then 0, 1, 2.
fn four_classes() -> (impl Model, Tensor, Goal) {
    let x = tensor(&[0.45, 0.1, 0.3, 0.2, 0.25, 0.2, 0.1, 0.5], (2, 4));
    (toy_of(4, 4, |x: &Tensor| x.flatten_from(1)), x, Goal::Untargeted { labels: vec![0, 3] })
}

fn push(able: &'static [u32], classes: usize) -> (Adversarials, Vec<Goal>) {
    let (model, x, goal) = four_classes();
    let attack = TargetedEach { attack: Push { able, asked: Mutex::default() }, classes };
    let found = run(&attack, &model, &x, &goal, budget(Norm::Linf, 0.5));
    (found, attack.attack.asked.into_inner().unwrap())
}

fn toward(labels: &[u32], classes: &[u32]) -> Goal {
    Goal::Toward { labels: labels.to_vec(), classes: classes.to_vec() }
}

#[test]
fn classes_come_by_likelihood_and_only_survivors_go_on() {
    let all = [toward(&[0, 3], &[2, 0]), toward(&[0, 3], &[3, 1]), toward(&[0, 3], &[1, 2])];
    // Nobody is fooled; one class of two; more classes than there are; image 1 is fooled on the way; none asked for.
    for (able, classes, asked) in [
        (&[][..], 3, &all[..]),
        (&[], 2, &all[..2]),
        (&[], 9, &all),
        (&[1], 9, &[all[0].clone(), all[1].clone(), toward(&[0], &[1])]),
        (&[0, 2], 9, &all[..1]),
        (&[], 0, &[]),
    ] {
        assert_eq!(push(able, classes).1, asked, "{able:?} {classes}");
    }
}

#[test]
fn a_success_in_any_wrong_class_counts_and_of_failures_the_highest_untargeted_loss_stays() {
    let (found, _) = push(&[1], 9);
    assert_eq!((found.predictions, found.success), (vec![1, 1], vec![true; 2]));
    // 0.1 on top of the likeliest wrong class costs the label most.
    let (found, _) = push(&[], 9);
    assert_eq!(found.success, [false; 2]);
    assert_close(&pixels(&found.images), &[0.45, 0.1, 0.4, 0.2, 0.35, 0.2, 0.1, 0.5], 1e-7, "failures");
    assert!(found.traces.iter().all(|trace| trace.queries == 1), "the ranking is a question");
}

/// Driven to class 2 the image ends in class 1: a failure towards 2, and a success.
#[test]
fn a_wrong_class_that_was_not_the_target_ends_the_search() {
    let weights = Tensor::new(&[[1f32, 0.0], [0.9, 2.0], [0.92, 1.0]], &Device::Cpu).unwrap();
    let model = toy_of(2, 3, move |x: &Tensor| crate::models::product(x, &weights));
    let (x, goal) = (tensor(&[0.9, 0.0], (1, 2)), Goal::Untargeted { labels: vec![0] });
    let attack = TargetedEach { attack: GradientDescent::fgsm(), classes: 2 };
    let found = run(&attack, &model, &x, &goal, budget(Norm::Linf, 0.1));
    assert_eq!((found.predictions, found.success, found.traces[0].queries), (vec![1], vec![true], 2));
}

#[test]
fn a_target_is_a_target() {
    let x = images();
    let models: [Box<dyn Model>; 2] = [Box::new(linear()), Box::new(network())];
    for model in models {
        let [_, targeted] = goals(&*model, &x);
        let budget = budget(Norm::Linf, 0.2);
        let plain = run(&GradientDescent::bim(5, 0.05), &*model, &x, &targeted, budget);
        let each =
            run(&TargetedEach { attack: GradientDescent::bim(5, 0.05), classes: 2 }, &*model, &x, &targeted, budget);
        assert_eq!((pixels(&each.images), each.traces), (pixels(&plain.images), plain.traces));
    }
}
