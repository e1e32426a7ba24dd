//! Einstein's sums, as far as they are one value with its dimensions in another order, or a product of two.

use super::product::product;
use crate::onnx::call::{Call, Value};
use crate::spec::Op;

/// The letters of a value's dimensions.
type Letters = Vec<char>;

pub(super) fn einsum(call: &mut Call) -> Result<Vec<Value>, String> {
    let equation = call.node.text_or("equation", "");
    let wrong = |reason: String| format!("the equation {equation:?}: {reason}");
    let (terms, result) =
        parsed(equation).ok_or_else(|| wrong("letters, each once in a term, are supported".to_owned()))?;
    let values = call.all()?;
    if values.len() != terms.len() || values.iter().zip(&terms).any(|(value, term)| value.shape().len() != term.len()) {
        let shapes: Vec<&[usize]> = values.iter().map(Value::shape).collect();
        return Err(wrong(format!("values of shapes {shapes:?}")));
    }
    let value = match (&values[..], &terms[..]) {
        ([value], [term]) => ordered(call, value.clone(), term, &result),
        ([a, b], [left, right]) => of_two(call, [a, b], [left, right], &result),
        _ => Err("one value or two are supported".to_owned()),
    };
    Ok(vec![value.map_err(wrong)?])
}

/// The letters of each value, and of the result; in alphabetical order where they are not said.
fn parsed(equation: &str) -> Option<(Vec<Letters>, Letters)> {
    let equation: String = equation.chars().filter(|letter| *letter != ' ').collect();
    let (terms, result) =
        equation.split_once("->").map_or((&equation[..], None), |(terms, result)| (terms, Some(result)));
    let terms: Vec<Letters> = terms.split(',').map(|term| term.chars().collect()).collect();
    let result: Letters = result.map_or_else(
        || {
            let mut once: Letters = terms.concat();
            once.sort_unstable();
            let is_once = |letter: &char| terms.iter().flatten().filter(|other| *other == letter).count() == 1;
            once.into_iter().filter(is_once).collect()
        },
        |result| result.chars().collect(),
    );
    let is_plain = |letters: &Letters| {
        letters.iter().enumerate().all(|(at, letter)| letter.is_ascii_alphabetic() && !letters[..at].contains(letter))
    };
    let is_known = result.iter().all(|letter| terms.iter().any(|term| term.contains(letter)));
    (terms.iter().chain([&result]).all(is_plain) && is_known).then_some((terms, result))
}

/// A value whose dimensions come in another order.
fn ordered(call: &mut Call, value: Value, from: &Letters, to: &[char]) -> Result<Value, String> {
    let order: Vec<usize> = to.iter().filter_map(|letter| from.iter().position(|other| other == letter)).collect();
    if order.len() != from.len() {
        return Err("a sum over a dimension of one value is not supported".to_owned());
    }
    call.moved(Op::Transpose { order }, &[value])
}

/// The product of matrices: dimensions of both that remain, then those of the first, those that are summed, those of the second.
fn of_two(
    call: &mut Call,
    values: [&Value; 2],
    [left, right]: [&Letters; 2],
    result: &Letters,
) -> Result<Value, String> {
    let kept = |letters: &Letters, other: &Letters, is_both: bool, remains: bool| -> Letters {
        let fits = |letter: &&char| other.contains(letter) == is_both && result.contains(letter) == remains;
        letters.iter().filter(fits).copied().collect()
    };
    let (both, summed) = (kept(left, right, true, true), kept(left, right, true, false));
    let (first, second) = (kept(left, right, false, true), kept(right, left, false, true));
    let size = |letter: &char| -> Result<usize, String> {
        let find = |at: usize, letters: &Letters| {
            letters.iter().position(|other| other == letter).map(|axis| values[at].shape()[axis])
        };
        match (find(0, left), find(1, right)) {
            (Some(a), Some(b)) if a != b => Err(format!("sizes {a} and {b} of {letter}")),
            (a, b) => Ok(a.or(b).unwrap_or(1)),
        }
    };
    let sizes = |letters: &[char]| letters.iter().map(size).collect::<Result<Vec<usize>, String>>();
    let whole = |letters: &[char]| Ok::<usize, String>(sizes(letters)?.iter().product());
    let orders = [[&both[..], &first, &summed].concat(), [&both[..], &summed, &second].concat()];
    let shapes = [
        [sizes(&both)?, vec![whole(&first)?, whole(&summed)?]].concat(),
        [sizes(&both)?, vec![whole(&summed)?, whole(&second)?]].concat(),
    ];
    let mut factors = Vec::new();
    for (at, ((letters, order), shape)) in [left, right].into_iter().zip(orders).zip(shapes).enumerate() {
        let value = ordered(call, values[at].clone(), letters, &order)?;
        factors.push(call.moved(Op::Reshape { shape }, &[value])?);
    }
    let value = product(call, &factors[0], &factors[1], false)?;
    let letters = [both, first, second].concat();
    let value = call.moved(Op::Reshape { shape: sizes(&letters)? }, &[value])?;
    ordered(call, value, &letters, result)
}
