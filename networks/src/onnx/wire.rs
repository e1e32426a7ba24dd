//! The fields of a protobuf message, as slices of the file: nothing is copied, and nothing is believed of what lies outside of it.

/// Why bytes are no message.
pub(super) type Refusal = String;

/// The value of a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wire<'a> {
    /// A varint: integers, enumerations, booleans.
    Number(u64),
    /// Four bytes: a float.
    Four([u8; 4]),
    /// Eight bytes: a double.
    Eight([u8; 8]),
    /// A string, bytes, a message, or a packed list.
    Bytes(&'a [u8]),
}

impl<'a> Wire<'a> {
    /// Bytes, or a refusal that names the field.
    pub(super) fn bytes(self, field: &str) -> Result<&'a [u8], Refusal> {
        if let Wire::Bytes(bytes) = self { Ok(bytes) } else { Err(format!("its {field} is a number")) }
    }

    /// Text in UTF-8.
    pub(super) fn text(self, field: &str) -> Result<&'a str, Refusal> {
        std::str::from_utf8(self.bytes(field)?).map_err(|_| format!("its {field} is not UTF-8"))
    }

    /// An integer; protobuf stores negative ones as their two's complement.
    pub(super) fn integer(self, field: &str) -> Result<i64, Refusal> {
        if let Wire::Number(number) = self {
            Ok(number.cast_signed())
        } else {
            Err(format!("its {field} is no integer"))
        }
    }

    /// A float.
    pub(super) fn float(self, field: &str) -> Result<f32, Refusal> {
        if let Wire::Four(bytes) = self {
            Ok(f32::from_le_bytes(bytes))
        } else {
            Err(format!("its {field} is no float"))
        }
    }
}

/// Goes through the fields of a message, in the order of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    fn field(&mut self) -> Result<(u64, Wire<'a>), Refusal> {
        let tag = varint(&mut self.0)?;
        let wire = match tag & 7 {
            0 => Wire::Number(varint(&mut self.0)?),
            1 => Wire::Eight(*self.take(8)?.first_chunk().ok_or_else(early)?),
            2 => {
                let length = varint(&mut self.0)?;
                Wire::Bytes(self.take(usize::try_from(length).map_err(|_| early())?)?)
            }
            5 => Wire::Four(*self.take(4)?.first_chunk().ok_or_else(early)?),
            kind => return Err(format!("a field of wire type {kind}")),
        };
        Ok((tag >> 3, wire))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Refusal> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(early)?;
        self.0 = rest;
        Ok(taken)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Wire<'a>), Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

fn early() -> Refusal {
    "it ends in the middle of a field".to_owned()
}

/// The next integer of a list, of at most ten bytes.
pub(super) fn varint(bytes: &mut &[u8]) -> Result<u64, Refusal> {
    let mut number = 0;
    for (at, &byte) in bytes.iter().enumerate().take(10) {
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            *bytes = &bytes[at + 1..];
            return Ok(number);
        }
    }
    Err(if bytes.len() < 10 { early() } else { "an integer of more than ten bytes".to_owned() })
}
