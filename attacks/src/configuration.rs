//! The settings in effect, defaults filled in: what a report says of how an attack ran.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// Named values in the order in which the attack gives them; a map in JSON.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Configuration(Vec<(Cow<'static, str>, Value)>);

/// One value.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// How many of something.
    Count(usize),
    /// A quantity.
    Number(f64),
    /// Whether something is so.
    Flag(bool),
    /// A name, or several separated by commas.
    Text(String),
}

impl Configuration {
    /// Adds a value under a name in snake case.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// The value of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(other, _)| *other == name).map(|(_, value)| value)
    }
}

impl fmt::Display for Configuration {
    /// For people: `steps 40, step size 0.01, random start`. A flag that is not set says nothing.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let words = self.0.iter().filter_map(|(name, value)| {
            let name = name.replace('_', " ");
            match value {
                Value::Count(count) => Some(format!("{name} {count}")),
                Value::Number(number) => Some(format!("{name} {number}")),
                Value::Flag(is_set) => is_set.then_some(name),
                Value::Text(text) => Some(format!("{name} {text}")),
            }
        });
        f.write_str(&words.collect::<Vec<_>>().join(", "))
    }
}

impl Serialize for Configuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Configuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

/// Reads a map in the order of its entries.
struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Configuration;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("named values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Configuration, A::Error> {
        let mut values = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            values.push((name.into(), value));
        }
        Ok(Configuration(values))
    }
}

impl From<usize> for Value {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(is_set: bool) -> Self {
        Self::Flag(is_set)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
