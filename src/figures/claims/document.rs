//! The claims as a document, with columns for every dataset that they were measured on.

use super::Measured;

/// The claims as a document that says what they were measured on and how to measure them again. All of `measured` have the same claims
/// ([`Measured::check_beside`]).
#[must_use]
pub fn markdown(measured: &[Measured]) -> String {
    let mut document = String::from(
        "# The paper's claims, measured\n\n\
         Wiyatno and Orchard, \"Style Memory: Making a Classifier Network Generative\" (2018), beside\n\n",
    );
    for Measured { command, model, model_sha256, dataset, split, images, seed, .. } in measured {
        document.push_str(&format!(
            "- the network `{model}` on the {images} {split} images of `{dataset}`:\n  `{command}`\n  (SHA-256 of the network {model_sha256}; seed {seed})\n"
        ));
    }
    document.push_str(
        "\nWhere the paper shows examples, these are means over all images; where it gives no number, the criterion is ours.\n\n",
    );

    let datasets = measured.iter().map(|one| format!(" paper, `{0}` | measured, `{0}` | holds |", one.dataset));
    document.push_str(&format!("| claim | holds if |{}\n", datasets.collect::<String>()));
    document.push_str(&format!("|---|---|{}\n", "---|---|---|".repeat(measured.len())));
    for (line, claim) in measured.first().iter().flat_map(|one| one.claims.iter().enumerate()) {
        let cells = measured.iter().filter_map(|one| one.claims.get(line));
        let cells = cells.map(|claim| format!(" {} | {} | {} |", claim.paper, claim.ours, claim.verdict()));
        document.push_str(&format!("| {} | {} |{}\n", claim.claim, claim.criterion, cells.collect::<String>()));
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::claims::Claim;

    fn measured(dataset: &str, claims: &[&str]) -> Measured {
        let claim = |text: &&str| Claim::new(text, "1 %", format!("2 % of {dataset}"), "more", Some(true));
        Measured {
            command: format!("robust figures --claims --dataset {dataset}"),
            model: dataset.into(),
            model_sha256: "ab".into(),
            dataset: dataset.into(),
            split: "test".into(),
            images: 9,
            seed: 0,
            claims: claims.iter().map(claim).collect(),
        }
    }

    #[test]
    fn datasets_stand_side_by_side() {
        let (digits, letters) = (measured("digits", &["a", "b"]), measured("letters", &["a", "b"]));
        let document = markdown(&[digits, letters]);
        for line in [
            "| claim | holds if | paper, `digits` | measured, `digits` | holds | paper, `letters` | measured, `letters` | holds |",
            "|---|---|---|---|---|---|---|---|",
            "| b | more | 1 % | 2 % of digits | yes | 1 % | 2 % of letters | yes |",
            "  `robust figures --claims --dataset letters`",
        ] {
            assert!(document.lines().any(|found| found == line), "{line} in\n{document}");
        }
        assert_eq!(document.lines().filter(|line| line.starts_with("| ")).count(), 3);
    }

    #[test]
    fn other_claims_do_not_stand_beside_these() {
        let ours = measured("digits", &["a", "b"]);
        assert_eq!(measured("letters", &["a", "b"]).check_beside(&ours), Ok(()));
        for (claims, found) in [(&["a", "c"][..], "Some(\"c\") where Some(\"b\")"), (&["a"], "None where Some(\"b\")")]
        {
            let message = measured("letters", claims).check_beside(&ours).unwrap_err().to_string();
            assert!(message.contains(found), "{message}");
        }
    }
}
