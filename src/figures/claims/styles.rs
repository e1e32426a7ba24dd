//! What the styles are like: figures 7 to 11.

use anyhow::Result;

use super::Claim;
use super::number::{number, percents};
use super::paper::Paper;
use crate::figures::Study;
use crate::figures::measure::{Neighbourhood, Walk, mean, share};

/// Figures 7 and 8.
pub(super) fn neighbours(study: &Study, paper: &Paper) -> Result<[Claim; 3]> {
    let found = study.neighbourhoods()?;
    let means = |value: fn(&Neighbourhood) -> f64| {
        (mean(found.in_images.iter().map(value)), mean(found.in_styles.iter().map(value)))
    };
    let (same, images, styles) =
        (means(|one| one.same_class as f64), means(|one| one.image_distance), means(|one| one.style_distance));
    let queries: Vec<(&Neighbourhood, &Neighbourhood)> = found.in_images.iter().zip(&found.in_styles).collect();
    let fewer = share(&queries, |(in_images, in_styles)| in_styles.same_class < in_images.same_class);
    let below = |(a, b): (Option<f64>, Option<f64>)| Some(a? < b?);
    let swap = |(a, b): (Option<f64>, Option<f64>)| (b, a);
    Ok([
        Claim::new(
            "fewer of the nearest neighbours are of the image's class in style space than in image space",
            paper.same_class,
            format!(
                "{} to {} of {}, mean of all queries; fewer for {}",
                number(same.0, 1),
                number(same.1, 1),
                found.count(),
                percents(fewer)
            ),
            "fewer on average",
            below(swap(same)),
        ),
        Claim::new(
            "neighbours in style space are farther in image space (so by construction)",
            paper.figures[2],
            format!("mean image distance {} to {}", number(images.0, 2), number(images.1, 2)),
            "farther on average",
            below(images),
        ),
        Claim::new(
            "and nearer in style space (so by construction)",
            paper.figures[2],
            format!("mean style distance {} to {}", number(styles.0, 3), number(styles.1, 3)),
            "nearer on average",
            below(swap(styles)),
        ),
    ])
}

/// Figures 9 to 11.
pub(super) fn interpolation(study: &Study, paper: &Paper) -> Result<[Claim; 2]> {
    let walks = study.walks()?;
    let uneven: Vec<f64> = walks.iter().filter_map(|walk| walk.path.unevenness()).collect();
    let (average, largest) = (mean(uneven.iter().copied()), uneven.iter().copied().reduce(f64::max));
    let accepted = mean(walks.iter().map(Walk::accepted));
    Ok([
        Claim::new(
            "style interpolation is smooth",
            paper.figures[3],
            format!(
                "largest of ten steps over the mean step: {} on average of {} pairs, {} at worst",
                number(average, 2),
                walks.len(),
                number(largest, 2)
            ),
            "below 2 on average",
            average.map(|average| average < 2.0),
        ),
        Claim::new(
            "and stays within the class",
            paper.figures[3],
            format!("{} of the frames are classified as it", percents(accepted)),
            "at least 95 %",
            accepted.map(|accepted| accepted >= 0.95),
        ),
    ])
}
