//! [`read`]: the whole way from bytes to a network.

use std::collections::{BTreeMap, HashSet};

use super::assemble::assemble;
use super::budget::Budget;
use super::call::{Computed, Value};
use super::draft::Draft;
use super::emit::{add, inner, viewed};
use super::error::{OnnxError, plain, short};
use super::external::Beside;
use super::fuse::fuse;
use super::input::{Channels, Image, declared_sizes, image};
use super::message::{Declared, Graph, Kind, Model};
use super::nodes::Nodes;
use super::order::{order, reads};
use super::output::logits;
use super::reader;
use super::stored::Decoder;
use super::unsupported::{full_name, is_own, refuse_unsupported};
use crate::spec::{Op, Spec};

/// The versions of ONNX's own operators that are known.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=28;

/// What the owner of a file says where the file does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Where the channels lie; if not said, last where the input's last dimension is 1 or 3 and its second is not.
    pub channels: Option<Channels>,
    /// Channels, rows and columns of an image, where the file leaves them open or has features only.
    pub shape: Option<[usize; 3]>,
    /// Which output is the logits; not needed if only one is of floats.
    pub output: Option<String>,
}

/// A network that was an ONNX file.
#[derive(Debug, Clone, PartialEq)]
pub struct Lowered {
    /// What it computes: of an image `[channels, rows, columns]` the logits, a vector.
    pub spec: Spec,
    /// Its parameters, in the order of `Layout::of(&[&spec])`.
    pub weights: Vec<f32>,
    /// The file's name for its input.
    pub input: String,
    /// The shape that the file declares for it; none for what is left open.
    pub declared: Vec<Option<usize>>,
    /// Where the channels lie in it.
    pub channels: Channels,
    /// The file's name for the output that became the logits.
    pub output: String,
    /// The version of ONNX's own operators.
    pub opset: i64,
    /// Who wrote the file, as it says, with the version.
    pub producer: String,
    /// The operators of the file and how many nodes have each.
    pub operators: BTreeMap<String, usize>,
    /// What was done that its owner must know, a sentence each.
    pub notes: Vec<String>,
}

/// The network in the bytes of an ONNX file. `beside`: the files in its folder, `&()` if there are none.
///
/// # Errors
/// [`OnnxError`], one line: the file cannot be read, has operators that are not supported (all are listed), does not fit together, or
/// is no classifier of images.
pub fn read(bytes: &[u8], beside: &dyn Beside, options: &Options) -> Result<Lowered, OnnxError> {
    let Model { producer, opsets, graph } = reader::read(bytes).map_err(OnnxError::File)?;
    let graph = graph.ok_or_else(|| OnnxError::File("it holds no graph".to_owned()))?;
    let opset = opset(&opsets)?;
    let output = chosen_output(&graph, options.output.as_deref())?;
    let order = order(&graph, &[output], |_| false)?;
    refuse_unsupported(order.iter().map(|&at| &graph.nodes[at]))?;
    let input = only_input(&graph, &order)?;
    let Image { shape, whole, channels, batch, mut notes } = image(input, options.shape, options.channels)?;
    if graph.outputs.len() > 1 {
        notes.push(format!("Of {} outputs {} is taken as the logits.", graph.outputs.len(), plain(output)));
    }

    let mut draft = Draft::new(shape);
    let first = first_value(&mut draft, &whole, channels).map_err(OnnxError::Input)?;
    let mut nodes = Nodes::new(draft, Decoder::new(beside), Budget::new(bytes.len()), opset, batch);
    nodes.enter(&graph, [(input.name, first)])?;
    nodes.lower(&graph, &order)?;
    let last = nodes.value(output)?;
    let mut draft = nodes.draft;
    let unmade = || OnnxError::Output(format!("{} is an output that its node does not have here", plain(output)));
    let named = |reason: String| OnnxError::Output(short(format!("{}: {reason}", plain(output))));
    let (id, more) = logits(&mut draft, &last.ok_or_else(unmade)?).map_err(named)?;
    notes.extend(more);

    let (shapes, steps) = draft.into_steps();
    let (steps, id) = fuse(&shapes, steps, id);
    let (spec, weights) = assemble(&shapes[0], steps, id).map_err(OnnxError::Graph)?;
    let mut operators = BTreeMap::new();
    graph.nodes.iter().for_each(|node| *operators.entry(full_name(node)).or_insert(0) += 1);
    Ok(Lowered {
        spec,
        weights,
        input: plain(input.name),
        declared: declared_sizes(input)?,
        channels,
        output: plain(output),
        opset,
        producer: plain(producer.join(" ").trim()),
        operators,
        notes,
    })
}

/// The image as the file's input: whole, one channel alone, or as features in the order of its pixels.
fn first_value(draft: &mut Draft, whole: &[usize], channels: Channels) -> Result<Value, String> {
    let id = match channels {
        Channels::Last if whole.len() != 3 => add(draft, Op::Transpose { order: vec![1, 2, 0] }, &[0])?,
        _ => 0,
    };
    let id = viewed(draft, id, &inner(whole))?;
    Ok(Value::Computed(Computed { id, shape: whole.to_vec() }))
}

fn opset(opsets: &[(&str, i64)]) -> Result<i64, OnnxError> {
    let own = opsets.iter().find(|(domain, _)| is_own(domain));
    let &(_, opset) = own.ok_or_else(|| OnnxError::File("it does not say its opset".to_owned()))?;
    if !OPSETS.contains(&opset) {
        let (first, last) = (OPSETS.start(), OPSETS.end());
        return Err(OnnxError::File(format!(
            "its opset is {opset}, and {first} to {last} are known; export it with one of those"
        )));
    }
    Ok(opset)
}

/// The output that is asked for, the only one, or the only one of floats.
fn chosen_output<'f>(graph: &Graph<'f>, wanted: Option<&str>) -> Result<&'f str, OnnxError> {
    let names = || short(graph.outputs.iter().map(|output| plain(output.name)).collect::<Vec<_>>().join(", "));
    let chosen: Vec<&Declared> = match (wanted, &graph.outputs[..]) {
        (Some(wanted), all) => {
            let found = all.iter().find(|output| output.name == wanted);
            let unknown =
                || OnnxError::OutputChoice(format!("there is none called {}; there is {}", plain(wanted), names()));
            vec![found.ok_or_else(unknown)?]
        }
        (None, [only]) => vec![only],
        (None, all) => all.iter().filter(|output| matches!(output.kind, Kind::Tensor(1 | 11, _))).collect(),
    };
    match chosen[..] {
        [Declared { kind: Kind::Other(kind), name }] => {
            Err(OnnxError::Output(format!("{} is {kind}, not a tensor of logits", plain(name))))
        }
        [Declared { name, .. }] => Ok(name),
        _ if graph.outputs.is_empty() => Err(OnnxError::Output("there is none".to_owned())),
        _ => Err(OnnxError::OutputChoice(format!("there are several, {}; say which one is the logits", names()))),
    }
}

/// The one input that is no stored tensor and that the output needs.
fn only_input<'g, 'f>(graph: &'g Graph<'f>, order: &[usize]) -> Result<&'g Declared<'f>, OnnxError> {
    let stored: HashSet<&str> = graph.initializers.iter().map(|stored| stored.name).collect();
    let read: HashSet<&str> = order.iter().flat_map(|&at| reads(&graph.nodes[at]).into_owned()).collect();
    let is_needed = |input: &&Declared| read.contains(input.name) && !stored.contains(input.name);
    let needed: Vec<&Declared> = graph.inputs.iter().filter(is_needed).collect();
    match needed[..] {
        [input] => Ok(input),
        [] => Err(OnnxError::Input("the output depends on none".to_owned())),
        _ => {
            let names = needed.iter().map(|input| plain(input.name)).collect::<Vec<_>>().join(", ");
            Err(OnnxError::Input(format!("there are several, {}, and a classifier of images has one", short(names))))
        }
    }
}
