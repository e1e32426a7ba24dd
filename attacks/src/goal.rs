//! What the attacker wants: any wrong class, or one class in particular.

/// The goal of an attack, one class per image. The one place that knows the sign of the ascent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// Any prediction but the label.
    Untargeted {
        /// The true class of each image, `(B)`.
        labels: Vec<u32>,
    },
    /// This prediction and no other.
    Targeted {
        /// The wanted class of each image, `(B)`.
        classes: Vec<u32>,
    },
    /// Any prediction but the label, searched for in the direction of one class: what
    /// [`TargetedEach`](crate::TargetedEach) asks of an attack. Success is judged by the label, the loss by the class.
    Toward {
        /// The true class of each image, `(B)`.
        labels: Vec<u32>,
        /// The class that each image is driven to, `(B)`.
        classes: Vec<u32>,
    },
}

impl Goal {
    /// The class that each image's loss is about: the label to leave, or the target to reach.
    #[must_use]
    pub fn classes(&self) -> &[u32] {
        match self {
            Self::Untargeted { labels } => labels,
            Self::Targeted { classes } | Self::Toward { classes, .. } => classes,
        }
    }

    /// The sign that turns the loss of [`classes`](Self::classes) into what the attacker climbs: 1 away from a label, -1
    /// towards a target.
    #[must_use]
    pub fn sign(&self) -> f64 {
        match self {
            Self::Untargeted { .. } => 1.0,
            Self::Targeted { .. } | Self::Toward { .. } => -1.0,
        }
    }

    /// Whether each prediction is what the attacker wants.
    #[must_use]
    pub fn reached(&self, predictions: &[u32]) -> Vec<bool> {
        let (wanted, classes) = match self {
            Self::Untargeted { labels } | Self::Toward { labels, .. } => (false, labels),
            Self::Targeted { classes } => (true, classes),
        };
        classes.iter().zip(predictions).map(|(class, prediction)| (class == prediction) == wanted).collect()
    }

    /// The goal of some images of the batch, by position.
    #[must_use]
    pub(crate) fn select(&self, images: &[usize]) -> Self {
        let chosen = |classes: &[u32]| images.iter().map(|&image| classes[image]).collect();
        match self {
            Self::Untargeted { labels } => Self::Untargeted { labels: chosen(labels) },
            Self::Targeted { classes } => Self::Targeted { classes: chosen(classes) },
            Self::Toward { labels, classes } => Self::Toward { labels: chosen(labels), classes: chosen(classes) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Goal;

    #[test]
    fn reached_means_left_the_label_or_met_the_target() {
        let (labels, predictions) = (vec![3, 1, 4], [3, 2, 4]);
        assert_eq!(Goal::Untargeted { labels: labels.clone() }.reached(&predictions), [false, true, false]);
        assert_eq!(Goal::Targeted { classes: labels.clone() }.reached(&predictions), [true, false, true]);
        assert_eq!(Goal::Toward { labels, classes: vec![0, 0, 4] }.reached(&predictions), [false, true, false]);
    }
}
