//! [`Instance`]: what a VNN-LIB file asks of a network.

use std::path::{Path, PathBuf};

use robust_data::read_file;

use super::atom::{Atom, variable};
use super::expression::{Expression, expressions};

/// Bytes of a file at most: a box of a million inputs has room.
const LARGEST: u64 = 1 << 28;
/// Inputs and outputs at most.
const VARIABLES: usize = 1 << 22;
/// Cases at most, of which several are alternatives.
const CASES: usize = 1 << 12;

/// An instance: the property is violated where any of its cases is met.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// How many inputs there are.
    pub inputs: usize,
    /// How many outputs.
    pub outputs: usize,
    /// At least one.
    pub cases: Vec<Case>,
}

/// A box of inputs, and comparisons of outputs that hold together where the property is violated.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Least value of each input.
    pub low: Vec<f64>,
    /// Largest value of each input.
    pub high: Vec<f64>,
    /// Each as factors of outputs, by their numbers, and a constant: `sum + constant <= 0`.
    pub outputs: Vec<(Vec<(usize, f64)>, f64)>,
}

/// A file that is no instance.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}; expected an instance of VNN-LIB: a box of inputs X_i, and comparisons of outputs Y_i", path.display())]
pub struct VnnlibError {
    /// The file.
    pub path: PathBuf,
    /// What was found.
    pub reason: String,
}

impl Instance {
    /// Reads a file.
    ///
    /// # Errors
    /// [`VnnlibError`], also if an input has no lower or upper bound.
    pub fn read(path: &Path) -> Result<Self, VnnlibError> {
        let wrong = |reason: String| VnnlibError { path: path.to_owned(), reason };
        let bytes = read_file(path, LARGEST).map_err(|error| wrong(error.to_string()))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| wrong("not text".to_owned()))?;
        Self::of(text).map_err(wrong)
    }

    /// Brings the inputs into another order: input `i` of the result is input `order[i]` of the file.
    ///
    /// # Errors
    /// There are not as many inputs.
    pub fn reorder(&mut self, order: &[usize]) -> Result<(), String> {
        if order.len() != self.inputs || order.iter().any(|&at| at >= self.inputs) {
            return Err(format!("the instance has {} inputs, and the network takes {}", self.inputs, order.len()));
        }
        for case in &mut self.cases {
            case.low = order.iter().map(|&at| case.low[at]).collect();
            case.high = order.iter().map(|&at| case.high[at]).collect();
        }
        Ok(())
    }

    fn of(text: &str) -> Result<Self, String> {
        let (mut inputs, mut outputs) = (0, 0);
        let mut alternatives: Vec<Vec<Atom>> = vec![Vec::new()];
        for expression in &expressions(text)? {
            let Expression::List(parts) = expression else { return Err("a word outside of all brackets".to_owned()) };
            match &parts[..] {
                [Expression::Word("declare-const"), Expression::Word(name), Expression::Word("Real")] => {
                    let count = match (variable(name, "X_"), variable(name, "Y_")) {
                        (Some(number), _) if number == inputs => &mut inputs,
                        (_, Some(number)) if number == outputs => &mut outputs,
                        _ => return Err(format!("{name:?} is declared, expected X_{inputs} or Y_{outputs}")),
                    };
                    *count += 1;
                    if *count > VARIABLES {
                        return Err(format!("more than {VARIABLES} variables"));
                    }
                }
                [Expression::Word("assert"), assertion] => alternatives = both(alternatives, cases(assertion)?)?,
                _ => return Err("an expression that is neither declare-const nor assert".to_owned()),
            }
        }
        if inputs == 0 || outputs == 0 {
            return Err(format!("{inputs} inputs and {outputs} outputs are declared"));
        }
        let cases = alternatives.into_iter().map(|atoms| case(&atoms, inputs, outputs)).collect::<Result<_, _>>()?;
        Ok(Self { inputs, outputs, cases })
    }
}

/// The alternatives of an assertion, each the comparisons that hold together.
fn cases(assertion: &Expression) -> Result<Vec<Vec<Atom>>, String> {
    let Expression::List(parts) = assertion else { return Err("an assertion without brackets".to_owned()) };
    match &parts[..] {
        [Expression::Word(relation @ ("<=" | ">=")), operands @ ..] => Ok(vec![vec![Atom::of(relation, operands)?]]),
        [Expression::Word("and"), all @ ..] => {
            all.iter().try_fold(vec![Vec::new()], |alternatives, one| both(alternatives, cases(one)?))
        }
        [Expression::Word("or"), all @ ..] => {
            let mut alternatives = Vec::new();
            for one in all {
                alternatives.extend(cases(one)?);
                few(alternatives.len())?;
            }
            if alternatives.is_empty() { Err("0 alternatives".to_owned()) } else { Ok(alternatives) }
        }
        [Expression::Word(word), ..] => Err(format!("an assertion that begins with {word:?}")),
        _ => Err("an assertion that begins with a bracket, or with nothing".to_owned()),
    }
}

/// What holds where both hold. Most assertions have one alternative, and a box has many of these.
fn both(mut a: Vec<Vec<Atom>>, mut b: Vec<Vec<Atom>>) -> Result<Vec<Vec<Atom>>, String> {
    few(a.len() * b.len())?;
    if let [b] = &mut b[..] {
        let (last, others) = a.split_last_mut().ok_or("0 alternatives")?;
        others.iter_mut().for_each(|a| a.extend_from_slice(b));
        last.append(b);
        return Ok(a);
    }
    Ok(a.iter().flat_map(|a| b.iter().map(move |b| [&a[..], b].concat())).collect())
}

/// Refuses too many alternatives.
fn few(alternatives: usize) -> Result<(), String> {
    if alternatives > CASES { Err(format!("more than {CASES} alternatives")) } else { Ok(()) }
}

/// The box and the comparisons of outputs among these.
fn case(atoms: &[Atom], inputs: usize, outputs: usize) -> Result<Case, String> {
    let (mut low, mut high) = (vec![f64::NEG_INFINITY; inputs], vec![f64::INFINITY; inputs]);
    let mut of_outputs = Vec::new();
    for Atom { of_outputs: is_of_outputs, factors, constant } in atoms {
        let known = if *is_of_outputs { outputs } else { inputs };
        if let Some(number) = factors.keys().find(|number| **number >= known) {
            return Err(format!("variable {number} is not declared"));
        }
        if *is_of_outputs {
            of_outputs.push((factors.iter().map(|(&number, &factor)| (number, factor)).collect(), *constant));
            continue;
        }
        let mut each = factors.iter();
        match (each.next(), each.next()) {
            // factor x + constant <= 0
            (Some((&input, &factor)), None) if factor != 0.0 => {
                let bound = -constant / factor;
                if factor > 0.0 { high[input] = high[input].min(bound) } else { low[input] = low[input].max(bound) }
            }
            _ => return Err("inputs that are compared with each other; only boxes are supported".to_owned()),
        }
    }
    let open = low.iter().zip(&high).position(|(low, high)| !(low.is_finite() && high.is_finite()));
    if let Some(input) = open {
        return Err(format!("X_{input} has no lower or no upper bound"));
    }
    if let Some(input) = low.iter().zip(&high).position(|(low, high)| low > high) {
        return Err(format!("X_{input} has a lower bound above its upper one"));
    }
    if of_outputs.is_empty() {
        return Err("a case without any comparison of outputs".to_owned());
    }
    Ok(Case { low, high, outputs: of_outputs })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: &str =
        "(declare-const X_0 Real) (declare-const X_1 Real)\n(declare-const Y_0 Real) (declare-const Y_1 Real) ; two
        (assert (<= X_0 0.5)) (assert (>= X_0 -0.25)) (assert (and (>= X_1 0) (<= (* 2.0 X_1) 3e0)))\n";

    #[test]
    fn boxes_and_comparisons_are_read() {
        let instance = Instance::of(&format!("{BOX}(assert (>= Y_1 Y_0))")).unwrap();
        let outputs = vec![(vec![(0, 1.0), (1, -1.0)], 0.0)];
        let case = Case { low: vec![-0.25, 0.0], high: vec![0.5, 1.5], outputs };
        assert_eq!(instance, Instance { inputs: 2, outputs: 2, cases: vec![case.clone()] });
        let either = Instance::of(&format!(
            "{BOX}(assert (or (and (>= Y_1 Y_0)) (and (<= X_0 0.1) (<= (+ Y_0 (* -2 Y_1) 1.5) 0))))"
        ));
        let other =
            Case { low: vec![-0.25, 0.0], high: vec![0.1, 1.5], outputs: vec![(vec![(0, 1.0), (1, -2.0)], 1.5)] };
        assert_eq!(either.unwrap().cases, [case, other]);
    }

    /// Work that grows with the square of the bounds would take hours.
    #[test]
    fn a_box_of_many_inputs_is_read() {
        let inputs = 100_000;
        let declared: String = (0..inputs).map(|at| format!("(declare-const X_{at} Real)\n")).collect();
        let bounds: String = (0..inputs).map(|at| format!("(assert (<= X_{at} 1))(assert (>= X_{at} 0))\n")).collect();
        let outputs = "(declare-const Y_0 Real)(assert (or (>= Y_0 1) (<= Y_0 -1)))";
        let instance = Instance::of(&format!("{declared}{outputs}{bounds}")).unwrap();
        let sizes: Vec<usize> = instance.cases.iter().map(|case| case.low.len()).collect();
        assert_eq!((instance.inputs, sizes), (inputs, vec![inputs; 2]));
    }

    #[test]
    fn what_is_no_instance_is_said() {
        for (text, found) in [
            ("", "0 inputs and 0 outputs"),
            ("(declare-const X_0 Real", "1 brackets that are not closed"),
            ("(declare-const X_0 Real))", "line 1: a bracket too many"),
            ("(declare-const X_1 Real)", "expected X_0 or Y_0"),
            ("(check-sat)", "neither declare-const nor assert"),
            (&format!("{BOX}(assert (<= Y_0 X_0))"), "inputs with outputs"),
            (&format!("{BOX}(assert (<= Y_0 (* Y_1 Y_1)))"), "not linear"),
            (&format!("{BOX}(assert (<= Y_0 1e999))"), "expected X_i, Y_i or a number"),
            (&format!("{BOX}(assert (<= Y_2 0))"), "variable 2 is not declared"),
            (&format!("{BOX}(assert (<= X_0 X_1)) (assert (<= Y_0 0))"), "only boxes"),
            (&format!("{BOX}(assert (>= X_0 0.6)) (assert (<= Y_0 0))"), "X_0 has a lower bound above"),
            (&format!("{BOX}(assert (xor (<= Y_0 0)))"), "begins with \"xor\""),
            (&format!("{BOX}(assert (or))"), "0 alternatives"),
            (BOX, "without any comparison of outputs"),
            (
                "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= Y_0 0))",
                "X_0 has no lower or no upper bound",
            ),
            (&"(".repeat(100), "too many brackets"),
            (&format!("{BOX}{}", "(assert (or (<= Y_0 0) (<= Y_1 0)))".repeat(20)), "more than 4096 alternatives"),
            (
                &format!(
                    "{BOX}(assert (or {}))",
                    format!("(and {})", "(or (<= Y_0 0) (<= Y_1 0))".repeat(12)).repeat(2)
                ),
                "more than 4096 alternatives",
            ),
        ] {
            let error = Instance::of(text).unwrap_err();
            assert!(error.contains(found), "{error}");
        }
    }
}
