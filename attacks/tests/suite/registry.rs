//! Names, defaults and settings of the methods.

use robust_attacks::{Axis, Budget, ImageShape, MethodSpec, Norm, Setting, Settings, methods};

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
        ("bim-l1", "bim", Norm::L1, 10.0, "bim-l1@10"),
        ("noise-l0", "noise", Norm::L0, 40.0, "noise-l0@40"),
    ] {
        let spec = spec(name);
        assert_eq!((spec.id(), spec.norm(), spec.to_string().as_str()), (id, norm, name));
        assert_eq!(spec.default_epsilon(ImageShape::new(1, 28, 28)), Some(epsilon));
        assert_eq!(spec.set_name(&budget(norm, epsilon), &Settings::new()), set);
    }
    for (name, epsilon) in [("bim", 8.0 / 255.0), ("pgd-l2", 0.5), ("apgd-l1", 12.0), ("noise-l0", 24.0)] {
        assert_eq!(spec(name).default_epsilon(ImageShape::new(3, 32, 32)), Some(epsilon), "{name}");
    }
    assert_eq!(spec("deepfool").default_epsilon(ImageShape::new(3, 32, 32)), None);
    let lambda = Settings::new().with(Setting::Lambda, 0.1);
    assert_eq!(spec("r-pgd").set_name(&budget(Norm::Linf, 0.3), &lambda), "r-pgd@0.3x0.1");
    assert_eq!(spec("bim").set_name(&budget(Norm::Linf, 8.0 / 255.0), &Settings::new()), "bim@0.03137254901960784");
}

#[test]
fn every_name_is_parsed_as_it_is_displayed_and_an_id_alone_means_the_first_norm() {
    for method in methods() {
        assert_eq!((spec(method.id).id(), spec(method.id).norm()), (method.id, method.norms[0]));
        assert!(!method.norms[1..].contains(&Norm::Linf), "{}: linf would not be reached by name", method.id);
        for &norm in method.norms {
            let name = spec(&if norm == Norm::Linf { method.id.into() } else { format!("{}-{norm}", method.id) });
            assert_eq!((name.id(), name.norm()), (method.id, norm));
            assert_eq!(name.to_string().parse::<MethodSpec>().unwrap().norm(), norm);
        }
    }
}

#[test]
fn an_unknown_name_lists_the_known_ones() {
    for name in ["bmi", "", "BIM", "bim-l7", "bim@0.3"] {
        let error = name.parse::<MethodSpec>().unwrap_err().to_string();
        let known = "fgsm, fgsm-l2, bim, bim-l2, bim-l1, pgd, ";
        assert!(error.starts_with(&format!("unknown attack `{name}`, expected one of {known}")), "{error}");
    }
}

#[test]
fn defaults_and_overrides() {
    use Setting::{Decay, EarlyStop, Lambda, Queries, Restarts, Samples, StepSize, Steps};
    let none = Settings::new();
    let five = none.with(Steps, 5.0);
    for (name, settings, text) in [
        ("fgsm", none, "steps 1, step size 0.5"),
        ("bim", none, "steps 40, step size 0.016666666666666666"),
        ("bim", five, "steps 5, step size 0.016666666666666666"),
        ("bim-l2", none, "steps 40, step size 0.03125"),
        ("bim-l1", five, "steps 5, step size 0.25"),
        ("bim", five.with(StepSize, 0.125), "steps 5, step size 0.125"),
        ("pgd-l2", none, "steps 40, step size 0.03125, random start, restarts 1"),
        ("pgd-l2", none.with(Restarts, 3.0), "steps 40, step size 0.03125, random start, restarts 3"),
        ("mi-fgsm", none, "steps 10, step size 0.05, decay 1"),
        ("ni-fgsm", five.with(Decay, 0.5), "steps 5, step size 0.1, decay 0.5"),
        ("bim", five.with(EarlyStop, 1.0), "steps 5, step size 0.016666666666666666, early stop"),
        ("apgd", none, "steps 100, first step size 1, alpha 0.75, rho 0.75, random start, restarts 1"),
        (
            "apgd-dlr-l2",
            five.with(EarlyStop, 1.0),
            "steps 5, first step size 1, alpha 0.75, rho 0.75, random start, early stop, restarts 1",
        ),
        (
            "apgd-t-l1",
            none.with(Restarts, 2.0),
            "steps 100, first step size 0.5, last step size 0.05, first share 0.2, reduction 1.5, sparser 0.95, random start, restarts 2, target classes 9",
        ),
        ("square", none, "queries 5000, share 0.8"),
        ("square-l2", none.with(Queries, 100.0), "queries 100, share 0.8"),
        ("spsa", none, "steps 40, step size 0.125, samples 64, reach 0.01"),
        ("spsa-l2", none.with(Samples, 8.0), "steps 40, step size 0.125, samples 8, reach 0.01"),
        ("hop-skip-jump", none, "queries 5000, neighbours 100, random images 100"),
        ("deepfool", none, "steps 50, overshoot 0.02"),
        ("deepfool-l2", five, "steps 5, overshoot 0.02"),
        ("cw", none, "steps 1000, searches 9, learning rate 0.01, confidence 0, initial constant 0.001"),
        ("fab", five, "steps 5, restarts 1, alpha max 0.1, eta 1.05, beta 0.9, target classes 9"),
        ("noise", none, ""),
        ("r-fgsm", none, "steps 1, step size 0.5, lambda 0.1, restarts 1"),
        ("r-bim-l2", none.with(Lambda, 0.1), "steps 200, step size 0.016666666666666666, lambda 0.1, restarts 1"),
        ("selective-pgd", five.with(EarlyStop, 1.0), "steps 5, step size 0.016666666666666666, restarts 1, early stop"),
        (
            "r-pgd",
            five.with(Restarts, 2.0),
            "steps 5, step size 0.016666666666666666, lambda 0.1, random start, restarts 2",
        ),
        ("selective-pgd", none.with(Restarts, 5.0), "steps 200, step size 0.016666666666666666, restarts 5"),
        ("selective-adam", five, "steps 5, step size 0.016666666666666666, restarts 1"),
        ("conditional", five, "steps 5, step size 0.06666666666666667, restarts 1"),
        ("orthogonal-pgd-l2", five.with(StepSize, 0.5), "steps 5, step size 0.5, restarts 1"),
        (
            "adaptive",
            five,
            "attacks selective-adam (step size 0.016666666666666666), conditional (step size 0.06666666666666667), selective-pgd (step size 0.016666666666666666), steps 5, restarts 1",
        ),
    ] {
        let spec = spec(name);
        let attack = spec.build(&settings).unwrap();
        assert_eq!(attack.configuration(&budget(spec.norm(), 0.5)).to_string(), text, "{name}");
        assert_eq!(attack.name(), spec.id());
    }
}

#[test]
fn configurations_serialise_in_order() {
    for (name, text) in
        [("bim", r#"{"steps":40,"step_size":0.01,"random_start":false,"early_stop":false}"#), ("noise", "{}")]
    {
        let configuration = spec(name).build(&Settings::new()).unwrap().configuration(&budget(Norm::Linf, 0.3));
        assert_eq!(serde_json::to_string(&configuration).unwrap(), text);
    }
}

#[test]
fn settings_that_a_method_lacks_or_that_are_absurd_are_errors() {
    for (name, setting, value, message) in [
        ("fgsm", Setting::Steps, 3.0, "`fgsm` has no steps to set"),
        ("noise", Setting::StepSize, 0.1, "`noise` has no step size to set"),
        ("bim-l2", Setting::Restarts, 2.0, "`bim` has no restarts to set"),
        ("pgd", Setting::Decay, 1.0, "`pgd` has no decay to set"),
        ("fgsm", Setting::EarlyStop, 1.0, "`fgsm` has no early stop to set"),
        ("bim", Setting::Steps, 0.0, "steps is 0, expected a whole number of at least 1"),
        ("bim", Setting::Steps, 1.5, "steps is 1.5, expected a whole number of at least 1"),
        ("pgd", Setting::Restarts, 0.0, "restarts is 0, expected a whole number of at least 1"),
        ("bim", Setting::StepSize, 0.0, "step size is 0, expected a finite number above 0"),
        ("bim", Setting::StepSize, f64::NAN, "step size is NaN, expected a finite number above 0"),
        ("bim", Setting::StepSize, f64::INFINITY, "step size is inf, expected a finite number above 0"),
        ("bim", Setting::EarlyStop, 2.0, "early stop is 2, expected 0 or 1"),
        ("mi-fgsm", Setting::Decay, -1.0, "decay is -1, expected a finite number of at least 0"),
    ] {
        let settings = Settings::new().with(setting, value);
        assert_eq!(spec(name).build(&settings).err().unwrap().to_string(), message);
        assert!(spec(name).warnings(&budget(Norm::Linf, 0.3), &settings).is_empty());
    }
}

#[test]
fn only_what_a_method_has_is_left_of_settings() {
    let all = Setting::ALL.into_iter().fold(Settings::new(), |all, setting| all.with(setting, 1.0));
    for method in methods() {
        let left = all.only(method.settings);
        assert_eq!(left.given().count(), method.settings.len(), "{}", method.id);
        assert!(left.given().all(|setting| method.settings.contains(&setting)), "{}: {left:?}", method.id);
        assert!(spec(method.id).build(&left).is_ok(), "{}", method.id);
    }
}

#[test]
fn every_setting_shows_in_the_configuration() {
    // A setting that changed nothing would be a flag that lies.
    for method in methods() {
        for &setting in method.settings {
            let [before, after] = [1.0, if setting == Setting::EarlyStop { 0.0 } else { 2.0 }].map(|value| {
                let attack = spec(method.id).build(&Settings::new().with(setting, value)).unwrap();
                attack.configuration(&budget(method.norms[0], 0.5))
            });
            assert_ne!(before, after, "{}: {setting}", method.id);
        }
    }
}

#[test]
fn steps_that_cannot_reach_the_border_are_warned_of() {
    let short = Settings::new().with(Setting::Steps, 10.0).with(Setting::StepSize, 0.01);
    assert_eq!(
        spec("bim").warnings(&budget(Norm::Linf, 0.3), &short),
        ["bim: 10 steps of 0.01 reach 0.1 at most, less than epsilon 0.3"]
    );
    for method in methods() {
        for epsilon in [0.0, 0.05, 0.1, 0.3, 8.0 / 255.0] {
            assert!(spec(method.id).warnings(&budget(Norm::Linf, epsilon), &Settings::new()).is_empty());
        }
    }
}

#[test]
fn an_axis_that_is_a_setting_can_be_set() {
    for method in methods() {
        let setting = match method.axis {
            Axis::Epsilon | Axis::Minimum => continue,
            Axis::Confidence => Setting::Confidence,
            Axis::Severity => Setting::Severity,
        };
        assert!(method.settings.contains(&setting), "{}", method.id);
        let (unbounded, settings) = (Budget::unbounded(method.norms[0]), Settings::new().with(setting, 2.0));
        let set = spec(method.id).set_name(&unbounded, &settings);
        assert!(set.ends_with(if setting == Setting::Confidence { "@k2" } else { "@s2" }), "{set}");
    }
}

#[test]
fn every_method_is_described() {
    for method in methods() {
        assert!(!method.summary.is_empty() && !method.source.is_empty() && !method.norms.is_empty(), "{}", method.id);
    }
}

#[test]
fn controls_are_those_that_look_for_nothing() {
    let controls: Vec<&str> = methods().iter().filter(|method| method.is_control()).map(|method| method.id).collect();
    assert_eq!(
        controls,
        ["noise", "gaussian-noise", "blur", "contrast", "brightness", "binarize", "jpeg", "rescale", "translate"]
    );
}
