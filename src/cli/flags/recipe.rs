//! Flags of `robust train` that change single values of a preset.

use clap::Args;

use super::names;
use super::number::{non_negative, positive, share, sigma};
use crate::training::{Configuration, Preset, Schedule, Sigma};

/// A preset, and what to do otherwise.
#[derive(Debug, Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct RecipeFlags {
    /// default, or paper: the recipe of Wiyatno and Orchard 2018
    #[arg(long, value_name = "NAME", default_value = "default", value_parser = names::preset)]
    preset: Preset,
    /// Passes over the training images [default: 30; paper: 250]
    #[arg(long, value_name = "N", value_parser = positive)]
    epochs: Option<usize>,
    /// Images per optimiser step [default: 128]
    #[arg(long, value_name = "N", value_parser = positive)]
    batch_size: Option<usize>,
    /// Adam's learning rate, or the peak of its one-cycle schedule [default: 0.001; paper: 0.00001]
    #[arg(long, value_name = "A", value_parser = non_negative)]
    learning_rate: Option<f64>,
    /// How the learning rate moves: constant, or one-cycle, up to its peak and down to nothing [default: one-cycle; paper: constant]
    #[arg(long, value_name = "NAME", value_parser = names::schedule)]
    schedule: Option<Schedule>,
    /// Standard deviation of the noise on the encoder's input, or the range to draw it from per image, such as 0..0.3 [default: 0.1]
    #[arg(long, value_name = "S|LOW..HIGH", value_parser = sigma)]
    sigma: Option<Sigma>,
    /// How much the images turn and shift, in shares of 15 degrees and 2 pixels [default: 0.5; paper: 0]
    #[arg(long, value_name = "A", value_parser = non_negative)]
    augment: Option<f64>,
    /// Mirror every other image, left for right: for photographs, not for letters
    #[arg(long)]
    mirror: bool,
    /// Show as many images of every class in an epoch, those of rare ones again and again
    #[arg(long)]
    balance: bool,
    /// Train a small second network beside it, on the same images, for the detector second-opinion
    #[arg(long)]
    second: bool,
    /// Share of the images that are drawn from the true label, not from the softmax [default: 1; paper: 0]
    #[arg(long, value_name = "RATE", value_parser = share)]
    one_hot: Option<f64>,
    /// Weight of the reconstruction error in the loss [default: 0.05]
    #[arg(long, value_name = "W", value_parser = non_negative)]
    alpha: Option<f64>,
    /// Weight of the label swap: an image drawn under a wrong label should be classified as that [default: 0.5; paper: 0]
    #[arg(long, value_name = "W", value_parser = non_negative)]
    swap: Option<f64>,
    /// Weight of the style's consistency: the drawing under the wrong label should keep the style [default: 0]
    #[arg(long, value_name = "W", value_parser = non_negative)]
    style_consistency: Option<f64>,
    /// Weight of the contrast: the wrong label should explain the image worse than the true one [default: 0]
    #[arg(long, value_name = "W", value_parser = non_negative)]
    contrast: Option<f64>,
}

impl RecipeFlags {
    /// What they ask for.
    pub(crate) fn configuration(&self, seed: u64) -> Configuration {
        let mut recipe = Configuration::new(self.preset, seed);
        recipe.epochs = self.epochs.unwrap_or(recipe.epochs);
        recipe.batch_size = self.batch_size.unwrap_or(recipe.batch_size);
        recipe.mirror = self.mirror;
        recipe.balance = self.balance;
        recipe.second = self.second;
        recipe.schedule = self.schedule.unwrap_or(recipe.schedule);
        recipe.sigma = self.sigma.unwrap_or(recipe.sigma);
        for (asked, value) in [
            (self.learning_rate, &mut recipe.learning_rate),
            (self.augment, &mut recipe.augment),
            (self.one_hot, &mut recipe.one_hot_share),
            (self.alpha, &mut recipe.loss.alpha),
            (self.swap, &mut recipe.loss.swap),
            (self.style_consistency, &mut recipe.loss.style_consistency),
            (self.contrast, &mut recipe.loss.contrast),
        ] {
            *value = asked.unwrap_or(*value);
        }
        recipe
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::dispatch::Arguments;

    #[test]
    fn help_names_the_presets_values() {
        let command = Arguments::command();
        let train = command.find_subcommand("train").unwrap();
        let [default, paper] = [Preset::Default, Preset::Paper].map(|preset| Configuration::new(preset, 0));
        let values = |recipe: &Configuration| {
            [
                ("epochs", recipe.epochs.to_string()),
                ("batch_size", recipe.batch_size.to_string()),
                ("learning_rate", recipe.learning_rate.to_string()),
                ("schedule", recipe.schedule.to_string()),
                ("sigma", recipe.sigma.to_string()),
                ("augment", recipe.augment.to_string()),
                ("one_hot", recipe.one_hot_share.to_string()),
                ("alpha", recipe.loss.alpha.to_string()),
                ("swap", recipe.loss.swap.to_string()),
                ("style_consistency", recipe.loss.style_consistency.to_string()),
                ("contrast", recipe.loss.contrast.to_string()),
            ]
        };
        for ((id, default), (_, paper)) in values(&default).into_iter().zip(values(&paper)) {
            let help =
                train.get_arguments().find(|argument| argument.get_id() == id).unwrap().get_help().unwrap().to_string();
            let (_, stated) = help.rsplit_once("[default: ").unwrap();
            let stated = stated.trim_end_matches(']');
            let expected = if default == paper { default } else { format!("{default}; paper: {paper}") };
            assert_eq!(stated.split(", ").next(), Some(&*expected), "--{id}");
        }
    }
}
