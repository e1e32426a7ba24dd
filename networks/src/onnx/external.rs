//! Tensors whose data lie in files beside the model, as PyTorch 2.9 and later write them: `model.onnx` and `model.onnx.data`.
//!
//! A model names such a file, and a name may lie. Here it must be a plain relative path; whoever opens it ([`Beside`]) sees to it that
//! no link leads out of the model's folder.

/// The files in a model's folder.
pub trait Beside {
    /// How many bytes long the file of this name is. The name is a plain relative path with `/` between folders.
    ///
    /// # Errors
    /// Why there is none that may be read.
    fn length(&self, location: &str) -> Result<u64, String>;

    /// So many bytes of it from `offset` on, which it has.
    ///
    /// # Errors
    /// Why they cannot be read.
    fn read(&self, location: &str, offset: u64, length: usize) -> Result<Vec<u8>, String>;
}

/// A model that comes as bytes, with no file beside it.
impl Beside for () {
    fn length(&self, location: &str) -> Result<u64, String> {
        Err(format!("its data lie in {location:?}, beside a file that is not known"))
    }

    fn read(&self, location: &str, _: u64, _: usize) -> Result<Vec<u8>, String> {
        Err(format!("its data lie in {location:?}, beside a file that is not known"))
    }
}

/// Where the data of a tensor lie.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) location: String,
    pub(super) offset: u64,
    pub(super) length: Option<u64>,
}

/// That place from the pairs that say it.
pub(super) fn place(pairs: &[(&str, &str)]) -> Result<Place, String> {
    let value = |wanted: &str| pairs.iter().find(|(key, _)| *key == wanted).map(|(_, value)| *value);
    let number = |wanted: &str| match value(wanted).map(|value| (value, value.parse::<u64>())) {
        None => Ok(None),
        Some((_, Ok(number))) => Ok(Some(number)),
        Some((value, Err(_))) => Err(format!("its data lie elsewhere with {wanted} {value:?}, which is no number")),
    };
    let location = value("location").ok_or("its data lie elsewhere, and no location is said")?;
    // The usual beginning `./` is the same place.
    let location = location.strip_prefix("./").unwrap_or(location);
    let is_path = location.split('/').all(|part| !matches!(part, "" | "." | ".."));
    // Backslash and colon are paths elsewhere than here.
    let is_plain = is_path && !location.chars().any(|character| character.is_control() || "\\:".contains(character));
    if !is_plain || location.len() > 255 {
        return Err(format!("its data lie in {location:?}, and only a file in the model's own folder may be read"));
    }
    Ok(Place { location: location.to_owned(), offset: number("offset")?.unwrap_or(0), length: number("length")? })
}
