//! Lists, bare or inside an envelope such as `{"label": [..]}`.

use std::{marker::PhantomData, mem};

use serde::{Serializer, ser::SerializeMap};
use serde_json::Value;

use super::{Codec, Encoded, Unread};

/// What errors say was expected.
const EXPECTED: &str = "a list";

/// A way to spell lists: what spells each element, and the envelope around them.
pub trait ListCodec<T>: Codec<Vec<T>> {
    /// What spells each element.
    type Element: Codec<T>;

    /// The member that holds the list.
    const ENVELOPE: Option<&'static str>;

    /// The elements that can be read, and those that cannot with their positions.
    ///
    /// # Errors
    ///
    /// When the value is no list in any form; it comes back as it was.
    fn sort(value: Value) -> Result<Sorted<T>, Unread> {
        let elements = elements(value, Self::ENVELOPE).map_err(|value| Unread::new(value, EXPECTED))?;
        let mut sorted = Sorted { read: Vec::with_capacity(elements.len()), unread: Vec::new() };
        for (index, element) in elements.into_iter().enumerate() {
            match Self::Element::read(element) {
                Ok(element) => sorted.read.push(element),
                Err(Unread { value, problem }) => {
                    sorted.unread.push((index, Unread { value, problem: problem.at(index) }));
                }
            }
        }
        Ok(sorted)
    }
}

/// The elements of a list.
#[derive(Debug)]
pub struct Sorted<T> {
    pub(super) read: Vec<T>,
    pub(super) unread: Vec<(usize, Unread)>,
}

/// The elements of a list in any form: bare, in its envelope, in another one, null or an empty object.
fn elements(value: Value, envelope: Option<&str>) -> Result<Vec<Value>, Value> {
    let mut object = match value {
        Value::Array(elements) => return Ok(elements),
        Value::Object(object) => object,
        nothing if is_nothing(&nothing) => return Ok(Vec::new()),
        other => return Err(other),
    };
    if object.is_empty() {
        return Ok(Vec::new());
    }
    let inside = match envelope {
        Some(key) if object.contains_key(key) => object.get_mut(key),
        // The envelope has another name than the documented one; with a second member it is anyone's guess which is the list.
        _ if object.len() == 1 => object.values_mut().next().filter(|only| only.is_array() || only.is_null()),
        _ => None,
    };
    match inside {
        Some(Value::Array(elements)) => Ok(mem::take(elements)),
        Some(nothing) if is_nothing(nothing) => Ok(Vec::new()),
        _ => Err(Value::Object(object)),
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty)
}

fn strictly<T, C: ListCodec<T>>(value: Value) -> Result<Vec<T>, Unread> {
    let sorted = C::sort(value)?;
    match sorted.unread.into_iter().next() {
        Some((_, unread)) => Err(unread),
        None => Ok(sorted.read),
    }
}

/// [`Vec`] sent as a bare list of what `C` spells, read from a list, null, or an object whose only
/// member is one of these.
#[derive(Debug)]
pub struct Bare<C>(PhantomData<C>);

impl<T, C: Codec<T>> ListCodec<T> for Bare<C> {
    type Element = C;
    const ENVELOPE: Option<&'static str> = None;
}

impl<T, C: Codec<T>> Codec<Vec<T>> for Bare<C> {
    const EXPECTED: &'static str = EXPECTED;

    fn encode<S: Serializer>(value: &Vec<T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value.iter().map(Encoded::<T, C>::new))
    }

    fn read(value: Value) -> Result<Vec<T>, Unread> {
        strictly::<T, Self>(value)
    }
}

/// The label of an [`Envelope`], as a type because a codec can hold no value.
pub trait Key {
    /// The member that holds the list.
    const KEY: &'static str;
}

/// [`Vec`] sent as `{"KEY": [..]}`, read from that with any other members, with a null or missing
/// list, or from a bare list or null.
#[derive(Debug)]
pub struct Envelope<K, C>(PhantomData<(K, C)>);

impl<T, K: Key, C: Codec<T>> ListCodec<T> for Envelope<K, C> {
    type Element = C;
    const ENVELOPE: Option<&'static str> = Some(K::KEY);
}

impl<T, K: Key, C: Codec<T>> Codec<Vec<T>> for Envelope<K, C> {
    const EXPECTED: &'static str = EXPECTED;

    fn encode<S: Serializer>(value: &Vec<T>, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(K::KEY, &Encoded::<Vec<T>, Bare<C>>::new(value))?;
        map.end()
    }

    fn read(value: Value) -> Result<Vec<T>, Unread> {
        strictly::<T, Self>(value)
    }
}
