//! The saliency map attack on a linear model, where the map is the same everywhere and the order of the pixels is known.

use candle_core::Tensor;
use robust_attacks::{Goal, ImageShape, Jsma, MethodSpec, Model, Norm, Settings};

use crate::models::{
    WEIGHTS, budget, goals, images, nan_gradients, network, pixels, product, run, tensor, toy, toy_of, zero_gradients,
};

/// Class 1 is wanted, `3 x_0 + x_1 - 2 x_3`; class 0 is there, `bias - x_0 - 4 x_1 + x_3`; class 2 is always 0.
fn model(bias: f32) -> impl Model {
    let weights = tensor(&[-1.0, -4.0, 0.0, 1.0, 3.0, 1.0, 0.0, -2.0, 0.0, 0.0, 0.0, 0.0], (3, 4));
    let bias = tensor(&[bias, 0.0, 0.0], (1, 3));
    toy_of(4, 3, move |x: &Tensor| product(x, &weights)?.broadcast_add(&bias))
}

#[test]
fn the_most_salient_pixels_go_first_and_as_few_as_it_takes() {
    // From 0.5 each pixel moves by 0.5. Gains are 3, 1, 0, 2 of it and reliefs 1, 4, 0, 1: of pairs 0 and 1 have the largest
    // product, of single pixels 1.
    for (bias, epsilon, expected, success, queries) in [
        (5.0, 4.0, [1.0, 1.0, 0.5, 0.5], true, 4),
        (5.0, 2.5, [1.0, 1.0, 0.5, 0.5], true, 2),
        (8.9, 4.0, [1.0, 1.0, 0.5, 0.0], true, 6),
        (8.9, 3.0, [1.0, 1.0, 0.5, 0.0], true, 4),
        (8.9, 2.0, [1.0, 1.0, 0.5, 0.5], false, 2),
        (8.9, 1.9, [0.5, 1.0, 0.5, 0.5], false, 2),
        (8.9, 0.9, [0.5; 4], false, 0),
        // Pixel 2 helps nobody and stays.
        (99.0, 4.0, [1.0, 1.0, 0.5, 0.0], false, 6),
        (1.0, 4.0, [0.5; 4], true, 2),
    ] {
        for goal in [Goal::Untargeted { labels: vec![0] }, Goal::Targeted { classes: vec![1] }] {
            let case = format!("bias {bias}, epsilon {epsilon}, {goal:?}");
            let x = tensor(&[0.5; 4], (1, 1, 2, 2));
            let found = run(&Jsma, &model(bias), &x, &goal, budget(Norm::L0, epsilon));
            assert_eq!(pixels(&found.images), expected, "{case}");
            assert_eq!((found.success[0], found.traces[0].queries), (success, queries), "{case}");
        }
    }
}

#[test]
fn other_norms_bound_what_it_does_not() {
    let x = tensor(&[0.5; 4], (1, 4));
    for (epsilon, expected) in [(0.5, [1.0, 1.0, 0.5, 0.5]), (0.25, [0.75, 0.75, 0.5, 0.5])] {
        let goal = Goal::Untargeted { labels: vec![0] };
        let found = run(&Jsma, &model(5.0), &x, &goal, budget(Norm::Linf, epsilon));
        assert_eq!(pixels(&found.images), expected, "{epsilon}");
    }
}

#[test]
fn an_image_whose_gradient_is_no_help_is_noted_and_left_alone() {
    // Images 0 and 2 have a pixel of exactly 0, where the root of a square has the gradient 0 / 0.
    let weights = tensor(&WEIGHTS.concat(), (3, 6));
    let roots = toy(move |x: &Tensor| product(&x.sqr()?.sqrt()?, &weights));
    let dead = toy(|x: &Tensor| (x.flatten_from(1)?.narrow(1, 0, 3)? - 2.0)?.relu());
    let x = images();
    for (model, nan, zero) in
        [(&roots as &dyn Model, [true, false, true, false], [false; 4]), (&dead as &dyn Model, [false; 4], [true; 4])]
    {
        let [goal, _] = goals(model, &x);
        let found = run(&Jsma, model, &x, &goal, budget(Norm::L0, 1.0));
        assert_eq!((nan_gradients(&found), zero_gradients(&found)), (nan.to_vec(), zero.to_vec()));
        for image in (0..4).filter(|&image| nan[image] || zero[image]) {
            assert_eq!((found.l0[image], found.traces[image].queries), (0, 2));
        }
    }
}

#[test]
fn the_default_budget_is_forty_pixels() {
    let spec: MethodSpec = "jsma".parse().unwrap();
    assert_eq!((spec.to_string(), spec.default_epsilon(ImageShape::new(1, 28, 28))), ("jsma-l0".into(), Some(40.0)));
    let budget = budget(Norm::L0, 40.0);
    assert_eq!(spec.set_name(&budget, &Settings::new()), "jsma-l0@40");
    let attack = spec.build(&Settings::new()).unwrap();
    assert_eq!(attack.configuration(&budget).to_string(), "theta 1, pixels at once 2");
}

// torchattacks 3.5.1, with `net` from golden.rs. On black images pixels can only go up, which is all that torchattacks does. It
// goes on with pixel 0 where no pixel is salient, hence one pair only.
//
// ```python
// attack = torchattacks.JSMA(net, theta=1.0, gamma=0.3)
// attack.set_mode_targeted_by_label(quiet=True)
// print(attack(torch.zeros(3, 1, 2, 3), torch.arange(3)).flatten(1))
// ```
#[test]
fn on_black_images_it_agrees_with_torchattacks() {
    let x = tensor(&[0.0; 18], (3, 1, 2, 3));
    let found = run(&Jsma, &network(), &x, &Goal::Targeted { classes: vec![0, 1, 2] }, budget(Norm::L0, 2.0));
    let expected = [[0.0; 6], [1.0, 0.0, 0.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0, 1.0]].concat();
    assert_eq!((pixels(&found.images), found.success), (expected, vec![true, true, false]));
}
