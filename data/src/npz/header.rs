//! The header of an npy array: magic, version, and a Python dictionary of three entries.

use std::io::{self, Read};

/// What every npy array starts with.
const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// Longer headers belong to record types, which are no images.
const MAX_LENGTH: usize = 4096;
/// The data starts at a multiple of this.
const ALIGNMENT: usize = 64;

/// Type, order and shape of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// numpy's type string, such as `<f4`.
    pub(super) descr: String,
    /// Whether the first index runs fastest.
    pub(super) fortran_order: bool,
    pub(super) shape: Vec<usize>,
}

impl Header {
    /// The bytes before the data, format version 1.0.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let sizes: String = self.shape.iter().map(|size| format!("{size},")).collect();
        let order = if self.fortran_order { "True" } else { "False" };
        let dictionary = format!("{{'descr': '{}', 'fortran_order': {order}, 'shape': ({sizes}), }}", self.descr);
        let start = MAGIC.len() + 4;
        let length = (start + dictionary.len() + 1).next_multiple_of(ALIGNMENT) - start;
        let mut bytes = [&MAGIC[..], &[1, 0], &(length as u16).to_le_bytes()].concat();
        bytes.extend(format!("{dictionary:<width$}\n", width = length - 1).into_bytes());
        bytes
    }

    /// Reads the bytes before the data, format versions 1 to 3.
    pub(super) fn read(reader: &mut impl Read) -> io::Result<Self> {
        let mut start = [0; 8];
        reader.read_exact(&mut start)?;
        let [magic @ .., major, _minor] = start;
        if &magic != MAGIC {
            return Err(invalid("it does not start like an npy array"));
        }
        let length = match major {
            1 => {
                let mut length = [0; 2];
                reader.read_exact(&mut length)?;
                usize::from(u16::from_le_bytes(length))
            }
            2 | 3 => {
                let mut length = [0; 4];
                reader.read_exact(&mut length)?;
                u32::from_le_bytes(length) as usize
            }
            _ => return Err(invalid("its npy format version is not 1, 2 or 3")),
        };
        if length > MAX_LENGTH {
            return Err(invalid("its npy header is too long for an array of numbers"));
        }
        let mut text = vec![0; length];
        reader.read_exact(&mut text)?;
        let header = std::str::from_utf8(&text).ok().and_then(Self::parse);
        header.ok_or_else(|| invalid("its npy header is not that of an array of numbers"))
    }

    /// Parses the dictionary in the form that numpy writes: the three keys in any order, nothing else.
    fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        while !rest.is_empty() {
            let (key, value) = rest.strip_prefix('\'')?.split_once("':")?;
            let value = value.trim_start();
            rest = match key {
                "descr" => {
                    let (text, rest) = value.strip_prefix('\'')?.split_once('\'')?;
                    descr = Some(text.to_owned());
                    rest
                }
                "fortran_order" => {
                    let (order, rest) = [("True", true), ("False", false)]
                        .into_iter()
                        .find_map(|(word, order)| Some((order, value.strip_prefix(word)?)))?;
                    fortran_order = Some(order);
                    rest
                }
                "shape" => {
                    let (sizes, rest) = value.strip_prefix('(')?.split_once(')')?;
                    let sizes = sizes.trim().trim_end_matches(',').split(',').map(str::trim);
                    shape = Some(
                        sizes.filter(|size| !size.is_empty()).map(|size| size.parse().ok()).collect::<Option<_>>()?,
                    );
                    rest
                }
                _ => return None,
            };
            rest = rest.trim_start();
            rest = rest.strip_prefix(',').map_or(rest, str::trim_start);
        }
        Some(Self { descr: descr?, fortran_order: fortran_order?, shape: shape? })
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(descr: &str, shape: &[usize]) -> Header {
        Header { descr: descr.into(), fortran_order: false, shape: shape.into() }
    }

    #[test]
    fn headers_round_trip_and_are_aligned() {
        for shape in [&[][..], &[3], &[10_000, 1, 28, 28], &[usize::MAX; 8]] {
            let bytes = header("<f4", shape).to_bytes();
            assert_eq!((bytes.len() % ALIGNMENT, bytes.last()), (0, Some(&b'\n')));
            assert_eq!(Header::read(&mut &*bytes).unwrap(), header("<f4", shape));
        }
    }

    #[test]
    fn parses_what_numpy_writes_and_nothing_else() {
        for (text, expected) in [
            ("{'descr': '|u1', 'fortran_order': False, 'shape': (28, 28), }  \n", Some(header("|u1", &[28, 28]))),
            ("{'shape':(3,),'descr':'<i8','fortran_order':False}", Some(header("<i8", &[3]))),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", Some(header("<f4", &[]))),
            ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }", None),
            ("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (3,), }", None),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }", None),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", None),
            ("{'descr': '<f4', 'fortran_order': False, }", None),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': 1}", None),
            ("{'descr", None),
            ("", None),
        ] {
            assert_eq!(Header::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn a_header_that_claims_to_be_long_allocates_nothing() {
        let mut bytes = [&MAGIC[..], &[2, 0], &u32::MAX.to_le_bytes()].concat();
        assert!(Header::read(&mut &*bytes).unwrap_err().to_string().contains("too long"));
        bytes[6] = 9;
        assert!(Header::read(&mut &*bytes).unwrap_err().to_string().contains("version"));
        bytes[0] = 0;
        assert!(Header::read(&mut &*bytes).unwrap_err().to_string().contains("start"));
        assert_eq!(Header::read(&mut &MAGIC[..]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
