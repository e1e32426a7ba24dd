//! The claims as a document.

use super::Claim;
use crate::report::RunInfo;

/// The claims as a document that says what they were measured on and how to measure them again.
#[must_use]
pub fn markdown(claims: &[Claim], run: &RunInfo, command: &str) -> String {
    let mut document = format!(
        "# The paper's claims, measured\n\n\
         Wiyatno and Orchard, \"Style Memory: Making a Classifier Network Generative\" (2018), beside the network `{}` on the {} {} images of\n\
         `{}`. Where the paper shows examples, these are means over all images; where it gives no number, the criterion is ours.\n\n\
         `{command}` writes this file and `claims.csv`. Network: SHA-256 {}; seed {}.\n\n",
        run.model, run.images, run.split, run.dataset, run.model_sha256, run.seed,
    );
    document.push_str("| claim | paper | measured | holds if | holds |\n|---|---|---|---|---|\n");
    for claim in claims {
        let Claim { claim: text, paper, ours, criterion, .. } = claim;
        document.push_str(&format!("| {text} | {paper} | {ours} | {criterion} | {} |\n", claim.verdict()));
    }
    document
}
