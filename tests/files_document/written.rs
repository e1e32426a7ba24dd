//! What the commands wrote: the names in every file, and what stands under each.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use safetensors::SafeTensors;
use serde_json::Value;
use zip::ZipArchive;

use crate::running::names;

/// Something under a name.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    /// An empty cell, or null.
    Nothing,
    /// A cell of a CSV file.
    Cell(String),
    /// Of a JSON document.
    Number(String),
    Truth(String),
    Text(String),
    /// Of an npz archive or a network; the range is known of the former.
    Array {
        dtype: String,
        shape: Vec<usize>,
        range: Option<[f64; 2]>,
    },
}

/// A file, by its name without the folder, and the names in it in order.
pub(super) struct Written {
    pub(super) file: String,
    pub(super) content: Vec<(String, Vec<Content>)>,
}

/// Every file in the folders of the runs.
pub(super) fn all(folder: &Path) -> Vec<Written> {
    let given = ["letters", "digits", "own", "pictures"];
    let ours =
        names(folder).into_iter().filter(|name| !given.iter().any(|given| name.starts_with(&format!("{given}/"))));
    let files = ours.map(|name| folder.join(name)).filter(|path| path.is_file());
    files
        .map(|path| Written { file: path.file_name().unwrap().to_str().unwrap().to_owned(), content: content(&path) })
        .collect()
}

fn content(path: &Path) -> Vec<(String, Vec<Content>)> {
    match path.extension().unwrap().to_str().unwrap() {
        "csv" => of_csv(path),
        "json" => of_json(&serde_json::from_slice(&fs::read(path).unwrap()).unwrap()),
        "npz" => of_npz(path),
        "safetensors" => of_network(&fs::read(path).unwrap()),
        _ => Vec::new(),
    }
}

fn of_csv(path: &Path) -> Vec<(String, Vec<Content>)> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let mut columns: Vec<_> = reader.headers().unwrap().iter().map(|name| (name.to_owned(), Vec::new())).collect();
    for row in reader.records().map(Result::unwrap) {
        for ((_, column), cell) in columns.iter_mut().zip(&row) {
            column.push(if cell.is_empty() { Content::Nothing } else { Content::Cell(cell.to_owned()) });
        }
    }
    columns
}

fn of_json(document: &Value) -> Vec<(String, Vec<Content>)> {
    let mut all = Vec::new();
    gather(document, String::new(), &mut all);
    all.into_iter().map(|(name, found)| (name, vec![found])).collect()
}

fn gather(value: &Value, name: String, all: &mut Vec<(String, Content)>) {
    let found = match value {
        Value::Object(entries) => {
            let inside = |key: &String| if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            return entries.iter().for_each(|(key, value)| gather(value, inside(key), all));
        }
        Value::Array(values) => return values.iter().for_each(|value| gather(value, format!("{name}[]"), all)),
        Value::Null => Content::Nothing,
        Value::Bool(is) => Content::Truth(is.to_string()),
        Value::Number(number) => Content::Number(number.to_string()),
        Value::String(text) if text.is_empty() => Content::Nothing,
        Value::String(text) => Content::Text(text.clone()),
    };
    all.push((name, found));
}

fn of_npz(path: &Path) -> Vec<(String, Vec<Content>)> {
    let mut archive = ZipArchive::new(File::open(path).unwrap()).unwrap();
    let arrays = (0..archive.len()).map(|position| {
        let mut entry = archive.by_index(position).unwrap();
        let name = entry.name().unwrap().trim_end_matches(".npy").to_owned();
        let mut npy = Vec::new();
        entry.read_to_end(&mut npy).unwrap();
        let (header, data) = npy.split_at(128);
        let header = String::from_utf8_lossy(&header[10..]).into_owned();
        let shape = header.split(['(', ')']).nth(1).unwrap().split(',').filter_map(|size| size.trim().parse().ok());
        let (dtype, values): (_, Vec<f64>) = if header.contains("'<f4'") {
            ("float32", data.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes).into()).collect())
        } else {
            assert!(header.contains("'<i8'"), "{header}");
            ("int64", data.as_chunks().0.iter().map(|&bytes| i64::from_le_bytes(bytes) as f64).collect())
        };
        let range =
            [values.iter().copied().reduce(f64::min).unwrap(), values.iter().copied().reduce(f64::max).unwrap()];
        (name, vec![Content::Array { dtype: dtype.to_owned(), shape: shape.collect(), range: Some(range) }])
    });
    arrays.collect()
}

fn of_network(bytes: &[u8]) -> Vec<(String, Vec<Content>)> {
    let (_, header) = SafeTensors::read_metadata(bytes).unwrap();
    let tensors = header.tensors().into_iter().map(|(name, info)| {
        let dtype = match info.dtype {
            safetensors::Dtype::F32 => "float32",
            safetensors::Dtype::F16 => "float16",
            _ => "another type",
        };
        (name, vec![Content::Array { dtype: dtype.to_owned(), shape: info.shape.clone(), range: None }])
    });
    let documents = header.metadata().iter().flatten().flat_map(|(key, text)| {
        let inside = of_json(&serde_json::from_str(text).unwrap());
        inside.into_iter().map(move |(name, found)| (format!("{key}.{name}"), found))
    });
    tensors.chain(documents).collect()
}
