//! What stands below each command's help: commands that people begin with.

pub(crate) const ALL: &str = "\
Examples:
  robust attack --method bim          Attack 10,000 digits with BIM
  robust list                         What there is to attack and detect with

`robust COMMAND --help` has the flags of each.";
pub(crate) const TRAIN: &str = "\
Examples:
  robust train --dataset photos --epochs 10 --out trained
  robust train --dataset photos --out trained --resume";
pub(crate) const ATTACK: &str = "\
Examples:
  robust attack --method bim --epsilon 0.1,0.3
  robust attack --model own.onnx --dataset images --method apgd --spread 200";
pub(crate) const DETECT: &str = "\
Examples:
  robust detect --method fgsm,bim --epsilon 0.2 --limit 1000
  robust detect --input scans photo.png --jsonl --fail-on-flagged";
pub(crate) const FIGURES: &str = "\
Examples:
  robust figures --figure 3,9
  robust figures --claims --out claims";
pub(crate) const REPORT: &str = "\
Examples:
  robust report reports
  robust report digits letters --out both.html";
pub(crate) const EVALUATE: &str = "\
Examples:
  robust evaluate --limit 200 --out evaluated
  robust evaluate --method bim,square --epsilon 0.1,0.2 --limit 200";
pub(crate) const MERGE: &str = "\
Examples:
  robust merge shard-1 shard-2 shard-3 --out whole
  robust merge runs/* --out whole --mixed";
pub(crate) const EXPLORE: &str = "\
Examples:
  robust explore
  robust explore --model fashion-mnist --dataset fashion-mnist --port 8000";
pub(crate) const EXPORT: &str = "\
Examples:
  robust export reports --vnnlib
  robust export evaluated --vnnlib --out instances";
pub(crate) const INSPECT: &str = "\
Examples:
  robust inspect --model own.onnx --dataset images
  robust inspect --model own.onnx --dataset images --save";
pub(crate) const LIST: &str = "\
Examples:
  robust list
  robust list bim";
pub(crate) const COMPLETIONS: &str = "\
Examples:
  robust completions bash > ~/.local/share/bash-completion/completions/robust
  robust completions fish > ~/.config/fish/completions/robust.fish";
pub(crate) const MAN: &str = "\
Examples:
  robust man > robust.1
  robust man attack > robust-attack.1";

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use crate::cli::dispatch::Arguments;

    #[test]
    fn every_help_fits_80_columns_and_ends_with_two_commands_that_are_understood() {
        let mut whole = Arguments::command().term_width(80);
        whole.build();
        let names: Vec<String> = whole.get_subcommands().map(|command| command.get_name().to_owned()).collect();
        for name in names.iter().filter(|name| *name != "help") {
            let help = whole.find_subcommand_mut(name).unwrap().render_long_help().to_string();
            let wide: Vec<&str> = help.lines().filter(|line| line.chars().count() > 80).collect();
            assert!(wide.is_empty(), "{name}: {wide:?}");
            let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("{name} has no examples"));
            let examples: Vec<&str> = examples.lines().map(|line| line.split('>').next().unwrap_or_default()).collect();
            assert_eq!(examples.len(), 2, "{name}: {examples:?}");
            for example in examples {
                let arguments = Arguments::try_parse_from(example.split_whitespace());
                assert!(example.starts_with(&format!("  robust {name}")), "{example}");
                assert!(arguments.is_ok(), "{example}: {}", arguments.err().unwrap());
            }
        }
        let help = whole.render_long_help().to_string();
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    }
}
