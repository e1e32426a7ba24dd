//! The worst of many rotations and shifts. A bright pixel in the centre stays there however the image turns, so that the best
//! motion is known.

use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{D, Tensor};
use robust_attacks::{AttackExt, Budget, Goal, MethodSpec, Model, Norm, Setting, Settings, Spatial, Watched};

use crate::models::{assert_close, linear, pixels, randomness, run, task, tensor, toy_of};

/// Images `(1, 7, 7)` with one bright pixel.
fn dot(row: usize, column: usize) -> Vec<f32> {
    (0..49).map(|pixel| f32::from(u8::from(pixel == row * 7 + column))).collect()
}

/// Sees class 0 by a threshold, class 1 by the brightness three rows below the centre.
fn lower_pixel(threshold: f32) -> impl Model {
    toy_of(49, 2, move |x: &Tensor| {
        let brightness = x.flatten_from(1)?.narrow(1, 6 * 7 + 3, 1)?;
        Tensor::cat(&[(brightness.zeros_like()? + f64::from(threshold))?, brightness], D::Minus1)
    })
}

fn unbounded() -> Budget {
    Budget::unbounded(Norm::Linf)
}

#[test]
fn the_gentlest_motion_that_fools_is_found() {
    let x = tensor(&dot(3, 3), (1, 1, 7, 7));
    for (attack, found) in [(Spatial::severity(3), true), (Spatial { rotation: 90.0, shift: 1.0 }, false)] {
        let result = run(&attack, &lower_pixel(0.9), &x, &Goal::Untargeted { labels: vec![0] }, unbounded());
        assert_eq!(result.success, [found], "{attack:?}");
        if found {
            assert_close(&pixels(&result.images), &dot(6, 3), 1e-6, "three pixels down, not turned");
            // In shares of the extremes that is at distance 1 from the identity.
            let mut nearer = [0, 0];
            for (angle, down, right) in (-15..=15)
                .flat_map(|angle| (-2..=2).flat_map(move |down| (-2..=2).map(move |right| (angle, down, right))))
            {
                // In units of 1 / 30.
                let distance: i32 = 4 * angle * angle + 225 * (down * down + right * right);
                nearer[0] += u64::from(distance < 900);
                nearer[1] += u64::from(distance <= 900);
            }
            let queries = result.traces[0].queries;
            assert!(nearer[0] < queries && queries <= nearer[1], "{queries} queries, {nearer:?}");
        }
    }
}

#[test]
fn an_image_that_cannot_be_fooled_ends_as_the_worst() {
    let x = tensor(&dot(3, 3), (1, 7, 7));
    let result = run(&Spatial::severity(3), &lower_pixel(10.0), &x, &Goal::Targeted { classes: vec![1] }, unbounded());
    assert_close(&pixels(&result.images), &dot(6, 3), 1e-6, "the brightest that the pixel gets");
    assert_eq!((result.success[0], result.traces[0].queries), (false, 775));
}

#[test]
fn an_image_that_is_fooled_leaves_and_the_first_motion_is_none() {
    let asked = AtomicUsize::new(0);
    let model = lower_pixel(0.9);
    let counting = Watched::new(&model, |_, x| {
        asked.fetch_add(x.dim(0)?, Ordering::Relaxed);
        Ok(())
    });
    let x = tensor(&[dot(6, 3), dot(3, 3), dot(0, 0)].concat(), (3, 1, 7, 7));
    let result = run(&Spatial::severity(3), &counting, &x, &Goal::Untargeted { labels: vec![0; 3] }, unbounded());
    assert_eq!(result.success, [true, true, false]);
    assert_eq!(pixels(&result.images)[..49], dot(6, 3));
    let queries: Vec<u64> = result.traces.iter().map(|trace| trace.queries).collect();
    assert_eq!((queries[0], queries[2]), (1, 775));
    // One look at each after.
    assert_eq!(asked.into_inner() as u64, queries.iter().sum::<u64>() + 3);
}

#[test]
fn within_a_budget_the_search_sees_what_will_be_judged() {
    let x = tensor(&dot(3, 3), (1, 1, 7, 7));
    let goal = Goal::Untargeted { labels: vec![0] };
    for (epsilon, success) in [(0.4, false), (0.6, true)] {
        let budget = Budget::new(Norm::Linf, epsilon).unwrap();
        let result = run(&Spatial::severity(3), &lower_pixel(0.5), &x, &goal, budget);
        assert_eq!(result.success, [success], "{epsilon}");
        assert!(result.linf[0] <= epsilon + 1e-6);
    }
}

#[test]
fn severity_three_is_the_setting_of_the_paper() {
    let spec: MethodSpec = "spatial".parse().unwrap();
    for (settings, name, text) in [
        (Settings::new(), "spatial@s3", "rotation 30, rotations 31, shift 3, shifts 25"),
        (Settings::new().with(Setting::Severity, 1.0), "spatial@s1", "rotation 10, rotations 31, shift 1, shifts 25"),
        (Settings::new().with(Setting::Severity, 0.0), "spatial@s0", "rotation 5, rotations 31, shift 0.5, shifts 25"),
    ] {
        assert_eq!(spec.set_name(&unbounded(), &settings), name);
        assert_eq!(spec.build(&settings).unwrap().configuration(&unbounded()).to_string(), text);
    }
}

#[test]
fn images_without_rows_and_columns_are_an_error() {
    for name in
        ["spatial", "blur", "contrast", "brightness", "binarize", "jpeg", "rescale", "translate", "gaussian-noise"]
    {
        let attack = name.parse::<MethodSpec>().unwrap().build(&Settings::new()).unwrap();
        let x = tensor(&[0.5; 12], (2, 6));
        let goal = Goal::Untargeted { labels: vec![0, 0] };
        let error = attack.run(&task(&linear(), &x, &goal, &randomness(0, 2)), &unbounded()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "images have shape [2, 6], expected (batch, channels, height, width) or (batch, height, width)"
        );
    }
}
