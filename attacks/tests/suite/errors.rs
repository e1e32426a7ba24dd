//! Bad input, each with the line that it gets.

use candle_core::{DType, Device, Result, Tensor};
use robust_attacks::{
    AttackExt, Bounds, Budget, FnModel, Goal, GradientDescent, LogitLoss, LossGradient, Model, Norm, Randomness,
    Signature,
};

use crate::models::{budget, images, linear, randomness, signature, task, tensor, toy, toy_of};

fn message(model: &dyn Model, x: &Tensor, goal: &Goal, randomness: &Randomness) -> String {
    let attack = GradientDescent::bim(3, 0.1);
    attack.run(&task(model, x, goal, randomness), &budget(Norm::Linf, 0.1)).unwrap_err().to_string()
}

fn labels(labels: &[u32]) -> Goal {
    Goal::Untargeted { labels: labels.to_vec() }
}

#[test]
fn budgets() {
    for (epsilon, found) in [(-1.0, "-1"), (f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
        let error = Budget::new(Norm::L2, epsilon).unwrap_err().to_string();
        assert_eq!(error, format!("epsilon is {found}, expected a finite number of at least 0"));
    }
}

#[test]
fn images_of_a_wrong_shape_or_type() {
    for (dims, shown) in [(vec![6], "[6]"), (vec![0, 6], "[0, 6]"), (vec![2, 0], "[2, 0]"), (vec![], "[]")] {
        let x = Tensor::zeros(dims, DType::F32, &Device::Cpu).unwrap();
        assert_eq!(
            message(&linear(), &x, &labels(&[0]), &randomness(0, 1)),
            format!("images have shape {shown}, expected (batch, ...) with at least one image and one pixel")
        );
    }
    assert_eq!(
        message(&linear(), &tensor(&[0.5; 4], (1, 2, 2)), &labels(&[0]), &randomness(0, 1)),
        "images have shape [1, 2, 2], expected (batch, ...) with 6 pixels each: the model takes 1x1x6"
    );
    let x = images().to_dtype(DType::F64).unwrap();
    assert_eq!(message(&linear(), &x, &labels(&[0; 4]), &randomness(0, 4)), "images are F64, expected F32");
}

#[test]
fn pixels_outside_the_bounds() {
    for (value, shown) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (255.0, "255"), (-0.5, "-0.5")] {
        let x = tensor(&[[0.5; 6], [0.5, 0.5, value, 0.5, 0.5, 0.5]].concat(), (2, 6));
        assert_eq!(
            message(&linear(), &x, &labels(&[0, 0]), &randomness(0, 2)),
            format!("image 1 of the batch has a pixel of {shown}, expected 0 to 1, the model's bounds")
        );
    }
}

#[test]
fn bounds_that_are_no_interval() {
    for (min, max) in [(1.0, 0.0), (0.0, f32::INFINITY), (f32::NAN, 1.0)] {
        let model =
            FnModel::new(Signature { bounds: Bounds { min, max }, ..signature(6, 3) }, |x: &Tensor| Ok(x.clone()));
        assert_eq!(
            message(&model, &tensor(&[0.5; 6], (1, 6)), &labels(&[0]), &randomness(0, 1)),
            format!("the model's bounds are {min} to {max}, expected two finite numbers, the smaller first")
        );
    }
}

/// A goal with so many labels and so many classes.
fn toward(labels: usize, classes: usize) -> Goal {
    Goal::Toward { labels: vec![0; labels], classes: vec![1; classes] }
}

#[test]
fn classes_and_indices_that_do_not_match_the_batch() {
    let x = images();
    for (goal, indices, expected) in [
        (labels(&[0; 3]), 4, "3 labels for 4 images, expected one per image"),
        (Goal::Targeted { classes: vec![0; 5] }, 4, "5 target classes for 4 images, expected one per image"),
        (toward(4, 3), 4, "3 target classes for 4 images, expected one per image"),
        (toward(3, 4), 4, "3 labels for 4 images, expected one per image"),
        (labels(&[0; 4]), 2, "2 dataset indices for 4 images, expected one per image"),
        (labels(&[0, 0, 3, 0]), 4, "image 2 of the batch has class 3, but the model has classes 0 to 2"),
    ] {
        assert_eq!(message(&linear(), &x, &goal, &randomness(0, indices)), expected);
    }
}

#[test]
fn answers_that_are_no_logits() {
    let x = images();
    let models: [(Box<dyn Model>, &str); 4] = [
        (Box::new(toy(|x: &Tensor| x.flatten_all())), "[24] for 4 images, expected (4, classes)"),
        (Box::new(toy(|x: &Tensor| x.flatten_from(1)?.narrow(1, 0, 1))), "[4, 1] for 4 images, expected (4, classes)"),
        (Box::new(toy(|x: &Tensor| Ok(x.clone()))), "[4, 1, 2, 3] for 4 images, expected (4, classes)"),
        (Box::new(toy(|x: &Tensor| x.narrow(0, 0, 1)?.flatten_from(1))), "[1, 6] for 4 images, expected (4, classes)"),
    ];
    for (model, expected) in models {
        let found = GradientDescent { steps: 0, ..GradientDescent::bim(1, 0.1) }
            .run(&task(&*model, &x, &labels(&[0; 4]), &randomness(0, 4)), &budget(Norm::Linf, 0.1))
            .unwrap_err()
            .to_string();
        assert_eq!(found, format!("the model's logits have shape {expected} with at least two"));
    }
}

#[test]
fn more_logits_than_the_signature_names() {
    let model = toy(|x: &Tensor| x.flatten_from(1));
    let attack = GradientDescent::bim(3, 0.1);
    let error = attack.run(&task(&model, &images(), &labels(&[0; 4]), &randomness(0, 4)), &budget(Norm::Linf, 0.1));
    assert_eq!(
        error.unwrap_err().to_string(),
        "the model gives 6 logits for an image, expected 3, one for each class of its signature"
    );
}

#[test]
fn logits_that_are_not_finite() {
    let model = toy_of(6, 6, |x: &Tensor| x.flatten_from(1)?.affine(f64::NAN, 0.0));
    assert_eq!(
        message(&model, &images(), &labels(&[0; 4]), &randomness(0, 4)),
        "the model's logits for image 0 of the batch are NaN or infinite: are its weights sound?"
    );
}

#[test]
fn logits_that_do_not_depend_on_the_image() {
    let model = toy(|x: &Tensor| Tensor::zeros((x.dim(0)?, 3), DType::F32, x.device()));
    let found = message(&model, &images(), &labels(&[0; 4]), &randomness(0, 4));
    assert!(found.contains("the logits do not depend on the input"), "{found}");
}

/// A model whose own backward pass forgets to restore the shape of the images.
struct Flat;

impl Model for Flat {
    fn signature(&self) -> Signature {
        signature(6, 6)
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        x.flatten_from(1)
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> Result<LossGradient> {
        let (gradient, logits) = (x.flatten_from(1)?, self.logits(x)?);
        Ok(LossGradient { loss: loss(&logits)?, logits, gradient })
    }
}

#[test]
fn a_gradient_of_another_shape() {
    let found = message(&Flat, &images(), &labels(&[0; 4]), &randomness(0, 4));
    assert_eq!(found, "the gradient has shape [4, 6], expected [4, 1, 2, 3], that of the images");
}

#[test]
fn a_model_that_fails() {
    let model = toy(|_: &Tensor| candle_core::bail!("out of coffee"));
    assert!(message(&model, &images(), &labels(&[0; 4]), &randomness(0, 4)).contains("out of coffee"));
}

#[test]
fn steps_that_are_no_numbers() {
    for (attack, expected) in [
        (GradientDescent::bim(3, f64::NAN), "step size is NaN, expected a finite number of at least 0"),
        (GradientDescent::pgd(3, -0.1), "step size is -0.1, expected a finite number of at least 0"),
        (GradientDescent::mi_fgsm(3, 0.1, f64::INFINITY), "decay is inf, expected a finite number of at least 0"),
    ] {
        let budget = budget(Norm::L2, 0.1);
        let error = attack.run(&task(&linear(), &images(), &labels(&[0; 4]), &randomness(0, 4)), &budget).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}
