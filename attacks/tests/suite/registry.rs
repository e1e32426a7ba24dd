//! Names, defaults and settings of the methods.

use robust_attacks::{MethodSpec, Norm, Settings, methods};

use crate::models::budget;

fn spec(name: &str) -> MethodSpec {
    name.parse().unwrap()
}

#[test]
fn names_round_trip_and_carry_the_norm() {
    for (name, id, norm, epsilon, set) in [
        ("fgsm", "fgsm", Norm::Linf, 0.3, "fgsm@0.3"),
        ("mi-fgsm", "mi-fgsm", Norm::Linf, 0.3, "mi-fgsm@0.3"),
        ("pgd-l2", "pgd", Norm::L2, 2.0, "pgd-l2@2"),
        ("noise-l2", "noise", Norm::L2, 2.0, "noise-l2@2"),
    ] {
        let spec = spec(name);
        assert_eq!((spec.id(), spec.norm(), spec.to_string().as_str()), (id, norm, name));
        assert_eq!(spec.default_epsilon(), epsilon);
        assert_eq!(spec.set_name(epsilon), set);
    }
    assert_eq!(spec("bim").set_name(8.0 / 255.0), "bim@0.03137254901960784");
}

#[test]
fn an_unknown_name_lists_the_known_ones() {
    for name in ["bmi", "", "BIM", "bim-l7", "bim@0.3"] {
        let error = name.parse::<MethodSpec>().unwrap_err().to_string();
        let known = "fgsm, fgsm-l2, bim, bim-l2, pgd, pgd-l2, mi-fgsm, mi-fgsm-l2, noise, noise-l2";
        assert_eq!(error, format!("unknown attack `{name}`, expected one of {known}"));
    }
}

#[test]
fn defaults_and_overrides() {
    let none = Settings::default();
    let five = Settings { steps: Some(5), ..none };
    for (name, settings, text) in [
        ("fgsm", none, "1 step of 0.5"),
        ("bim", none, "40 steps of 0.016666666666666666"),
        ("bim", five, "5 steps of 0.016666666666666666"),
        ("bim-l2", none, "40 steps of 0.03125"),
        ("bim-l2", five, "5 steps of 0.25"),
        ("bim", Settings { step_size: Some(0.125), ..five }, "5 steps of 0.125"),
        ("pgd-l2", none, "40 steps of 0.03125, random start, 1 restart"),
        ("pgd-l2", Settings { restarts: Some(3), ..none }, "40 steps of 0.03125, random start, 3 restarts"),
        ("mi-fgsm", none, "10 steps of 0.05, decay 1"),
        ("mi-fgsm", Settings { decay: Some(0.5), ..five }, "5 steps of 0.1, decay 0.5"),
        ("bim", Settings { early_stop: true, ..five }, "5 steps of 0.016666666666666666, early stop"),
        ("noise", none, ""),
    ] {
        let spec = spec(name);
        let budget = budget(spec.norm(), 0.5);
        assert_eq!(spec.effective(&budget, &settings).unwrap().to_string(), text, "{name}");
        assert_eq!(spec.build(&budget, &settings).unwrap().name(), spec.id());
    }
}

#[test]
fn effective_settings_serialise_without_what_the_method_lacks() {
    for (name, text) in [
        ("fgsm", r#"{"steps":1,"step_size":0.3,"random_start":false}"#),
        ("bim", r#"{"steps":40,"step_size":0.01,"early_stop":false,"random_start":false}"#),
        ("noise", r#"{"random_start":false}"#),
    ] {
        let effective = spec(name).effective(&budget(Norm::Linf, 0.3), &Settings::default()).unwrap();
        assert_eq!(serde_json::to_string(&effective).unwrap(), text);
    }
}

#[test]
fn settings_that_a_method_lacks_or_that_are_absurd_are_errors() {
    let none = Settings::default();
    for (name, settings, message) in [
        ("fgsm", Settings { steps: Some(3), ..none }, "`fgsm` has no steps to set"),
        ("noise", Settings { step_size: Some(0.1), ..none }, "`noise` has no step size to set"),
        ("bim-l2", Settings { restarts: Some(2), ..none }, "`bim` has no restarts to set"),
        ("pgd", Settings { decay: Some(1.0), ..none }, "`pgd` has no decay to set"),
        ("fgsm", Settings { early_stop: true, ..none }, "`fgsm` has no early stop to set"),
        ("noise", Settings { early_stop: true, ..none }, "`noise` has no early stop to set"),
        ("bim", Settings { steps: Some(0), ..none }, "steps is 0, expected at least 1"),
        ("pgd", Settings { restarts: Some(0), ..none }, "restarts is 0, expected at least 1"),
        ("bim", Settings { step_size: Some(0.0), ..none }, "step size is 0, expected a finite number above 0"),
        ("bim", Settings { step_size: Some(f64::NAN), ..none }, "step size is NaN, expected a finite number above 0"),
        ("mi-fgsm", Settings { decay: Some(-1.0), ..none }, "decay is -1, expected a finite number of at least 0"),
    ] {
        let budget = budget(Norm::Linf, 0.3);
        assert_eq!(spec(name).build(&budget, &settings).err().unwrap().to_string(), message);
        assert!(spec(name).warnings(&budget, &settings).is_empty());
    }
}

#[test]
fn only_what_a_method_has_is_left_of_settings() {
    let all = Settings { steps: Some(5), step_size: Some(0.1), restarts: Some(2), decay: Some(0.5), early_stop: true };
    for method in methods() {
        let left = all.only(method.settings);
        assert!(left.given().eq(method.settings.iter().copied()), "{}: {left:?}", method.id);
        assert!(spec(method.id).build(&budget(Norm::Linf, 0.3), &left).is_ok(), "{}", method.id);
    }
}

#[test]
fn steps_that_cannot_reach_the_border_are_warned_of() {
    let short = Settings { steps: Some(10), step_size: Some(0.01), ..Settings::default() };
    assert_eq!(
        spec("bim").warnings(&budget(Norm::Linf, 0.3), &short),
        ["bim: 10 steps of 0.01 reach 0.1 at most, less than epsilon 0.3"]
    );
    for method in methods() {
        for epsilon in [0.0, 0.05, 0.1, 0.3, 8.0 / 255.0] {
            assert!(spec(method.id).warnings(&budget(Norm::Linf, epsilon), &Settings::default()).is_empty());
        }
    }
}

#[test]
fn every_method_is_described() {
    for method in methods() {
        assert!(!method.summary.is_empty() && !method.source.is_empty() && !method.norms.is_empty(), "{}", method.id);
    }
}
