//! From steps to a [`Spec`] and its weights in the order of its layout.

use std::collections::HashMap;

use super::draft::{Id, Step};
use crate::layout::Layout;
use crate::spec::Spec;

/// The network of these steps.
pub(super) fn assemble(image: &[usize], steps: Vec<Step>, output: Id) -> Result<(Spec, Vec<f32>), String> {
    let mut spec = Spec::new(&[("image", image)]);
    let mut names = vec!["image".to_owned()];
    let mut taken: HashMap<String, usize> = HashMap::from([("image".to_owned(), 1)]);
    let mut weights = Vec::new();
    for step in steps {
        let name = named(&step.label, &mut taken);
        let operands: Vec<&str> = step.operands.iter().map(|&id| &names[id][..]).collect();
        spec.add(&name[..], step.op, &operands);
        names.push(name);
        step.parameters.iter().for_each(|tensor| weights.extend(tensor.each_float()));
    }
    spec.outputs = vec![names[output].clone()];
    spec.shapes().map_err(|error| error.to_string())?;
    let expected = Layout::of(&[&spec]).len();
    if weights.len() != expected {
        return Err(format!("{} weights, and the network has {expected}", weights.len()));
    }
    match weights.iter().find(|weight| weight.is_nan()) {
        Some(_) => Err("a weight is NaN".to_owned()),
        None => Ok((spec, weights)),
    }
}

/// A name that no other value has, from what the file calls the node.
fn named(label: &str, taken: &mut HashMap<String, usize>) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-/:".contains(letter);
    let clean: String = label.chars().take(80).map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
    loop {
        let count = taken.entry(clean.clone()).or_insert(0);
        *count += 1;
        let name = if *count == 1 { clean.clone() } else { format!("{clean}~{count}") };
        if *count == 1 || taken.insert(name.clone(), 1).is_none() {
            return name;
        }
    }
}
