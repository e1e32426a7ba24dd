//! The claims as a document: for every dataset the paper, the networks trained by its recipe, and others.

use super::{Claim, Measured, Origin};

/// The claims as a document that says what they were measured on and how to measure them again. All of `measured` have the same claims
/// ([`Measured::check_beside`]); networks of one dataset and the paper's recipe are one column, that of the least seed.
pub(crate) fn markdown(measured: &[Measured]) -> String {
    let mut document = String::from(
        "# The paper's claims, measured\n\n\
         Wiyatno and Orchard, \"Style Memory: Making a Classifier Network Generative\" (2018), beside\n\n",
    );
    for one in measured {
        let Measured { command, model, model_sha256, dataset, split, images, seed, trained_with_seed, .. } = one;
        document.push_str(&format!(
            "- {} `{model}`, trained with seed {trained_with_seed}, on the {images} {split} images of `{dataset}`:\n  `{command}`\n  \
             (SHA-256 of the network {model_sha256}; seed {seed})\n",
            described(one.origin)
        ));
    }
    document.push_str(
        "\nWhere the paper shows examples, these are means over all images; where it gives no number, the criterion is ours. In brackets: the\n\
         95 % interval over images (of shares Wilson's, of AUROCs a score interval, of the rest a percentile bootstrap with 1,000 resamples),\n\
         and the same number of networks of other seeds. A claim *holds* if its criterion is met at both ends of the interval and by all seeds,\n\
         *does not hold* if it is met by none of these, and is else *undecided*.\n\n",
    );

    let groups = groups(measured);
    let mut head = String::from("| claim | criterion |");
    for group in &groups {
        let (dataset, column) = (&group.first.dataset, heading(group.first.origin));
        if group.opens_dataset {
            head.push_str(&format!(" `{dataset}`: paper |"));
        }
        head.push_str(&format!(" `{dataset}`: {column} | verdict |"));
    }
    let columns = head.matches('|').count() - 1;
    document.push_str(&format!("{head}\n|{}\n", "---|".repeat(columns)));
    for (line, claim) in measured.first().iter().flat_map(|one| one.claims.iter().enumerate()) {
        document.push_str(&format!("| {} | {} |", claim.claim, claim.criterion));
        for group in &groups {
            document.push_str(&group.cells(line));
        }
        document.push('\n');
    }
    document
}

/// A network and those that differ from it by their seed alone.
struct Group<'a> {
    first: &'a Measured,
    others: Vec<&'a Measured>,
    /// Whether it is the first of its dataset, which has the paper's column before it.
    opens_dataset: bool,
}

/// Datasets in the order in which they come, and in each the paper's recipe first, by seed.
fn groups(measured: &[Measured]) -> Vec<Group<'_>> {
    let place = |one: &Measured| {
        let dataset = measured.iter().position(|other| other.dataset == one.dataset);
        (dataset, one.origin != Origin::Paper, one.origin != Origin::Embedded, one.trained_with_seed)
    };
    let mut sorted: Vec<&Measured> = measured.iter().collect();
    sorted.sort_by_key(|one| place(one));
    let mut groups: Vec<Group> = Vec::new();
    for one in sorted {
        let opens_dataset = groups.last().is_none_or(|group| group.first.dataset != one.dataset);
        match groups.last_mut() {
            Some(group) if !opens_dataset && one.origin == Origin::Paper => group.others.push(one),
            _ => groups.push(Group { first: one, others: Vec::new(), opens_dataset }),
        }
    }
    groups
}

impl Group<'_> {
    /// What stands in its columns on a line.
    fn cells(&self, line: usize) -> String {
        let claim = |one: &Measured| one.claims.get(line).cloned();
        let Some(first) = claim(self.first) else { return String::new() };
        let others: Vec<(u64, f64)> =
            self.others.iter().filter_map(|one| Some((one.trained_with_seed, claim(one)?.decided_by?.value))).collect();
        let paper = if self.opens_dataset { format!(" {} |", first.paper) } else { String::new() };
        format!("{paper} {} | {} |", first.told(&others), verdict(&first, &others))
    }
}

fn verdict(claim: &Claim, others: &[(u64, f64)]) -> &'static str {
    let others: Vec<f64> = others.iter().map(|(_, value)| *value).collect();
    claim.decided_by.as_ref().map_or("", |estimate| estimate.verdict(&others).name())
}

fn described(origin: Origin) -> &'static str {
    match origin {
        Origin::Paper => "the network of the paper's recipe",
        Origin::Embedded => "our network",
        Origin::Other => "the network",
    }
}

fn heading(origin: Origin) -> &'static str {
    match origin {
        Origin::Paper => "its recipe",
        Origin::Embedded => "our network",
        Origin::Other => "measured",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::claims::{Estimate, Side, Unit};

    fn measured(dataset: &str, origin: Origin, seed: u64, claims: &[&str]) -> Measured {
        let value = 0.9 + seed as f64 / 100.0;
        let claim = |text: &&str| Claim {
            claim: (*text).into(),
            paper: "1 %".into(),
            ours: format!("2 % of {dataset}"),
            criterion: "more".into(),
            holds: Some(true),
            decided_by: Some(Estimate {
                quantity: String::new(),
                unit: Unit::Share,
                value,
                low: Some(value - 0.02),
                high: Some(value + 0.02),
                side: Side::Below,
                bound: 0.95,
            }),
            verdict: None,
        };
        Measured {
            command: format!("robust figures --claims --dataset {dataset}"),
            model: dataset.into(),
            model_sha256: "ab".into(),
            origin,
            trained_with_seed: seed,
            dataset: dataset.into(),
            split: "test".into(),
            images: 9,
            seed: 0,
            claims: claims.iter().map(claim).collect(),
        }
    }

    #[test]
    fn datasets_stand_side_by_side_and_seeds_in_one_column() {
        let claims = ["a", "b"];
        let document = markdown(&[
            measured("digits", Origin::Embedded, 0, &claims),
            measured("digits", Origin::Paper, 7, &claims),
            measured("letters", Origin::Embedded, 4, &claims),
            measured("digits", Origin::Paper, 0, &claims),
        ]);
        for line in [
            "| claim | criterion | `digits`: paper | `digits`: its recipe | verdict | `digits`: our network | verdict | `letters`: paper | \
             `letters`: our network | verdict |",
            "|---|---|---|---|---|---|---|---|---|---|",
            "| b | more | 1 % | 2 % of digits (88.00 to 92.00 %; seed 7: 97.00 %) | undecided | 2 % of digits (88.00 to 92.00 %) | holds \
             | 1 % | 2 % of letters (92.00 to 96.00 %) | undecided |",
            "  `robust figures --claims --dataset letters`",
        ] {
            assert!(document.lines().any(|found| found == line), "{line} in\n{document}");
        }
        assert_eq!(document.lines().filter(|line| line.starts_with("| ")).count(), 3);
    }

    #[test]
    fn other_claims_do_not_stand_beside_these() {
        let measured = |dataset, claims: &[&str]| measured(dataset, Origin::Other, 0, claims);
        let ours = measured("digits", &["a", "b"]);
        measured("letters", &["a", "b"]).check_beside(&ours).unwrap();
        for (claims, found) in [(&["a", "c"][..], "Some(\"c\") where Some(\"b\")"), (&["a"], "None where Some(\"b\")")]
        {
            let message = measured("letters", claims).check_beside(&ours).unwrap_err().to_string();
            assert!(message.contains(found), "{message}");
        }
    }
}
