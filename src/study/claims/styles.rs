//! What the styles are like: figures 7 to 11.

use anyhow::Result;

use super::claim::Asked;
use super::paper::Paper;
use super::verdict::{number, percents};
use super::{Claim, Side, Unit};
use crate::study::Study;
use crate::study::measure::{Neighbourhood, mean, mean_with_interval, share};

/// Figures 7 and 8.
pub(super) fn neighbours(study: &Study, paper: &Paper) -> Result<[Claim; 3]> {
    let found = study.neighbourhoods()?;
    let means = |value: fn(&Neighbourhood) -> f64| {
        (mean(found.images.sums.iter().map(value)), mean(found.styles.sums.iter().map(value)))
    };
    let (same, images, styles) =
        (means(|one| one.same_class as f64), means(|one| one.image_distance), means(|one| one.style_distance));
    let queries: Vec<(&Neighbourhood, &Neighbourhood)> = found.images.sums.iter().zip(&found.styles.sums).collect();
    let fewer = share(&queries, |(in_images, in_styles)| in_styles.same_class < in_images.same_class);
    // By how much more it is in style space, and how sure that is.
    let more = |value: fn(&Neighbourhood) -> f64| {
        let more: Vec<f64> = queries.iter().map(|(in_images, in_styles)| value(in_styles) - value(in_images)).collect();
        mean_with_interval(&more, study.seed)
    };
    let asked = |claim, paper, criterion, side| Asked {
        claim,
        paper,
        criterion,
        quantity: "difference",
        unit: Unit::Number,
        side,
        bound: 0.0,
    };
    let measured = |asked: Asked, ours, (value, interval)| asked.measured(ours, value, interval);
    Ok([
        measured(
            asked(
                "fewer of the nearest neighbours are of the image's class in style space than in image space",
                paper.same_class,
                "fewer on average",
                Side::Below,
            ),
            format!(
                "{} to {} of {}, mean of all queries; fewer for {}",
                number(same.0, 1),
                number(same.1, 1),
                found.count(),
                percents(fewer)
            ),
            more(|one| one.same_class as f64),
        ),
        measured(
            asked(
                "neighbours in style space are farther in image space (so by construction)",
                paper.figures[2],
                "farther on average",
                Side::Above,
            ),
            format!("mean image distance {} to {}", number(images.0, 2), number(images.1, 2)),
            more(|one| one.image_distance),
        ),
        measured(
            asked("and nearer in style space (so by construction)", paper.figures[2], "nearer on average", Side::Below),
            format!("mean style distance {} to {}", number(styles.0, 3), number(styles.1, 3)),
            more(|one| one.style_distance),
        ),
    ])
}

/// Figures 9 to 11.
pub(super) fn interpolation(study: &Study, paper: &Paper) -> Result<[Claim; 2]> {
    let walks = study.walks()?;
    let uneven: Vec<f64> = walks.iter().filter_map(|walk| walk.path.unevenness()).collect();
    let accepted: Vec<f64> = walks.iter().map(|walk| walk.style.accepted()).collect();
    let largest = uneven.iter().copied().reduce(f64::max);
    let (unevenness, interval) = mean_with_interval(&uneven, study.seed);
    let smooth = Asked {
        claim: "style interpolation is smooth",
        paper: paper.figures[3],
        criterion: "below 2 on average",
        quantity: "on average",
        unit: Unit::Number,
        side: Side::Below,
        bound: 2.0,
    };
    let ours =
        format!("largest of ten steps over the mean step of {} pairs: {} at worst", walks.len(), number(largest, 2));
    let smooth = smooth.measured(ours, unevenness, interval);
    let (share, interval) = mean_with_interval(&accepted, study.seed);
    let stays = Asked {
        claim: "and stays within the class",
        paper: paper.figures[3],
        criterion: "at least 95 %",
        quantity: "",
        unit: Unit::Share,
        side: Side::AtLeast,
        bound: 0.95,
    };
    let stays = stays.measured(format!("{} of the frames are classified as it", percents(share)), share, interval);
    Ok([smooth, stays])
}
