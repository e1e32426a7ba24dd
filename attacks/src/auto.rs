//! An ensemble without knobs, in the manner of AutoAttack (Croce and Hein 2020, arXiv:2003.01690, section 5): what it leaves
//! standing is the robust accuracy to report.
//!
//! Auto-PGD on the cross-entropy; Auto-PGD on the targeted ratio of logits, then the fast adaptive boundary attack, both
//! towards each of the nine likeliest wrong classes; then Square, each on the images that those before have not fooled.

use crate::{Apgd, Cascade, Fab, Norm, Square, TargetedEach};

/// Steps of each attack but Square, and classes to aim for, as AutoAttack; so are Square's 5,000 queries, its default.
const STEPS: usize = 100;
const CLASSES: usize = 9;

/// The ensemble under a norm; FAB and Square know no L1 here, and are left out there.
#[must_use]
pub fn auto(norm: Norm) -> Cascade {
    let cross_entropy = Apgd { early_stop: true, ..Apgd::cross_entropy(STEPS) };
    let targeted = Apgd { early_stop: true, name: "apgd-t", ..Apgd::dlr(STEPS) };
    let targeted = TargetedEach { attack: targeted, classes: CLASSES };
    let mut cascade = Cascade { name: "auto", attacks: vec![Box::new(cross_entropy), Box::new(targeted)] };
    if norm != Norm::L1 {
        let boundary = Fab { steps: STEPS, restarts: 1 };
        cascade.attacks.push(Box::new(TargetedEach { attack: boundary, classes: CLASSES }));
        cascade.attacks.push(Box::new(Square::default()));
    }
    cascade
}
