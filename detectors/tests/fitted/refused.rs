//! What a detector cannot be fitted on or made from: each is refused in one line that says what is wrong.

use robust_detectors::{Clean, Fit, Perception, detector};

use crate::toy::{Toy, population};
use crate::{FITTED, fitted};

#[test]
fn what_they_cannot_be_made_from_is_refused() {
    let (x, labels) = population();
    let seen = Perception::new(&Toy, &x).unwrap();
    let one = Perception::new(&Toy, &x.narrow(0, 0, 1).unwrap()).unwrap();
    for (clean, expected) in [
        (vec![], "found 0 clean images, expected at least 2"),
        (vec![Clean { seen: &one, labels: &labels[..1] }], "found 1 clean image, expected at least 2"),
        (vec![Clean { seen: &seen, labels: &labels[1..] }], "found 299 labels for 300 images"),
        (vec![Clean { seen: &seen, labels: &[7; 300] }], "found the label 7, expected one below 3"),
    ] {
        for id in FITTED {
            let message = fitted(id, &clean).err().unwrap().to_string();
            assert!(message.starts_with(expected), "{id}: {message}");
        }
    }
    for id in ["combined", "wrong"] {
        let message = fitted(id, &[Clean { seen: &seen, labels: &[2; 300] }]).err().unwrap().to_string();
        assert!(
            message.starts_with("found clean images of class 2 alone, expected images of at least 2 classes"),
            "{id}: {message}"
        );
    }
    let fits = FITTED.map(|id| fitted(id, &[Clean { seen: &seen, labels: &labels }]).unwrap().fit());
    let [combined, _, tampered, two_way, rel_u, magnet] = &fits;
    for (id, fit, classes, expected) in [
        ("combined", Fit::default(), 3, "array `share` of the fit is missing"),
        (
            "combined",
            combined.clone().with("look", vec![4, 2], vec![0.0; 8]),
            3,
            "array `look` of the fit holds a deviation",
        ),
        (
            "combined",
            combined.clone().with("share", vec![1], vec![1.0]),
            3,
            "array `share` of the fit holds 1, expected",
        ),
        ("combined", combined.clone(), 4, "array `wrong.posterior.weight` of the fit has 9 values of shape [3, 3]"),
        (
            "combined",
            combined.clone().with("wrong.weights", vec![3], vec![1.0, f32::NAN, 0.0]),
            3,
            "array `wrong.weights` of the fit holds NaN",
        ),
        (
            "combined",
            combined.clone().with("tampered.magnet.tails", vec![7], vec![0.0; 7]),
            3,
            "array `tampered.magnet.tails` of the fit has 7 values of shape [7], expected finite numbers of shape [4, 7]",
        ),
        ("wrong", Fit::default(), 3, "array `weights` of the fit is missing"),
        ("tampered", Fit::default(), 3, "array `magnet.tails` of the fit is missing"),
        (
            "tampered",
            tampered.clone().with("ratio", vec![1, 7], (0..7).map(|value| -(value as f32)).collect()),
            3,
            "array `ratio` of the fit does not ascend in each row up to an excess of at least 0, expected finite numbers of shape [1, 7]",
        ),
        (
            "tampered",
            tampered.clone().with("odds-lost", vec![1, 7], vec![0.0; 7]),
            3,
            "array `odds-lost` of the fit has 7 values of shape [1, 7], expected finite numbers of shape [2, 7]",
        ),
        (
            "tampered",
            tampered.clone().with("trust", vec![2], vec![0.5, 1.5]),
            3,
            "array `trust` of the fit holds 1.5, expected finite numbers of shape [2]",
        ),
        (
            "tampered",
            tampered.clone().with("odds-lost-trust", vec![2], vec![0.0, 0.5]),
            3,
            "array `odds-lost-trust` of the fit holds 0, expected finite numbers of shape [2]",
        ),
        ("rel-u", rel_u.clone(), 4, "array `matrix` of the fit has 9 values of shape [3, 3]"),
        ("rel-u", rel_u.clone().with("matrix", vec![3, 3], vec![-1.0; 9]), 3, "array `matrix` of the fit holds -1"),
        ("second-opinion", Fit::default(), 3, "array `conv1.weight` of the fit is missing"),
        (
            "second-opinion",
            Fit::default().with("conv1.weight", vec![24, 9_000_000, 3, 3], vec![]),
            3,
            "array `conv1.weight` of the fit has 0 values of shape [24, 9000000, 3, 3], expected finite numbers of shape [24, 4096, 3, 3]",
        ),
        ("two-way", Fit::default(), 3, "array `style.mean` of the fit is missing"),
        (
            "two-way",
            two_way.clone().with("style.mean", vec![2], vec![0.0; 2]),
            3,
            "array `style.deviation` of the fit has 1 values of shape [1], expected finite numbers of shape [2]",
        ),
        ("magnet", Fit::default(), 3, "array `tails` of the fit is missing"),
        (
            "magnet",
            magnet.clone().with("plain.conv2.bias", vec![2], vec![0.0; 2]),
            3,
            "array `plain.conv2.bias` of the fit has 2 values of shape [2], expected finite numbers of shape [3]",
        ),
    ] {
        let message = detector(id).unwrap().restore(&fit, classes).err().unwrap().to_string();
        assert!(message.starts_with(expected), "{id}: {message}");
    }
}
