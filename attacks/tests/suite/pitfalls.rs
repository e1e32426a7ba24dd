//! Mistakes that other implementations made, each with the test that would catch it here.

use candle_core::{IndexOp, Result as CandleResult, Tensor};
use robust_attacks::{
    Attack, AttackExt, Bounds, Budget, CrossEntropy, Error, FnModel, Goal, GradientDescent, Images, Margin, Norm,
    Objective, Proposal, Signature, Start, Task, Trace,
};

use crate::models::{
    WEIGHTS, budget, goals, images, linear, nan_gradients, network, pixels, predictions, product, randomness, run,
    signature, task, tensor, toy, toy_of, zero_gradients,
};

fn gradient_attacks() -> [GradientDescent; 4] {
    let (bim, pgd) = (GradientDescent::bim(20, 0.05), GradientDescent::pgd(20, 0.05));
    [GradientDescent::fgsm(), bim, pgd, GradientDescent::mi_fgsm(20, 0.05, 1.0)]
}

#[test]
fn the_gradient_of_an_image_does_not_depend_on_its_neighbours() {
    // A mean over the batch would divide it by four.
    let (model, x) = (network(), images());
    for objective in [&CrossEntropy as &dyn Objective, &Margin] {
        let labels = predictions(&model, &x);
        let together = objective.evaluate(&model, &x, &Goal::Untargeted { labels: labels.clone() }).unwrap();
        for (image, &label) in labels.iter().enumerate() {
            let goal = Goal::Untargeted { labels: vec![label] };
            let alone = objective.evaluate(&model, &x.i(image..=image).unwrap(), &goal).unwrap();
            assert_eq!(pixels(&alone.gradient), pixels(&together.gradient.i(image).unwrap()));
        }
    }
}

#[test]
fn objectives_have_the_right_value_and_gradient() {
    let (model, x) = (linear(), tensor(&[0.5; 6], (1, 6)));
    // Logits 0, 1, -0.5 at this image.
    let goal = Goal::Targeted { classes: vec![0] };
    let margin = Margin.evaluate(&model, &x, &goal).unwrap();
    assert_eq!(pixels(&margin.loss), [-1.0]);
    let slope: Vec<f32> = WEIGHTS[0].iter().zip(WEIGHTS[1]).map(|(own, best)| own - best).collect();
    assert_eq!(pixels(&margin.gradient), slope);
    let cross_entropy = CrossEntropy.evaluate(&model, &x, &goal).unwrap();
    let expected = -(1.0 + 1f32.exp() + (-0.5f32).exp()).ln();
    assert!((pixels(&cross_entropy.loss)[0] - expected).abs() < 1e-6);
}

#[test]
fn nan_gradients_are_counted_and_leave_the_image_and_its_neighbours_alone() {
    // The root of a square has the gradient 0 / 0 at 0. Images 0 and 2 have a pixel of exactly 0; the others cannot get there.
    let weights = tensor(&WEIGHTS.concat(), (3, 6));
    let model = toy(move |x: &Tensor| product(&x.sqr()?.sqrt()?, &weights));
    let x = images();
    let sound = Tensor::stack(&[x.i(1).unwrap(), x.i(3).unwrap()], 0).unwrap();
    for norm in [Norm::Linf, Norm::L2] {
        for mut attack in gradient_attacks() {
            attack.start = Start::Original;
            let [goal, _] = goals(&model, &x);
            let found = run(&attack, &model, &x, &goal, budget(norm, 0.05));
            assert_eq!(nan_gradients(&found), [true, false, true, false], "{}", attack.name);
            assert_eq!(zero_gradients(&found), [false; 4], "{}", attack.name);
            for image in [0, 2] {
                assert_eq!(found.linf[image], 0.0, "{}", attack.name);
            }
            let [goal, _] = goals(&model, &sound);
            let alone = run(&attack, &model, &sound, &goal, budget(norm, 0.05));
            assert_eq!(pixels(&alone.images.i(0).unwrap()), pixels(&found.images.i(1).unwrap()), "{}", attack.name);
            assert_eq!(pixels(&alone.images.i(1).unwrap()), pixels(&found.images.i(3).unwrap()), "{}", attack.name);
        }
    }
}

#[test]
fn zero_gradients_are_counted_per_image() {
    // A dead unit: only images with a sum of pixels above 2.9 have a gradient.
    let weights = tensor(&[[1.0; 6], [-1.0; 6]].concat(), (2, 6));
    let model = toy_of(6, 2, move |x: &Tensor| (product(x, &weights)? - 2.9)?.relu());
    let x = images();
    let dead: Vec<bool> = (0..4).map(|image| pixels(&x.i(image).unwrap()).iter().sum::<f32>() <= 2.9).collect();
    assert!(dead.contains(&true) && dead.contains(&false));
    for norm in [Norm::Linf, Norm::L2] {
        for attack in [GradientDescent::bim(1, 0.01), GradientDescent::mi_fgsm(1, 0.01, 1.0)] {
            let goal = Goal::Untargeted { labels: vec![0; 4] };
            let found = run(&attack, &model, &x, &goal, budget(norm, 0.2));
            assert_eq!(zero_gradients(&found), dead);
            assert_eq!(nan_gradients(&found), [false; 4]);
            assert_eq!(found.l0.iter().map(|&changed| changed == 0).collect::<Vec<_>>(), dead);
        }
    }
}

#[test]
fn a_saturated_softmax_hides_the_cross_entropy_but_not_the_margin() {
    let weights = tensor(&WEIGHTS.concat(), (3, 6));
    let model = toy(move |x: &Tensor| product(x, &weights)? * 1e5);
    let x = images();
    let [goal, _] = goals(&model, &x);
    let hidden = run(&GradientDescent::bim(10, 0.1), &model, &x, &goal, budget(Norm::Linf, 0.6));
    assert_eq!((zero_gradients(&hidden), hidden.success), (vec![true; 4], vec![false; 4]));
    let margin = GradientDescent { objective: Box::new(Margin), ..GradientDescent::bim(10, 0.1) };
    let seen = run(&margin, &model, &x, &goal, budget(Norm::Linf, 0.6));
    assert_eq!((zero_gradients(&seen), seen.success), (vec![false; 4], vec![true; 4]));
}

#[test]
fn coarse_floats_stay_within_epsilon() {
    // Near 200 neighbouring f32 values are 1.5e-5 apart, so that 200 + 0.3 rounds to a point outside the budget.
    let weights = tensor(&WEIGHTS.concat(), (3, 6));
    let logits = move |x: &Tensor| product(x, &weights);
    let bounds = Bounds { min: 0.0, max: 255.0 };
    let model = FnModel::new(Signature { bounds, ..signature(6, 3) }, logits);
    let x = tensor(&[200.1, 201.3, 180.7, 222.9, 255.0, 0.0], (1, 6));
    let goal = Goal::Untargeted { labels: predictions(&model, &x) };
    for norm in [Norm::Linf, Norm::L2] {
        for epsilon in [1e-6, 1e-3, 0.3, 7.7] {
            for attack in [GradientDescent::fgsm(), GradientDescent::bim(10, epsilon / 3.0)] {
                let found = run(&attack, &model, &x, &goal, budget(norm, epsilon));
                let distance = if norm == Norm::Linf { found.linf[0] } else { found.l2[0] };
                assert!(distance <= epsilon * (1.0 + 1e-6) + 1e-6, "{norm} {epsilon}: {distance}");
                assert!(epsilon < 1e-2 || distance > 0.999 * epsilon, "{norm} {epsilon}: only {distance}");
            }
        }
    }
}

/// An attack that adds a constant, whatever the budget.
struct Reckless(f32);

impl Attack for Reckless {
    fn name(&self) -> &str {
        "reckless"
    }

    fn perturb(&self, task: &Task, _: &Budget) -> Result<Proposal, Error> {
        let images = Images::from_tensor(&(task.x0 + f64::from(self.0))?)?;
        Ok(Proposal { images, traces: vec![Trace::default(); 4] })
    }
}

#[test]
fn an_attack_is_not_trusted() {
    let (model, x) = (linear(), images());
    let [goal, _] = goals(&model, &x);
    for norm in [Norm::Linf, Norm::L2] {
        let found = run(&Reckless(10.0), &model, &x, &goal, budget(norm, 0.1));
        let distances = if norm == Norm::Linf { found.linf } else { found.l2 };
        assert!(distances.iter().all(|&distance| distance <= 0.1 * (1.0 + 1e-6) + 1e-6));
        assert_eq!(found.predictions, predictions(&model, &found.images));
    }
    let error =
        Reckless(f32::NAN).run(&task(&model, &x, &goal, &randomness(1, 4)), &budget(Norm::L2, 0.1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "attack `reckless` is broken: it proposed a pixel that is NaN or infinite for image 0 of the batch"
    );
    let three = x.i(..3).unwrap();
    let goal = Goal::Untargeted { labels: goal.classes()[..3].to_vec() };
    let error = Reckless(0.0).run(&task(&model, &three, &goal, &randomness(1, 3)), &budget(Norm::L2, 0.1)).unwrap_err();
    assert_eq!(error.to_string(), "attack `reckless` is broken: it proposed 4 traces for 3 images");
}

#[test]
fn other_layouts_give_the_same_result() {
    let (model, x) = (network(), images());
    let [goal, _] = goals(&model, &x);
    let transposed: CandleResult<Tensor> =
        x.transpose(2, 3).and_then(|x| x.contiguous()).and_then(|x| x.transpose(2, 3));
    let strided = transposed.unwrap();
    assert!(!strided.is_contiguous());
    let attack = GradientDescent::bim(10, 0.02);
    let [plain, strided] = [&x, &strided].map(|x| run(&attack, &model, x, &goal, budget(Norm::Linf, 0.1)));
    assert_eq!(pixels(&plain.images), pixels(&strided.images));
}
