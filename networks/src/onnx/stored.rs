//! From a tensor as the file stores it to its elements: types, the two ways of storing them, and data in other files.

use std::collections::HashMap;

use half::{bf16, f16};

use super::budget::{Budget, elements};
use super::external::{Beside, Place, place};
use super::message::Stored;
use super::tensor::{Data, Tensor};
use super::wire::{Wire, varint};

/// The names of `TensorProto.DataType`, from 1.
const KINDS: [&str; 24] = [
    "FLOAT",
    "UINT8",
    "INT8",
    "UINT16",
    "INT16",
    "INT32",
    "INT64",
    "STRING",
    "BOOL",
    "FLOAT16",
    "DOUBLE",
    "UINT32",
    "UINT64",
    "COMPLEX64",
    "COMPLEX128",
    "BFLOAT16",
    "FLOAT8E4M3FN",
    "FLOAT8E4M3FNUZ",
    "FLOAT8E5M2",
    "FLOAT8E5M2FNUZ",
    "UINT4",
    "INT4",
    "FLOAT4E2M1",
    "FLOAT8E8M0",
];

/// Bytes of a file beside the model that count for the budget at most: a file may be long and hold nothing.
const LONGEST: u64 = 1 << 31;

/// What a type is called.
pub(super) fn kind_name(kind: i64) -> String {
    let name = usize::try_from(kind - 1).ok().and_then(|kind| KINDS.get(kind));
    name.map_or_else(|| format!("type {kind}"), |&name| name.to_owned())
}

/// Decodes tensors; remembers how long the files beside the model are.
pub(super) struct Decoder<'a> {
    beside: &'a dyn Beside,
    lengths: HashMap<String, u64>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(beside: &'a dyn Beside) -> Self {
        Self { beside, lengths: HashMap::new() }
    }

    /// The tensor.
    pub(super) fn decode(&mut self, stored: &Stored, budget: &mut Budget) -> Result<Tensor, String> {
        let shape = shape(stored)?;
        let count = elements(&shape)?;
        if stored.is_segment {
            return Err("it is stored in segments".to_owned());
        }
        let size = size(stored.kind)?;
        // An integer is kept in eight bytes.
        let cost = if is_float(stored.kind) { count } else { 2 * count };
        let data = if stored.is_external {
            let length = count * size;
            let Place { location, offset, length: said } = place(&stored.external)?;
            if said.is_some_and(|said| said != length as u64) {
                let said = said.unwrap_or_default();
                return Err(format!("{said} bytes in {location:?}, and its shape {shape:?} takes {length}"));
            }
            self.check(&location, offset, length, budget)?;
            budget.take(cost)?;
            raw(stored.kind, &self.beside.read(&location, offset, length)?)
        } else if let Some(bytes) = stored.raw {
            if bytes.len() != count * size {
                return Err(format!("{} bytes, and its shape {shape:?} takes {}", bytes.len(), count * size));
            }
            budget.take(cost)?;
            raw(stored.kind, bytes)
        } else {
            budget.take(cost)?;
            typed(stored, count)?
        };
        Ok(Tensor { shape, data })
    }

    /// That a file beside the model reaches as far as a tensor in it.
    fn check(&mut self, location: &str, offset: u64, length: usize, budget: &mut Budget) -> Result<(), String> {
        let found = if let Some(&found) = self.lengths.get(location) {
            found
        } else {
            let found = self.beside.length(location)?;
            budget.extend(usize::try_from(found.min(LONGEST)).unwrap_or(0));
            self.lengths.insert(location.to_owned(), found);
            found
        };
        match offset.checked_add(length as u64) {
            Some(end) if end <= found => Ok(()),
            _ => Err(format!("{location:?} is {found} bytes long, and {length} bytes from {offset} on are asked for")),
        }
    }
}

/// The sizes of a stored tensor.
pub(super) fn shape(stored: &Stored) -> Result<Vec<usize>, String> {
    let size = |&size: &i64| usize::try_from(size).map_err(|_| format!("a dimension of {size}"));
    stored.dims.iter().map(size).collect()
}

/// Bytes of an element, of the types that a network may have.
fn size(kind: i64) -> Result<usize, String> {
    match kind {
        2 | 3 | 9 => Ok(1),
        4 | 5 | 10 | 16 => Ok(2),
        1 | 6 | 12 => Ok(4),
        7 | 11 | 13 => Ok(8),
        _ => Err(format!("its type is {}", kind_name(kind))),
    }
}

fn is_float(kind: i64) -> bool {
    matches!(kind, 1 | 10 | 11 | 16)
}

/// Elements in the order of their bytes.
fn raw(kind: i64, bytes: &[u8]) -> Data {
    let pairs = || bytes.as_chunks::<2>().0.iter().copied();
    let fours = || bytes.as_chunks::<4>().0.iter().copied();
    let eights = || bytes.as_chunks::<8>().0.iter().copied();
    match kind {
        1 => Data::Floats(fours().map(f32::from_le_bytes).collect()),
        10 => Data::Floats(pairs().map(|pair| f16::from_le_bytes(pair).to_f32()).collect()),
        16 => Data::Floats(pairs().map(|pair| bf16::from_le_bytes(pair).to_f32()).collect()),
        11 => Data::Floats(eights().map(|eight| f64::from_le_bytes(eight) as f32).collect()),
        3 => Data::Integers(bytes.iter().map(|&byte| i64::from(byte.cast_signed())).collect()),
        4 => Data::Integers(pairs().map(|pair| i64::from(u16::from_le_bytes(pair))).collect()),
        5 => Data::Integers(pairs().map(|pair| i64::from(i16::from_le_bytes(pair))).collect()),
        6 => Data::Integers(fours().map(|four| i64::from(i32::from_le_bytes(four))).collect()),
        12 => Data::Integers(fours().map(|four| i64::from(u32::from_le_bytes(four))).collect()),
        7 | 13 => Data::Integers(eights().map(i64::from_le_bytes).collect()),
        _ => Data::Integers(bytes.iter().map(|&byte| i64::from(byte)).collect()),
    }
}

/// Elements in a field of their own type, packed or not. Half floats lie in integers.
fn typed(stored: &Stored, count: usize) -> Result<Data, String> {
    let field = match stored.kind {
        1 => 4,
        7 => 7,
        11 => 10,
        12 | 13 => 11,
        _ => 5,
    };
    let too_many = || format!("more elements than its shape {:?} has", stored.dims);
    let (mut floats, mut integers) = (Vec::new(), Vec::new());
    let float = |integer: i64| match stored.kind {
        10 => f16::from_bits(integer as u16).to_f32(),
        _ => bf16::from_bits(integer as u16).to_f32(),
    };
    for &(_, wire) in stored.typed.iter().filter(|(number, _)| *number == field) {
        match (wire, stored.kind) {
            (Wire::Bytes(bytes), 1 | 11) => {
                let width = if stored.kind == 1 { 4 } else { 8 };
                if bytes.len() / width + floats.len() > count {
                    return Err(too_many());
                }
                let Data::Floats(more) = raw(stored.kind, bytes) else { continue };
                floats.extend(more);
            }
            (Wire::Four(four), 1) => floats.push(f32::from_le_bytes(four)),
            (Wire::Eight(eight), 11) => floats.push(f64::from_le_bytes(eight) as f32),
            (Wire::Number(number), 10 | 16) => floats.push(float(number.cast_signed())),
            (Wire::Number(number), 2..=9 | 12 | 13) => integers.push(number.cast_signed()),
            (Wire::Bytes(mut bytes), 2..=10 | 12 | 13 | 16) => {
                while !bytes.is_empty() {
                    let integer = varint(&mut bytes)?.cast_signed();
                    if matches!(stored.kind, 10 | 16) {
                        floats.push(float(integer))
                    } else {
                        integers.push(integer)
                    }
                    if floats.len().max(integers.len()) > count {
                        return Err(too_many());
                    }
                }
            }
            _ => return Err(format!("its elements are not {}", kind_name(stored.kind))),
        }
    }
    let found = floats.len().max(integers.len());
    if found != count {
        return Err(format!("{found} elements, and its shape {:?} takes {count}", stored.dims));
    }
    Ok(if is_float(stored.kind) { Data::Floats(floats) } else { Data::Integers(integers) })
}
