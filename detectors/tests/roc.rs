//! The ROC curve against scikit-learn, closed forms and properties.
#![allow(clippy::unwrap_used, reason = "helpers outside of the tests themselves")]

use robust_detectors::{Roc, RocPoint, Threshold};

fn roc(negatives: &[f32], positives: &[f32]) -> Roc {
    Roc::new(negatives, positives).unwrap().unwrap()
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
}

const TIES: (&[f32], &[f32]) = (&[0.1, 0.4, 0.4, 0.5, 0.2, 0.8, 0.4, 0.3], &[0.4, 0.9, 0.8, 0.8, 0.5, 0.7]);
const BELOW_ZERO: (&[f32], &[f32]) = (&[-3.5, -3.5, -1.0, -0.25, -2.0], &[-1.0, -1.0, -0.25, -4.0]);

// import numpy as np
// from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve
// def show(negatives, positives):
//     y = np.r_[np.zeros(len(negatives)), np.ones(len(positives))]
//     s = np.r_[negatives, positives]
//     print(roc_auc_score(y, s), average_precision_score(y, s))
//     fpr, tpr, threshold = roc_curve(y, s, drop_intermediate=False)
//     print(*zip(threshold, fpr, tpr))  # of the scores at or above: the rates above the next lower score
#[test]
fn golden_values_of_scikit_learn() {
    for (scores, auroc, average_precision, points) in [
        (
            TIES,
            0.8541666666666666,
            0.7599567099567099,
            &[
                (f32::INFINITY, 0.0, 0.0),
                (0.9, 0.0, 0.16666666666666666),
                (0.8, 0.125, 0.5),
                (0.7, 0.125, 0.6666666666666666),
                (0.5, 0.25, 0.8333333333333334),
                (0.4, 0.625, 1.0),
                (0.3, 0.75, 1.0),
                (0.2, 0.875, 1.0),
                (0.1, 1.0, 1.0),
            ][..],
        ),
        (
            BELOW_ZERO,
            0.575,
            0.5361111111111111,
            &[
                (f32::INFINITY, 0.0, 0.0),
                (-0.25, 0.2, 0.25),
                (-1.0, 0.4, 0.75),
                (-2.0, 0.6, 0.75),
                (-3.5, 1.0, 0.75),
                (-4.0, 1.0, 1.0),
            ],
        ),
        ((&[1.0, 1.0, 1.0], &[1.0, 1.0]), 0.5, 0.4, &[(f32::INFINITY, 0.0, 0.0), (1.0, 1.0, 1.0)]),
        (
            (&[4.0, 5.0], &[1.0, 2.0, 3.0]),
            0.0,
            0.4777777777777778,
            &[
                (f32::INFINITY, 0.0, 0.0),
                (5.0, 0.5, 0.0),
                (4.0, 1.0, 0.0),
                (3.0, 1.0, 0.3333333333333333),
                (2.0, 1.0, 0.6666666666666666),
                (1.0, 1.0, 1.0),
            ],
        ),
    ] {
        let roc = roc(scores.0, scores.1);
        close(roc.auroc(), auroc);
        close(roc.average_precision(), average_precision);
        let (&(lowest, ..), lower) = (points.last().unwrap(), points[1..].iter().map(|point| point.0));
        let thresholds = lower.chain([lowest.next_down()]);
        let expected =
            points.iter().zip(thresholds).map(|(&(_, fpr, tpr), threshold)| RocPoint { threshold, fpr, tpr });
        assert_eq!(roc.points(), expected.collect::<Vec<_>>());
        assert_eq!((roc.negatives(), roc.positives()), (scores.0.len(), scores.1.len()));
    }
}

#[test]
fn a_threshold_of_the_curve_has_its_rates() {
    let tiny = f32::from_bits(1);
    for (negatives, positives) in [
        TIES,
        BELOW_ZERO,
        (&[0.0, -0.0, tiny, -tiny], &[0.0, tiny, 2.0 * tiny]),
        (&[1.0], &[1.0]),
        (&[-1e30, 1e30, 7.0], &[f32::MAX, -1e30]),
    ] {
        let roc = roc(negatives, positives);
        for point in roc.points() {
            let written: f32 = point.threshold.to_string().parse().unwrap();
            let share = |scores| Threshold::new(written).unwrap().flagged_share(scores).unwrap();
            assert!(written.is_finite());
            assert_eq!((share(negatives), share(positives)), (point.fpr, point.tpr), "{point:?} of {negatives:?}");
        }
        let rates = |at: usize| (roc.points()[at].fpr, roc.points()[at].tpr);
        assert_eq!((rates(0), rates(roc.points().len() - 1)), ((0.0, 0.0), (1.0, 1.0)));
    }
}

#[test]
fn separated_scores_are_perfect() {
    let roc = roc(&[1.0, 2.0, 3.0], &[4.0, 5.0]);
    assert_eq!((roc.auroc(), roc.average_precision()), (1.0, 1.0));
    assert_eq!((roc.tpr_at_fpr(0.0), roc.fpr_at_tpr(1.0)), (1.0, 0.0));
}

#[test]
fn swapped_sides_add_to_one() {
    for (negatives, positives) in [TIES, BELOW_ZERO, (&[0.0], &[-0.0])] {
        close(roc(negatives, positives).auroc() + roc(positives, negatives).auroc(), 1.0);
    }
}

#[test]
fn only_the_order_of_scores_matters() {
    for (negatives, positives) in [TIES, BELOW_ZERO] {
        let base = roc(negatives, positives);
        for map in [|s: f32| s.exp(), |s: f32| s * s * s, |s: f32| 0.5 * s - 7.0, |s: f32| s.atan()] {
            let mapped = |scores: &[f32]| scores.iter().map(|&s| map(s)).collect::<Vec<_>>();
            let mapped = roc(&mapped(negatives), &mapped(positives));
            let rates = |roc: &Roc| roc.points().iter().map(|p| (p.fpr, p.tpr)).collect::<Vec<_>>();
            assert_eq!(rates(&mapped), rates(&base));
            assert_eq!((mapped.auroc(), mapped.average_precision()), (base.auroc(), base.average_precision()));
        }
    }
}

#[test]
fn auroc_is_the_share_of_pairs_in_order() {
    let negatives: Vec<f32> = (0..211).map(|i| ((i * 37) % 83) as f32).collect();
    let positives: Vec<f32> = (0..157).map(|i| ((i * 53) % 101) as f32 / 2.0 + 20.0).collect();
    let wins = |&n: &f32, &p: &f32| if p > n { 1.0 } else { f64::from(p == n) / 2.0 };
    let pairs: f64 = negatives.iter().flat_map(|n| positives.iter().map(move |p| wins(n, p))).sum();
    close(roc(&negatives, &positives).auroc(), pairs / (211.0 * 157.0));
}

#[test]
fn reported_rates_are_attained_never_interpolated() {
    // Negatives 1..=100; of the positives, 10 at 99.5 (FPR 1 %), 85 at 95.5 (5 %), 5 at 0.5 (100 %).
    let negatives: Vec<f32> = (1..=100).map(|i| i as f32).collect();
    let positives = [vec![99.5; 10], vec![95.5; 85], vec![0.5; 5]].concat();
    let roc = roc(&negatives, &positives);
    for (fpr, expected) in
        [(0.0, 0.0), (0.0099, 0.0), (0.01, 0.1), (0.0499, 0.1), (0.05, 0.95), (0.99, 0.95), (1.0, 1.0)]
    {
        assert_eq!(roc.tpr_at_fpr(fpr), expected, "TPR at FPR {fpr}");
    }
    for (tpr, expected) in [(0.0, 0.0), (0.05, 0.01), (0.1, 0.01), (0.11, 0.05), (0.95, 0.05), (0.951, 1.0), (1.0, 1.0)]
    {
        assert_eq!(roc.fpr_at_tpr(tpr), expected, "FPR at TPR {tpr}");
    }
}

#[test]
fn infinite_scores_are_ordinary_scores() {
    let roc = roc(&[f32::NEG_INFINITY, 0.0], &[f32::INFINITY, f32::NEG_INFINITY]);
    close(roc.auroc(), (2.0 + 0.5) / 4.0);
}

#[test]
fn an_empty_side_has_no_curve_and_nan_is_refused() {
    assert_eq!(Roc::new(&[], &[1.0]).unwrap(), None);
    assert_eq!(Roc::new(&[1.0], &[]).unwrap(), None);
    for (negatives, positives, expected) in [
        (&[0.0, f32::NAN][..], &[1.0][..], "found NaN as negative score 1, expected a number"),
        (&[0.0], &[f32::NAN], "found NaN as positive score 0, expected a number"),
        (&[], &[f32::NAN], "found NaN as positive score 0, expected a number"),
    ] {
        assert_eq!(Roc::new(negatives, positives).unwrap_err().to_string(), expected);
    }
}
