//! What pages carry: arrays as base64 text of little-endian values, a third of their decimals and not a bit lost, and JSON.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serializer;
use serde::ser::SerializeSeq;
use serde_json::Value;

/// Bytes, for `#[serde(serialize_with)]`.
pub(crate) fn bytes<S: Serializer>(values: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64_STANDARD.encode(values))
}

/// Positions and classes, 32 bits each.
pub(crate) fn integers<S: Serializer>(values: &[u32], serializer: S) -> Result<S::Ok, S::Error> {
    bytes(&values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>(), serializer)
}

/// Numbers, 32 bits each.
pub(crate) fn floats<S: Serializer>(values: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
    bytes(&little_endian(values), serializer)
}

/// A list of columns of numbers.
pub(crate) fn columns<S: Serializer>(columns: &[Vec<f32>], serializer: S) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(columns.len()))?;
    for column in columns {
        list.serialize_element(&BASE64_STANDARD.encode(little_endian(column)))?;
    }
    list.end()
}

fn little_endian(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Levels of pixels in [0, 1], for the eye.
pub(crate) fn levels(pixels: &[f32]) -> Vec<u8> {
    pixels.iter().map(|pixel| (255.0 * pixel).round() as u8).collect()
}

/// JSON that cannot end the element of a page that it stands in, whatever its strings hold.
pub(crate) fn embeddable(json: &Value) -> String {
    json.to_string().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn data_cannot_leave_its_element() {
        let hostile = json!({ "name": "</script><script>alert(1)</script><!--" });
        let embedded = super::embeddable(&hostile);
        assert!(!embedded.contains('<'));
        assert_eq!(embedded.parse::<Value>().unwrap(), hostile);
    }
}
