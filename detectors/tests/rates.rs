//! The rates against counts done by hand, and the inequalities between them.

use robust_detectors::rates::{accuracy_corrected, robust_accuracy, robust_accuracy_strict, undetected_rate};
use robust_detectors::{Case, Status};

/// An image of label 3 that the clean model gets right and accepts, and an attack that turns it into a 5, unseen.
const FOOLED: Case = Case {
    label: 3,
    clean_prediction: 3,
    clean_flagged: false,
    status: Status::Succeeded,
    adversarial_prediction: 5,
    adversarial_flagged: false,
    corrected_label: Some(3),
};
const CAUGHT: Case = Case { adversarial_flagged: true, ..FOOLED };
const CAUGHT_MISREAD: Case = Case { corrected_label: Some(8), ..CAUGHT };
const HELD: Case = Case { status: Status::Failed, adversarial_prediction: 3, ..FOOLED };
const HELD_ALARMED: Case = Case { adversarial_flagged: true, ..HELD };
const REFUSED: Case = Case { clean_flagged: true, ..HELD };
/// A targeted attack that missed its class but changed the prediction.
const STRAYED: Case = Case { status: Status::Failed, ..FOOLED };
const WRONG: Case = Case { clean_prediction: 5, status: Status::Skipped, ..FOOLED };
const WRONG_ALARMED: Case = Case { clean_flagged: true, adversarial_flagged: true, ..WRONG };
/// Already of the target class: skipped, and right.
const IS_TARGET: Case = Case { status: Status::Skipped, adversarial_prediction: 3, ..FOOLED };

type Rates = [Option<f64>; 4];

fn rates(cases: &[Case]) -> Rates {
    [undetected_rate(cases), robust_accuracy(cases), robust_accuracy_strict(cases), accuracy_corrected(cases)]
}

#[test]
fn each_kind_of_image_counts_as_defined() {
    let (yes, no) = (Some(1.0), Some(0.0));
    for (name, case, expected) in [
        ("fooled", FOOLED, [yes, no, no, no]),
        ("caught", CAUGHT, [no, yes, no, yes]),
        ("caught, misread", CAUGHT_MISREAD, [no, yes, no, no]),
        ("held", HELD, [no, yes, yes, yes]),
        ("held, alarmed", HELD_ALARMED, [no, yes, no, yes]),
        ("clean refused", REFUSED, [no, no, no, yes]),
        ("strayed", STRAYED, [no, no, no, no]),
        ("wrong", WRONG, [None, no, no, None]),
        ("wrong, alarmed", WRONG_ALARMED, [None, no, no, None]),
        ("is the target", IS_TARGET, [None, yes, yes, None]),
    ] {
        assert_eq!(rates(&[case]), expected, "{name}");
    }
}

#[test]
fn a_mixed_set_is_counted_by_hand() {
    // Ten images, seven attacked: 1 fooled of 7; robust: caught, caught misread, held, held alarmed, is the target;
    // strict: held, is the target; corrected: caught, held, held alarmed, clean refused.
    let all = [FOOLED, CAUGHT, CAUGHT_MISREAD, HELD, HELD_ALARMED, REFUSED, STRAYED, WRONG, WRONG_ALARMED, IS_TARGET];
    assert_eq!(rates(&all), [Some(1.0 / 7.0), Some(0.5), Some(0.2), Some(4.0 / 7.0)]);
}

#[test]
fn flagging_everything_earns_nothing() {
    let flagged = [FOOLED, CAUGHT, HELD, WRONG, IS_TARGET].map(|case| Case {
        clean_flagged: true,
        adversarial_flagged: true,
        ..case
    });
    assert_eq!(undetected_rate(&flagged), Some(0.0));
    assert_eq!(robust_accuracy(&flagged), Some(0.0));
    assert_eq!(robust_accuracy_strict(&flagged), Some(0.0));
}

#[test]
fn without_flags_both_robust_accuracies_are_the_accuracy_under_attack() {
    let cases = [FOOLED, HELD, HELD, WRONG];
    assert_eq!(robust_accuracy(&cases), Some(0.5));
    assert_eq!(robust_accuracy_strict(&cases), Some(0.5));
}

#[test]
fn without_images_there_is_no_rate() {
    assert_eq!(rates(&[]), [None; 4]);
}

#[test]
fn correction_needs_a_label_for_every_flagged_attacked_image() {
    let unlabelled = |case| Case { corrected_label: None, ..case };
    assert_eq!(accuracy_corrected(&[HELD, unlabelled(CAUGHT)]), None);
    assert_eq!(accuracy_corrected(&[CAUGHT, unlabelled(HELD), unlabelled(WRONG_ALARMED)]), Some(1.0));
}
