//! What the paper leaves open.

use anyhow::Result;

use super::Claim;
use super::verdict::{number, percents, unmeasured};
use crate::study::Study;
use crate::study::measure::{Neighbourhood, Neighbourhoods, Shape, mean, share, strongest};
use crate::words::listed;

/// The answers measured.
pub(super) fn questions(study: &Study) -> Result<[Claim; 6]> {
    Ok([correction(study)?, class_of_styles(study)?, path(study)?, transfer(study)?, generic(study)?, neurons(study)?])
}

fn correction(study: &Study) -> Result<Claim> {
    let nearer = share(study.corrections()?, |found| found.error_corrected < found.error_predicted);
    let answer = format!("it is for {}", percents(nearer));
    Ok(Claim::question("is the corrected drawing of a misclassified image nearer to the image?", answer))
}

fn class_of_styles(study: &Study) -> Result<Claim> {
    let found = study.neighbourhoods()?;
    let voted = |all: &[Neighbourhood]| {
        let votes: Vec<bool> = all.iter().zip(&study.gallery.labels).map(|(one, &label)| one.vote == label).collect();
        percents(share(&votes, |&right| right))
    };
    let answer = format!(
        "the {} nearest of all others vote right for {} by style and for {} by pixels; by chance for {}",
        Neighbourhoods::VOTERS,
        voted(&found.styles.sums),
        voted(&found.images.sums),
        percents(Some(1.0 / study.gallery.classes() as f64))
    );
    Ok(Claim::question("how much does the style alone say of the class?", answer))
}

fn path(study: &Study) -> Result<Claim> {
    let walks = study.walks()?;
    let answer = format!(
        "by at most {} of the distance of its ends, on average; on the line itself {} of the frames are classified as the class",
        percents(mean(walks.iter().map(|walk| walk.path.largest_deviation()))),
        percents(mean(walks.iter().map(|walk| walk.straight.accepted())))
    );
    Ok(Claim::question("how far does an interpolation leave the straight line in image space?", answer))
}

fn transfer(study: &Study) -> Result<Claim> {
    let transfer = study.transfer()?;
    let answer = format!(
        "{} of the drawings are; under the own label {}",
        percents(transfer.rate_across()),
        percents(transfer.rate_within())
    );
    Ok(Claim::question("is a style drawn under the label of another class accepted as that class?", answer))
}

/// What a classifier run backwards without a style can draw: one image per class.
fn generic(study: &Study) -> Result<Claim> {
    let (generics, gallery) = (study.generics()?, &study.gallery);
    let name = |class: u32| gallery.name(class);
    let others: Vec<String> = generics
        .iter()
        .filter(|generic| generic.seen.0 != generic.label)
        .map(|generic| format!("{} as {}", name(generic.label), name(generic.seen.0)))
        .collect();
    let others = if others.is_empty() { String::new() } else { format!(" ({})", listed(others)) };
    let answer = format!(
        "{} of {} such drawings are classified as their class{others}; their error is {}, that of drawings in the images' own styles {}",
        generics.iter().filter(|generic| generic.seen.0 == generic.label).count(),
        generics.len(),
        number(mean(study.generic_errors()?.iter().copied()), 2),
        number(Some(gallery.mean_error()), 2)
    );
    Ok(Claim::question(
        "can a class be drawn in its mean style, as bidirectional backpropagation draws its generic sample?",
        answer,
    ))
}

fn neurons(study: &Study) -> Result<Claim> {
    let question = |answer| Claim::question("what do the style neurons stand for?", answer);
    let Some(neurons) = study.neurons()? else { return Ok(question(unmeasured(study))) };
    let strongest = Shape::NAMES.iter().enumerate().filter_map(|(q, name)| {
        let (neuron, correlation) = strongest(neurons, q)?;
        Some(format!("{name} m{} {correlation:+.2}", neuron + 1))
    });
    let answer = format!("strongest correlations within classes: {}", listed(strongest));
    Ok(question(answer))
}
