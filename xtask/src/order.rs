//! JSON in the order of the YAML that it was read from: readers expect the documentation's order, and the maps of
//! `serde_json` forget it.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

/// A value whose objects are written in the order of `like`; what `like` does not have comes last, by name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ordered<'a> {
    value: &'a Value,
    like: Option<&'a yaml_serde::Value>,
}

impl<'a> Ordered<'a> {
    pub(crate) fn new(value: &'a Value, like: &'a yaml_serde::Value) -> Self {
        Self { value, like: Some(like) }
    }
}

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Object(object) => {
                let like = self.like.and_then(yaml_serde::Value::as_mapping);
                let known = like.into_iter().flat_map(yaml_serde::Mapping::iter).filter_map(|(key, like)| {
                    let key = key.as_str()?;
                    Some((key, object.get(key)?, Some(like)))
                });
                let new = object.iter().filter(|(key, _)| like.is_none_or(|like| !like.contains_key(key.as_str())));
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for (key, value, like) in known.chain(new.map(|(key, value)| (key.as_str(), value, None))) {
                    map.serialize_entry(key, &Ordered { value, like })?;
                }
                map.end()
            }
            Value::Array(items) => {
                let like = self.like.and_then(yaml_serde::Value::as_sequence);
                serializer.collect_seq(items.iter().enumerate().map(|(n, value)| {
                    let like = like.and_then(|like| like.get(n));
                    Ordered { value, like }
                }))
            }
            other => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_keep_the_order_of_the_yaml() {
        let like: yaml_serde::Value = yaml_serde::from_str("z: 1\na: [{y: 1, b: 2}]\ngone: 3\n").unwrap();
        let value = json!({"a": [{"b": 2, "y": 1, "c": 0}, {"n": 1, "m": 2}], "new": true, "z": 1});
        let text = serde_json::to_string(&Ordered::new(&value, &like)).unwrap();
        assert_eq!(text, r#"{"z":1,"a":[{"y":1,"b":2,"c":0},{"m":2,"n":1}],"new":true}"#);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
