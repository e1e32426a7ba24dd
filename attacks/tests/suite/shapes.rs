//! What must hold for every method whatever the images look like: one channel or three, square or flat, and wherever pixels live.

use candle_core::{IndexOp, Tensor};
use robust_attacks::{
    Attack, AttackExt, Axis, Bounds, Budget, Error, Goal, Guarded, ImageShape, MethodSpec, Model, Norm, Randomness,
    Setting, Settings, Signature, Suspicion,
};

use crate::models::{
    Flagging, Guard, budget, goals, images_for, network_with, pixels, predictions, product, randomness, run, task,
    tensor, toy_of,
};
use crate::properties::specs;

/// Shapes and bounds, each with the dimensions that images come in.
fn signatures() -> [(Signature, Vec<usize>); 3] {
    let signature = |shape, (min, max)| Signature { shape, classes: 3, bounds: Bounds { min, max } };
    [
        (signature(ImageShape::new(1, 2, 3), (0.0, 1.0)), vec![3, 1, 2, 3]),
        (signature(ImageShape::new(3, 2, 2), (-1.0, 1.0)), vec![3, 3, 2, 2]),
        (signature(ImageShape::new(1, 1, 7), (0.0, 255.0)), vec![3, 7]),
    ]
}

/// A detector of bright images.
fn brightness(Signature { shape, bounds: Bounds { min, max }, .. }: Signature) -> impl Suspicion {
    let weights = tensor(&vec![0.1 / (max - min); shape.pixels()], (1, shape.pixels()));
    Flagging { detector: Guard(move |x: &Tensor| product(x, &weights)?.squeeze(1)), threshold: 0.3 }
}

/// A fifth of the range of a pixel, two pixels under L0; none where the method takes no budget.
fn budget_for(spec: MethodSpec, Bounds { min, max }: Bounds) -> Budget {
    match (spec.method().axis, spec.norm()) {
        (Axis::Epsilon, Norm::L0) => budget(Norm::L0, 2.0),
        (Axis::Epsilon, norm) => budget(norm, 0.2 * f64::from(max - min)),
        (_, norm) => Budget::unbounded(norm),
    }
}

/// Calls `check` with every method, norm and goal on a network for each signature, a detector in front.
fn for_all(check: impl Fn(&dyn Attack, &dyn Model, &Tensor, &Goal, Budget, &str)) {
    for (signature, dims) in signatures() {
        let (network, detector) = (network_with(signature), brightness(signature));
        let model = Guarded { model: &network, detector: &detector };
        let x = images_for(signature).reshape(&*dims).unwrap();
        for spec in specs() {
            // Shifts need rows and columns.
            if spec.method().axis == Axis::Severity && x.rank() < 3 {
                continue;
            }
            // A few steps show as much here as many.
            let few = Settings::new().with(Setting::Steps, 10.0).with(Setting::Queries, 200.0);
            let attack = spec.build(&few.only(spec.method().settings)).unwrap();
            for goal in goals(&model, &x) {
                let case = format!("{spec} on {} in {:?}, {goal:?}", signature.shape, signature.bounds);
                check(&*attack, &model, &x, &goal, budget_for(spec, signature.bounds), &case);
            }
        }
    }
}

#[test]
fn images_keep_budget_bounds_and_dimensions() {
    for_all(|attack, model, x, goal, budget, case| {
        let found = run(attack, model, x, goal, budget);
        assert_eq!(found.images.dims(), x.dims(), "{case}");
        let bounds = model.signature().bounds;
        assert!(pixels(&found.images).iter().all(|pixel| (bounds.min..=bounds.max).contains(pixel)), "{case}");
        for image in 0..3 {
            let [x, x0] = [&found.images, x].map(|images| pixels(&images.i(image).unwrap()));
            let distance = budget.norm().distance(&x, &x0);
            assert!(budget.admits(distance), "{case}: {distance}");
        }
    });
}

#[test]
fn neighbours_change_nothing() {
    for_all(|attack, model, x, goal, budget, case| {
        let together = run(attack, model, x, goal, budget);
        for image in 0..3 {
            let class = vec![goal.classes()[image]];
            let goal = match goal {
                Goal::Untargeted { .. } => Goal::Untargeted { labels: class },
                _ => Goal::Targeted { classes: class },
            };
            let randomness = Randomness { seed: 1, indices: vec![image as u64] };
            let x = x.i(image..=image).unwrap();
            let alone = attack.run(&task(model, &x, &goal, &randomness), &budget).unwrap();
            assert_eq!(pixels(&alone.images), pixels(&together.images.i(image).unwrap()), "{case}");
        }
    });
}

#[test]
fn the_same_seed_gives_the_same_images() {
    for_all(|attack, model, x, goal, budget, case| {
        let once = || pixels(&run(attack, model, x, goal, budget).images);
        assert_eq!(once(), once(), "{case}");
    });
}

#[test]
fn three_hundred_classes_are_three_hundred() {
    // Class 298 is what bright images are, class 299 what dark ones are; in eight bits they would be 42 and 43.
    let model = toy_of(6, 300, |x: &Tensor| {
        let bright = x.flatten_from(1)?.sum_keepdim(1)?;
        let others = Tensor::full(-1e3f32, (x.dim(0)?, 298), x.device())?;
        Tensor::cat(&[&others, &bright, &bright.affine(-1.0, 6.0)?], 1)
    });
    let x = tensor(&[0.6; 6], (1, 1, 2, 3));
    assert_eq!(predictions(&model, &x), [298]);
    let names =
        ["bim", "apgd-dlr", "apgd-t", "deepfool", "deepfool-l2", "cw", "fab", "fab-l2", "auto", "square", "jsma"];
    for spec in names.map(|name| name.parse::<MethodSpec>().unwrap()) {
        let budget = match (spec.method().axis, spec.norm()) {
            (Axis::Epsilon, Norm::L0) => budget(Norm::L0, 6.0),
            (Axis::Epsilon, norm) => budget(norm, 0.5),
            (_, norm) => Budget::unbounded(norm),
        };
        for goal in [Goal::Untargeted { labels: vec![298] }, Goal::Targeted { classes: vec![299] }] {
            let found = run(&*spec.build(&Settings::new()).unwrap(), &model, &x, &goal, budget);
            assert_eq!((found.predictions, found.success), (vec![299], vec![true]), "{spec} {goal:?}");
        }
    }
    let goal = Goal::Untargeted { labels: vec![300] };
    let attack = "bim".parse::<MethodSpec>().unwrap().build(&Settings::new()).unwrap();
    let error = attack.run(&task(&model, &x, &goal, &randomness(0, 1)), &budget(Norm::Linf, 0.5)).unwrap_err();
    assert!(matches!(error, Error::Class { class: 300, classes: 300, .. }), "{error}");
}
