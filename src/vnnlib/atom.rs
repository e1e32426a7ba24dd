//! [`Atom`]: a comparison of two linear terms, of inputs or of outputs.

use std::collections::BTreeMap;

use super::expression::Expression;

/// `sum of factors times variables + constant <= 0`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Atom {
    pub(super) of_outputs: bool,
    /// Factor of each variable, by its number.
    pub(super) factors: BTreeMap<usize, f64>,
    pub(super) constant: f64,
}

/// A linear term.
#[derive(Default)]
struct Linear {
    inputs: BTreeMap<usize, f64>,
    outputs: BTreeMap<usize, f64>,
    constant: f64,
}

impl Atom {
    /// A comparison `(<= a b)` or `(>= a b)`.
    ///
    /// # Errors
    /// It is none, not linear, or of inputs and outputs together.
    pub(super) fn of(relation: &str, operands: &[Expression]) -> Result<Self, String> {
        let [a, b] = operands else { return Err(format!("{relation} of {} terms, expected two", operands.len())) };
        let (less, more) = if relation == ">=" { (b, a) } else { (a, b) };
        let mut sum = Linear::default();
        sum.add(less, 1.0)?;
        sum.add(more, -1.0)?;
        let Linear { inputs, outputs, constant } = sum;
        match (inputs.is_empty(), outputs.is_empty()) {
            (false, false) => Err("a comparison of inputs with outputs, which is not supported".to_owned()),
            (true, true) => Err("a comparison without any X or Y".to_owned()),
            (is_of_outputs, _) => {
                let factors = if is_of_outputs { outputs } else { inputs };
                Ok(Self { of_outputs: is_of_outputs, factors, constant })
            }
        }
    }
}

impl Linear {
    /// Adds so many times a term.
    fn add(&mut self, term: &Expression, times: f64) -> Result<(), String> {
        match term {
            Expression::Word(word) => match (variable(word, "X_"), variable(word, "Y_"), word.parse::<f64>()) {
                (Some(input), _, _) => *self.inputs.entry(input).or_default() += times,
                (_, Some(output), _) => *self.outputs.entry(output).or_default() += times,
                (_, _, Ok(number)) if number.is_finite() => self.constant += times * number,
                _ => return Err(format!("found {word:?}, expected X_i, Y_i or a number")),
            },
            Expression::List(parts) => match &parts[..] {
                [Expression::Word("+"), terms @ ..] => terms.iter().try_for_each(|term| self.add(term, times))?,
                [Expression::Word("-"), term] => self.add(term, -times)?,
                [Expression::Word("-"), term, others @ ..] => {
                    self.add(term, times)?;
                    others.iter().try_for_each(|term| self.add(term, -times))?;
                }
                [Expression::Word("*"), Expression::Word(number), term]
                | [Expression::Word("*"), term, Expression::Word(number)]
                    if number.parse::<f64>().is_ok_and(f64::is_finite) =>
                {
                    self.add(term, times * number.parse::<f64>().unwrap_or_default())?;
                }
                _ => return Err("a term that is not linear".to_owned()),
            },
        }
        Ok(())
    }
}

/// The number of a variable.
pub(super) fn variable(word: &str, prefix: &str) -> Option<usize> {
    let digits = word.strip_prefix(prefix)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}
