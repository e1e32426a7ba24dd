//! Reads the messages of an ONNX file.
//!
//! A crate that does, `rten-onnx`, takes a truncated message for a shorter one, allocates what a length says, refuses packed
//! attributes and follows graphs within graphs as deep as they go; so this reads the wire itself.

use super::message::{Attribute, Declared, Dimension, Graph, Kind, Model, Node, Stored};
use super::wire::{Fields, Refusal, Wire, varint};

/// The most nodes, names, attributes, numbers in attributes, and other entries of a file: each costs more here than there.
const ENTRIES: usize = 1 << 17;

/// Graphs within each other at most: a branch within a branch is rare.
const DEEPEST: usize = 8;

/// Reads messages, and counts what it keeps.
struct Reader {
    left: usize,
    /// Graphs that it is inside of.
    depth: usize,
}

/// The model in the bytes of a file.
pub(super) fn read(bytes: &[u8]) -> Result<Model<'_>, Refusal> {
    let mut reader = Reader { left: ENTRIES, depth: 0 };
    let mut model = Model::default();
    for field in Fields(bytes) {
        match field? {
            (2, wire) => model.producer[0] = wire.text("producer")?,
            (3, wire) => model.producer[1] = wire.text("producer's version")?,
            (7, wire) => model.graph = Some(reader.graph(wire.bytes("graph")?)?),
            (8, wire) => {
                reader.entry()?;
                model.opsets.push(opset(wire.bytes("opset")?)?);
            }
            _ => {}
        }
    }
    Ok(model)
}

fn opset(bytes: &[u8]) -> Result<(&str, i64), Refusal> {
    let (mut domain, mut version) = ("", 0);
    for field in Fields(bytes) {
        match field? {
            (1, wire) => domain = wire.text("domain")?,
            (2, wire) => version = wire.integer("opset")?,
            _ => {}
        }
    }
    Ok((domain, version))
}

impl Reader {
    fn entry(&mut self) -> Result<(), Refusal> {
        self.left = self
            .left
            .checked_sub(1)
            .ok_or_else(|| format!("it has more than {ENTRIES} nodes, names, attributes and numbers in attributes"))?;
        Ok(())
    }

    fn graph<'a>(&mut self, bytes: &'a [u8]) -> Result<Graph<'a>, Refusal> {
        let mut graph = Graph::default();
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("it has more than {DEEPEST} graphs within each other"));
        }
        for field in Fields(bytes) {
            let (number, wire) = field?;
            if matches!(number, 1 | 5 | 11 | 12) {
                self.entry()?;
            }
            match number {
                1 => graph.nodes.push(self.node(wire.bytes("node")?)?),
                5 => graph.initializers.push(self.tensor(wire.bytes("initializer")?)?),
                11 => graph.inputs.push(self.declared(wire.bytes("input")?)?),
                12 => graph.outputs.push(self.declared(wire.bytes("output")?)?),
                15 => graph.is_sparse = true,
                _ => {}
            }
        }
        self.depth -= 1;
        Ok(graph)
    }

    fn node<'a>(&mut self, bytes: &'a [u8]) -> Result<Node<'a>, Refusal> {
        let mut node = Node::default();
        for field in Fields(bytes) {
            let (number, wire) = field?;
            if matches!(number, 1 | 2 | 5) {
                self.entry()?;
            }
            match number {
                1 => node.inputs.push(wire.text("name of an input")?),
                2 => node.outputs.push(wire.text("name of an output")?),
                3 => node.name = wire.text("name of a node")?,
                4 => node.operator = wire.text("operator")?,
                5 => node.attributes.push(self.attribute(wire.bytes("attribute")?)?),
                7 => node.domain = wire.text("domain")?,
                _ => {}
            }
        }
        Ok(node)
    }

    fn attribute<'a>(&mut self, bytes: &'a [u8]) -> Result<Attribute<'a>, Refusal> {
        let mut attribute = Attribute::default();
        for field in Fields(bytes) {
            match field? {
                (1, wire) => attribute.name = wire.text("name of an attribute")?,
                (2, wire) => attribute.float = Some(wire.float("attribute")?),
                (3, wire) => attribute.integer = Some(wire.integer("attribute")?),
                (4, wire) => attribute.text = Some(wire.bytes("attribute")?),
                (5, wire) => attribute.tensor = Some(self.tensor(wire.bytes("attribute")?)?),
                (6, wire) => attribute.graph = Some(Box::new(self.graph(wire.bytes("attribute")?)?)),
                (7, Wire::Bytes(packed)) => {
                    for four in packed.as_chunks().0 {
                        self.entry()?;
                        attribute.floats.push(f32::from_le_bytes(*four));
                    }
                }
                (7, wire) => {
                    self.entry()?;
                    attribute.floats.push(wire.float("attribute")?);
                }
                (8, wire) => self.integers(wire, &mut attribute.integers)?,
                _ => {}
            }
        }
        Ok(attribute)
    }

    /// One integer of a list, or all of a packed one.
    fn integers(&mut self, wire: Wire<'_>, to: &mut Vec<i64>) -> Result<(), Refusal> {
        let Wire::Bytes(mut packed) = wire else {
            self.entry()?;
            to.push(wire.integer("list of integers")?);
            return Ok(());
        };
        while !packed.is_empty() {
            self.entry()?;
            to.push(varint(&mut packed)?.cast_signed());
        }
        Ok(())
    }

    fn tensor<'a>(&mut self, bytes: &'a [u8]) -> Result<Stored<'a>, Refusal> {
        let mut tensor = Stored::default();
        for field in Fields(bytes) {
            match field? {
                (1, wire) => self.integers(wire, &mut tensor.dims)?,
                (2, wire) => tensor.kind = wire.integer("data type")?,
                (3, _) => tensor.is_segment = true,
                (8, wire) => tensor.name = wire.text("name of a tensor")?,
                (9, wire) => tensor.raw = Some(wire.bytes("raw data")?),
                (number @ (4..=7 | 10 | 11), wire) => {
                    self.entry()?;
                    tensor.typed.push((number, wire));
                }
                (13, wire) => {
                    self.entry()?;
                    tensor.external.push(pair(wire.bytes("place of external data")?)?);
                }
                (14, wire) => tensor.is_external = wire.integer("place of data")? == 1,
                _ => {}
            }
        }
        Ok(tensor)
    }

    fn declared<'a>(&mut self, bytes: &'a [u8]) -> Result<Declared<'a>, Refusal> {
        let mut declared = Declared::default();
        for field in Fields(bytes) {
            match field? {
                (1, wire) => declared.name = wire.text("name of a value")?,
                (2, wire) => declared.kind = self.kind(wire.bytes("type")?)?,
                _ => {}
            }
        }
        Ok(declared)
    }

    fn kind<'a>(&mut self, bytes: &'a [u8]) -> Result<Kind<'a>, Refusal> {
        let mut kind = Kind::Unsaid;
        for field in Fields(bytes) {
            let (number, wire) = field?;
            kind = match number {
                1 => {
                    let (mut element, mut shape) = (0, None);
                    for field in Fields(wire.bytes("type")?) {
                        match field? {
                            (1, wire) => element = wire.integer("element type")?,
                            (2, wire) => shape = Some(self.shape(wire.bytes("shape")?)?),
                            _ => {}
                        }
                    }
                    Kind::Tensor(element, shape)
                }
                4 => Kind::Other("a sequence"),
                5 => Kind::Other("a map"),
                7 => Kind::Other("an opaque value"),
                8 => Kind::Other("a sparse tensor"),
                9 => Kind::Other("an optional value"),
                _ => kind,
            };
        }
        Ok(kind)
    }

    fn shape<'a>(&mut self, bytes: &'a [u8]) -> Result<Vec<Dimension<'a>>, Refusal> {
        let mut shape = Vec::new();
        for field in Fields(bytes) {
            let (1, wire) = field? else { continue };
            self.entry()?;
            let mut dimension = Dimension::Named("");
            for field in Fields(wire.bytes("dimension")?) {
                match field? {
                    (1, wire) => dimension = Dimension::Fixed(wire.integer("dimension")?),
                    (2, wire) => dimension = Dimension::Named(wire.text("dimension")?),
                    _ => {}
                }
            }
            shape.push(dimension);
        }
        Ok(shape)
    }
}

fn pair(bytes: &[u8]) -> Result<(&str, &str), Refusal> {
    let (mut key, mut value) = ("", "");
    for field in Fields(bytes) {
        match field? {
            (1, wire) => key = wire.text("key")?,
            (2, wire) => value = wire.text("value")?,
            _ => {}
        }
    }
    Ok((key, value))
}
