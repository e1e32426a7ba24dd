//! Arithmetic on tensors that are known: what exporters leave of shapes, indices and masks.

use super::budget::{Budget, elements};
use super::evaluate::{places, strides};
use super::tensor::{Data, Tensor};
use crate::shapes::result;
use crate::spec::{Op, Pairwise};

/// An operator of two tensors, repeated as NumPy does it. None for one that is not known.
pub(super) fn binary(operator: &str, [a, b]: [&Tensor; 2], budget: &mut Budget) -> Result<Option<Tensor>, String> {
    let shape = result(&Op::Pairwise(Pairwise::Add), &[&a.shape, &b.shape])?;
    let count = elements(&shape)?;
    let is_comparison = matches!(operator, "Equal" | "Less" | "Greater" | "LessOrEqual" | "GreaterOrEqual");
    let is_float = a.is_float() || b.is_float();
    if let (Some(a), Some(b), true, false) = (a.uniform(), b.uniform(), is_float, is_comparison) {
        return Ok(float(operator, a, b).map(|value| Tensor::same(&shape, value)));
    }
    budget.take(2 * count)?;
    let [from_a, from_b] = [a, b].map(|tensor| repeated(tensor, &shape));
    let pairs = places(&shape, &from_a).zip(places(&shape, &from_b));
    let data = match (&a.data, &b.data) {
        (Data::Integers(a), Data::Integers(b)) => {
            pairs.map(|(i, j)| integer(operator, a[i], b[j])).collect::<Option<Vec<_>>>().map(Data::Integers)
        }
        _ if is_comparison => {
            let holds = |(i, j)| i64::from(holds(operator, a.float(i), b.float(j)));
            Some(Data::Integers(pairs.map(holds).collect()))
        }
        _ => pairs.map(|(i, j)| float(operator, a.float(i), b.float(j))).collect::<Option<Vec<_>>>().map(Data::Floats),
    };
    Ok(data.map(|data| Tensor { shape, data }))
}

/// Elements of `a` where the condition holds, else of `b`.
pub(super) fn chosen([condition, a, b]: [&Tensor; 3], budget: &mut Budget) -> Result<Tensor, String> {
    let both = result(&Op::Pairwise(Pairwise::Add), &[&a.shape, &b.shape])?;
    let shape = result(&Op::Pairwise(Pairwise::Add), &[&condition.shape, &both])?;
    budget.take(2 * elements(&shape)?)?;
    let flags = condition.to_integers()?;
    let [steps, from_a, from_b] = [condition, a, b].map(|tensor| repeated(tensor, &shape));
    let all = places(&shape, &steps).zip(places(&shape, &from_a)).zip(places(&shape, &from_b));
    let data = match (&a.data, &b.data) {
        (Data::Integers(a), Data::Integers(b)) => {
            Data::Integers(all.map(|((c, i), j)| if flags[c] != 0 { a[i] } else { b[j] }).collect())
        }
        _ => Data::Floats(all.map(|((c, i), j)| if flags[c] != 0 { a.float(i) } else { b.float(j) }).collect()),
    };
    Ok(Tensor { shape, data })
}

/// An operator of one tensor. None for one that is not known.
pub(super) fn unary(operator: &str, tensor: &Tensor, budget: &mut Budget) -> Result<Option<Tensor>, String> {
    budget.take(2 * if let Data::Same(_) = tensor.data { 0 } else { tensor.len() })?;
    let of_float = |value: f32| {
        Some(match operator {
            "Neg" => -value,
            "Abs" => value.abs(),
            "Sqrt" => value.sqrt(),
            "Exp" => value.exp(),
            "Log" => value.ln(),
            "Reciprocal" => value.recip(),
            "Floor" => value.floor(),
            "Ceil" => value.ceil(),
            "Round" => value.round_ties_even(),
            "Sin" => value.sin(),
            "Cos" => value.cos(),
            "Tanh" => value.tanh(),
            "Relu" => value.max(0.0),
            "Sigmoid" => 1.0 / (1.0 + (-value).exp()),
            _ => return None,
        })
    };
    let of_integer = |value: i64| match operator {
        "Neg" => value.checked_neg(),
        "Abs" => value.checked_abs(),
        "Not" => Some(i64::from(value == 0)),
        "Relu" => Some(value.max(0)),
        _ => None,
    };
    let data = match &tensor.data {
        Data::Same(value) => of_float(*value).map(Data::Same),
        Data::Floats(values) => {
            values.iter().map(|&value| of_float(value)).collect::<Option<Vec<_>>>().map(Data::Floats)
        }
        Data::Integers(values) => {
            values.iter().map(|&value| of_integer(value)).collect::<Option<Vec<_>>>().map(Data::Integers)
        }
    };
    Ok(data.map(|data| Tensor { shape: tensor.shape.clone(), data }))
}

/// How far apart elements lie once a tensor is repeated to a shape.
fn repeated(tensor: &Tensor, shape: &[usize]) -> Vec<usize> {
    let strides = strides(&tensor.shape);
    let ahead = shape.len() - tensor.shape.len();
    let step = |axis: usize| if tensor.shape[axis] == 1 { 0 } else { strides[axis] };
    (0..shape.len()).map(|axis| axis.checked_sub(ahead).map_or(0, step)).collect()
}

fn integer(operator: &str, a: i64, b: i64) -> Option<i64> {
    match operator {
        "Add" | "Sum" => a.checked_add(b),
        "Sub" => a.checked_sub(b),
        "Mul" => a.checked_mul(b),
        "Div" => a.checked_div(b),
        "Mod" => a.checked_rem_euclid(b).map(|rest| if b < 0 && rest > 0 { rest + b } else { rest }),
        "Fmod" => a.checked_rem(b),
        "Pow" => a.checked_pow(u32::try_from(b).ok()?),
        "Min" => Some(a.min(b)),
        "Max" => Some(a.max(b)),
        "And" => Some(i64::from(a != 0 && b != 0)),
        "Or" => Some(i64::from(a != 0 || b != 0)),
        "Xor" => Some(i64::from((a != 0) != (b != 0))),
        "Equal" => Some(i64::from(a == b)),
        "Less" => Some(i64::from(a < b)),
        "Greater" => Some(i64::from(a > b)),
        "LessOrEqual" => Some(i64::from(a <= b)),
        "GreaterOrEqual" => Some(i64::from(a >= b)),
        _ => None,
    }
}

fn holds(operator: &str, a: f32, b: f32) -> bool {
    match operator {
        "Equal" => a == b,
        "Less" => a < b,
        "Greater" => a > b,
        "LessOrEqual" => a <= b,
        _ => a >= b,
    }
}

fn float(operator: &str, a: f32, b: f32) -> Option<f32> {
    Some(match operator {
        "Add" | "Sum" => a + b,
        "Sub" => a - b,
        "Mul" => a * b,
        "Div" => a / b,
        "Fmod" => a % b,
        "Pow" => a.powf(b),
        "Min" => a.min(b),
        "Max" => a.max(b),
        _ => return None,
    })
}
