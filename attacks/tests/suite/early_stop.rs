//! Early stop: the first iterate that reaches the goal is the result, and nothing is spent on an image after it.

use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{IndexOp, Tensor};
use robust_attacks::{
    Adversarials, AttackExt, Error, Goal, GradientDescent, LossGradient, Margin, Model, Norm, Objective, Question,
    Restarts, Watched,
};

use crate::models::{budget, goals, images, linear, network, pixels, randomness, run, task, toy_of};

const STEPS: usize = 12;

/// The model, counting the images whose gradient it is asked for.
fn counting<'a>(model: &'a dyn Model, gradients: &'a AtomicUsize) -> impl Model + 'a {
    Watched::new(model, |question, x: &Tensor| {
        if question == Question::LossGradient {
            gradients.fetch_add(x.dim(0)?, Ordering::Relaxed);
        }
        Ok(())
    })
}

/// Every kind of iterative attack, with a number of steps.
fn attacks(early_stop: bool, steps: usize) -> [GradientDescent; 4] {
    let margin = GradientDescent { objective: Box::new(Margin), ..GradientDescent::bim(steps, 0.02) };
    let (bim, pgd) = (GradientDescent::bim(steps, 0.02), GradientDescent::pgd(steps, 0.02));
    [bim, pgd, GradientDescent::mi_fgsm(steps, 0.02, 0.9), margin]
        .map(|attack| GradientDescent { early_stop, ..attack })
}

#[test]
fn the_result_is_the_first_iterate_that_reaches_the_goal_or_the_last() {
    let x = images();
    let models: [Box<dyn Model>; 2] = [Box::new(linear()), Box::new(network())];
    // How many images stopped at the start, on the way, and never.
    let mut stopped = [0; 3];
    for model in models {
        for goal in goals(&*model, &x) {
            for (norm, epsilon) in [(Norm::Linf, 0.12), (Norm::L2, 0.24)] {
                for (kind, attack) in attacks(true, STEPS).into_iter().enumerate() {
                    let case = format!("{} {norm} {goal:?}", attack.name);
                    let asked = AtomicUsize::new(0);
                    let found = run(&attack, &counting(&*model, &asked), &x, &goal, budget(norm, epsilon));
                    // With so many steps the full run ends at that iterate.
                    let iterate = |steps| run(&attacks(false, steps)[kind], &*model, &x, &goal, budget(norm, epsilon));
                    let iterates: Vec<Adversarials> = (0..=STEPS).map(iterate).collect();
                    let mut gradients = 0;
                    for image in 0..4 {
                        let first = iterates.iter().position(|iterate| iterate.success[image]);
                        let end = first.unwrap_or(STEPS);
                        let expected = pixels(&iterates[end].images.i(image).unwrap());
                        assert_eq!(pixels(&found.images.i(image).unwrap()), expected, "{case}: image {image}");
                        assert_eq!(found.success[image], first.is_some(), "{case}: image {image}");
                        gradients += (end + 1).min(STEPS);
                        stopped[first.map_or(2, |first| usize::from(first > 0))] += 1;
                    }
                    assert_eq!(asked.into_inner(), gradients, "{case}");
                }
            }
        }
    }
    assert!(stopped.iter().all(|&images| images > 0), "every case occurs: {stopped:?}");
}

#[test]
fn an_image_that_is_fooled_from_the_start_stays_as_it_is() {
    let (model, x) = (linear(), images());
    let [goal, _] = goals(&model, &x);
    let fooled = Goal::Targeted { classes: goal.classes().to_vec() };
    let asked = AtomicUsize::new(0);
    let attack = GradientDescent { early_stop: true, ..GradientDescent::bim(STEPS, 0.02) };
    let found = run(&attack, &counting(&model, &asked), &x, &fooled, budget(Norm::Linf, 0.1));
    assert_eq!((found.success, pixels(&found.images)), (vec![true; 4], pixels(&x)));
    assert_eq!(asked.into_inner(), 4);
}

#[test]
fn restarts_go_on_for_those_that_did_not_stop() {
    let (model, x) = (network(), images());
    for goal in goals(&model, &x) {
        let search = |restarts| {
            let attack = GradientDescent { early_stop: true, ..GradientDescent::pgd(STEPS, 0.02) };
            let asked = AtomicUsize::new(0);
            let found =
                run(&Restarts { attack, restarts }, &counting(&model, &asked), &x, &goal, budget(Norm::Linf, 0.12));
            (found, asked.into_inner())
        };
        let ((once, few), (often, many)) = (search(1), search(5));
        let open = once.success.iter().filter(|&&success| !success).count();
        assert!(many - few <= 4 * STEPS * open, "{goal:?}: {few}, then {many} gradients for {open} open images");
        for image in (0..4).filter(|&image| once.success[image]) {
            let [once, often] = [&once, &often].map(|found| pixels(&found.images.i(image).unwrap()));
            assert_eq!(once, often, "{goal:?}: image {image}");
        }
    }
}

/// An objective that forgets to hand over the logits.
struct Silent;

impl Objective for Silent {
    fn evaluate(&self, _: &dyn Model, x: &Tensor, _: &Goal) -> std::result::Result<LossGradient, Error> {
        Ok(LossGradient { logits: x.flatten_all()?, loss: x.flatten_all()?, gradient: x.clone() })
    }
}

#[test]
fn an_objective_without_logits_is_an_error() {
    let (model, x) = (toy_of(6, 6, |x: &Tensor| x.flatten_from(1)), images());
    let [goal, _] = goals(&model, &x);
    let attack = GradientDescent { objective: Box::new(Silent), early_stop: true, ..GradientDescent::bim(3, 0.1) };
    let error = attack.run(&task(&model, &x, &goal, &randomness(1, 4)), &budget(Norm::Linf, 0.1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model's logits have shape [24] for 4 images, expected (4, classes) with at least two"
    );
}
