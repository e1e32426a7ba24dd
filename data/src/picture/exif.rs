//! The one thing that is read of EXIF: whether a picture asks to be turned (tag 0x0112, Exif 2.32 section 4.6.4).

/// The tag of the orientation, and its value for a picture that lies as it should.
const ORIENTATION: u16 = 0x0112;
const UPRIGHT: u16 = 1;

/// Whether a block of EXIF, from its TIFF header on, names another orientation than upright.
pub(super) fn is_turned(block: &[u8]) -> bool {
    orientation(block).is_some_and(|orientation| (UPRIGHT + 1..=8).contains(&orientation))
}

fn orientation(block: &[u8]) -> Option<u16> {
    let little = match block.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let bytes = |at: usize| block.get(at..at.checked_add(2)?)?.try_into().ok();
    let short = |at| bytes(at).map(if little { u16::from_le_bytes } else { u16::from_be_bytes });
    let halves = (short(4)?, short(6)?);
    let (low, high) = if little { halves } else { (halves.1, halves.0) };
    let directory = usize::from(high) << 16 | usize::from(low);
    // An entry is a tag, a type, a count and a value: 12 bytes, the value of a short 8 bytes on.
    let entries = (0..usize::from(short(directory)?)).map(|entry| directory + 2 + 12 * entry);
    entries.take_while(|&at| at < block.len()).find(|&at| short(at) == Some(ORIENTATION)).and_then(|at| short(at + 8))
}

#[cfg(test)]
mod tests {
    use super::is_turned;

    #[test]
    fn the_orientation_is_found_in_both_orders_of_bytes() {
        let little =
            |value: u8| [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(), &[value, 0, 0, 0]].concat();
        let big = |value: u8| [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(), &[value, 0, 0]].concat();
        for (value, turned) in [(0, false), (1, false), (3, true), (6, true), (8, true), (9, false)] {
            assert_eq!((is_turned(&little(value)), is_turned(&big(value))), (turned, turned), "{value}");
        }
        let whole = little(6);
        assert!((0..whole.len() - 3).all(|end| !is_turned(&whole[..end])), "cut off");
        assert!(!is_turned(b"II*\0\xff\xff\xff\xff"));
    }
}
