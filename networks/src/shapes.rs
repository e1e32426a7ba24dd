//! The shape of every value of a [`Spec`], which is also the check that its nodes fit together.

use crate::spec::{Op, Spec};

/// A [`Spec`] whose nodes do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value}: {reason}")]
pub struct SpecError {
    /// Name of the value that cannot be.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The most elements of a value of one image, and of a weight: what a hostile file says is refused before anything is allocated for it.
const MOST: usize = 1 << 28;
/// The largest number that an op may name: sums and products of two of them do not overflow.
const LARGEST: usize = 1 << 28;

impl Spec {
    /// The shape of every value, in the order of [`Spec::names`].
    ///
    /// # Errors
    /// [`SpecError`]: of the first value whose name is taken, whose operands are not there before it or do not suit its op, or
    /// which would have no element; or of an output that is not there.
    pub fn shapes(&self) -> Result<Vec<Vec<usize>>, SpecError> {
        let names: Vec<&str> = self.names().collect();
        let mut shapes: Vec<Vec<usize>> = Vec::with_capacity(names.len());
        for (at, &name) in names.iter().enumerate() {
            let wrong = |reason: String| SpecError { value: name.to_owned(), reason };
            if names[..at].contains(&name) {
                return Err(wrong("two values have this name".to_owned()));
            }
            let shape = match at.checked_sub(self.inputs.len()).map(|node| &self.nodes[node]) {
                None => self.inputs[at].shape.clone(),
                Some(node) => {
                    let place = |operand: &String| names[..at].iter().position(|name| name == operand);
                    let shape = |operand| match place(operand) {
                        Some(place) => Ok(&shapes[place][..]),
                        None => Err(wrong(format!("there is no value {operand} before it"))),
                    };
                    let operands = node.operands.iter().map(shape).collect::<Result<Vec<_>, _>>()?;
                    result(&node.op, &operands).map_err(wrong)?
                }
            };
            let elements = shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
            if shape.is_empty() || elements.is_none_or(|elements| elements == 0 || elements > MOST) {
                return Err(wrong(format!("a value of shape {shape:?}")));
            }
            shapes.push(shape);
        }
        match self.outputs.iter().find(|output| !names.contains(&output.as_str())) {
            Some(output) => Err(SpecError { value: output.clone(), reason: "there is no such value".to_owned() }),
            None => Ok(shapes),
        }
    }
}

/// The shape of an op's result.
fn result(op: &Op, operands: &[&[usize]]) -> Result<Vec<usize>, String> {
    match op {
        Op::Concatenate => return concatenated(operands),
        Op::Add => return added(operands),
        _ => {}
    }
    let weights = op.weights().iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    if op.sizes().iter().any(|&size| size > LARGEST) || weights.is_none_or(|weights| weights > MOST) {
        return Err(format!("{op:?}, whose sizes are absurd"));
    }
    let &[operand] = operands else { return Err(format!("{} operands, expected one", operands.len())) };
    let unsuited = || format!("{op:?} of a value of shape {operand:?}");
    let map = |channels: usize| match *operand {
        [found, rows, columns] if found == channels => Ok([rows, columns]),
        _ => Err(unsuited()),
    };
    Ok(match *op {
        Op::Convolution { kernel: 0, .. } | Op::TransposedConvolution { kernel: 0, .. } => return Err(unsuited()),
        Op::Convolution { dilation: 0, .. } => return Err(unsuited()),
        Op::Convolution { in_channels, out_channels, kernel, stride, padding, dilation } => {
            let reach = (kernel - 1) * dilation + 1;
            let positions = |size: usize| Some((size + 2 * padding).checked_sub(reach)?.checked_div(stride)? + 1);
            let [rows, columns] = map(in_channels)?.map(positions);
            vec![out_channels, rows.ok_or_else(unsuited)?, columns.ok_or_else(unsuited)?]
        }
        Op::TransposedConvolution { in_channels, out_channels, kernel, stride, padding, output_padding } => {
            let whole = map(in_channels)?.map(|size| size.saturating_sub(1) * stride + kernel);
            let size = |way: usize| (whole[way] + output_padding[way]).checked_sub(2 * padding).ok_or_else(unsuited);
            if output_padding.iter().any(|&more| more >= stride) {
                return Err(unsuited());
            }
            vec![out_channels, size(0)?, size(1)?]
        }
        Op::Linear { in_features, out_features } if operand == [in_features] => vec![out_features],
        Op::Linear { .. } => return Err(unsuited()),
        Op::Flatten => vec![operand.iter().product()],
        Op::Reshape { ref shape }
            if shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size))
                == Some(operand.iter().product::<usize>()) =>
        {
            shape.clone()
        }
        Op::Reshape { .. } => return Err(unsuited()),
        Op::GlobalAverage => match *operand {
            [channels, _, _] => vec![channels],
            _ => return Err(unsuited()),
        },
        Op::AveragePool { size } => match *operand {
            [channels, rows, columns] if size > 0 => vec![channels, rows.div_ceil(size), columns.div_ceil(size)],
            _ => return Err(unsuited()),
        },
        Op::Upsample { size, to } => match *operand {
            [channels, rows, columns] if size > 0 && to.map(|to| to.div_ceil(size)) == [rows, columns] => {
                vec![channels, to[0], to[1]]
            }
            _ => return Err(unsuited()),
        },
        Op::Relu | Op::Sigmoid | Op::Concatenate | Op::Add => operand.to_vec(),
    })
}

fn added(operands: &[&[usize]]) -> Result<Vec<usize>, String> {
    match operands {
        [a, b] if a == b => Ok(a.to_vec()),
        _ => Err(format!("the sum of values of shapes {operands:?}")),
    }
}

fn concatenated(operands: &[&[usize]]) -> Result<Vec<usize>, String> {
    let unsuited = || format!("values of shapes {operands:?} one behind the other");
    let mut sum = operands.first().ok_or_else(unsuited)?.to_vec();
    for operand in &operands[1..] {
        match (&mut sum[..], operand) {
            ([length, rest @ ..], [more, others @ ..]) if rest == others => *length += more,
            _ => return Err(unsuited()),
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONVOLUTION: Op =
        Op::Convolution { in_channels: 3, out_channels: 8, kernel: 3, stride: 2, padding: 1, dilation: 1 };

    fn transposed(output_padding: [usize; 2]) -> Op {
        Op::TransposedConvolution { in_channels: 3, out_channels: 2, kernel: 5, stride: 2, padding: 2, output_padding }
    }

    #[test]
    fn ops_have_the_shapes_of_pytorch() {
        for (op, operands, expected) in [
            (CONVOLUTION, vec![&[3, 9, 6][..]], vec![8, 5, 3]),
            (
                Op::Convolution { in_channels: 3, out_channels: 8, kernel: 3, stride: 1, padding: 1, dilation: 2 },
                vec![&[3, 9, 6][..]],
                vec![8, 7, 4],
            ),
            (transposed([0, 1]), vec![&[3, 5, 3]], vec![2, 9, 6]),
            (Op::Linear { in_features: 4, out_features: 7 }, vec![&[4]], vec![7]),
            (Op::Relu, vec![&[3, 9, 6]], vec![3, 9, 6]),
            (Op::Flatten, vec![&[3, 9, 6]], vec![162]),
            (Op::Reshape { shape: vec![2, 3] }, vec![&[6]], vec![2, 3]),
            (Op::Concatenate, vec![&[2, 5], &[1, 5], &[4, 5]], vec![7, 5]),
            (Op::Add, vec![&[2, 5], &[2, 5]], vec![2, 5]),
            (Op::GlobalAverage, vec![&[3, 9, 6]], vec![3]),
            (Op::AveragePool { size: 2 }, vec![&[3, 9, 6]], vec![3, 5, 3]),
            (Op::Upsample { size: 2, to: [9, 6] }, vec![&[3, 5, 3]], vec![3, 9, 6]),
        ] {
            assert_eq!(result(&op, &operands), Ok(expected), "{op:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_name() {
        let convolution = |out_channels, [kernel, stride, padding, dilation]: [usize; 4]| Op::Convolution {
            in_channels: 3,
            out_channels,
            kernel,
            stride,
            padding,
            dilation,
        };
        for (op, operands) in [
            (CONVOLUTION, vec!["image", "image"]),
            (CONVOLUTION, vec!["vector"]),
            (CONVOLUTION, vec!["later"]),
            (convolution(8, [9, 1, 1, 1]), vec!["image"]),
            (convolution(8, [1, 0, 0, 1]), vec!["image"]),
            (convolution(0, [1, 1, 0, 1]), vec!["image"]),
            (convolution(8, [3, 1, 0, 3]), vec!["image"]),
            (convolution(8, [3, 1, 0, 0]), vec!["image"]),
            (transposed([2, 0]), vec!["image"]),
            (convolution(8, [0, 1, 0, 1]), vec!["image"]),
            (Op::Linear { in_features: 5, out_features: 2 }, vec!["vector"]),
            (Op::Reshape { shape: vec![5] }, vec!["vector"]),
            (Op::Reshape { shape: vec![usize::MAX, 2, 2] }, vec!["vector"]),
            (Op::Linear { in_features: 4, out_features: usize::MAX }, vec!["vector"]),
            (convolution(1, [1, 1, usize::MAX / 2, 1]), vec!["image"]),
            (
                Op::TransposedConvolution {
                    in_channels: 3,
                    out_channels: 1,
                    kernel: usize::MAX,
                    stride: usize::MAX,
                    padding: 0,
                    output_padding: [0, 0],
                },
                vec!["image"],
            ),
            (Op::Concatenate, vec![]),
            (Op::Concatenate, vec!["vector", "image"]),
            (Op::Add, vec!["vector", "image"]),
            (Op::Add, vec!["vector"]),
            (Op::GlobalAverage, vec!["vector"]),
            (Op::AveragePool { size: 0 }, vec!["image"]),
            (Op::AveragePool { size: 2 }, vec!["vector"]),
            (Op::Upsample { size: 2, to: [10, 12] }, vec!["image"]),
            (Op::Upsample { size: 0, to: [6, 6] }, vec!["image"]),
        ] {
            let mut spec = Spec::new(&[("image", &[3, 6, 6]), ("vector", &[4])]);
            spec.add("node", op.clone(), &operands);
            assert_eq!(spec.shapes().unwrap_err().value, "node", "{op:?} of {operands:?}");
        }
        let mut spec = Spec::new(&[("image", &[3, 6, 6])]);
        spec.add("image", Op::Relu, &["image"]);
        assert_eq!(spec.shapes().unwrap_err().to_string(), "image: two values have this name");
        spec.nodes.clear();
        spec.outputs.push("logits".to_owned());
        assert_eq!(spec.shapes().unwrap_err().to_string(), "logits: there is no such value");
    }
}
