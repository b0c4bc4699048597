//! How an answer is read and written. What `codegen/reading.rs` makes of each schema is a list of its members with their
//! codecs; what to do with a member that is absent, of another kind than documented, or unknown is decided here, once.
//!
//! A JSON object is read as a whole before its members are looked at. That costs a map of its members, and buys that a
//! member which cannot be read is still there: it is kept under its own name beside those that are unknown, so nothing is
//! lost when the object is written again. It also keeps the code small, because only the reading of plain JSON is compiled
//! once more for each kind of input.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use serde_json::{Map, Value};

use super::{Codec, Extra, List, ListCodec, Problem, Unread, is_blank, list::Sorted, secret::guarded};

/// An object of an answer.
pub trait AnswerObject: Sized {
    /// Takes the members that it knows.
    ///
    /// # Errors
    ///
    /// When a member that identifies the thing is missing or cannot be read; then all members are still there.
    fn read(members: &mut Members) -> Result<Self, Problem>;

    /// Puts all members in, the unknown ones last.
    fn write(&self, members: &mut Written);
}

/// The members of an object while it is read.
#[derive(Debug)]
pub struct Members {
    left: Map<String, Value>,
    kept: Map<String, Value>,
}

impl Members {
    /// A member that may be absent. What cannot be read counts as absent and is kept.
    pub fn optional<T, C: Codec<T>>(&mut self, name: &'static str) -> Option<T> {
        let value = self.left.remove(name)?;
        if C::is_none(&value) {
            self.keep(name, value);
            return None;
        }
        C::read(value).map_err(|unread| self.keep(name, unread.value)).ok()
    }

    /// A text or a word without which nobody has seen the object: empty where the answer does not tell.
    pub fn plain<T: From<String>, C: Codec<T>>(&mut self, name: &'static str) -> T {
        self.optional::<T, C>(name).unwrap_or_else(|| String::new().into())
    }

    /// A list; empty if it is absent. Elements that cannot be read are kept.
    pub fn list<T, C: ListCodec<T>>(&mut self, name: &'static str) -> Vec<T> {
        let Some(value) = self.left.remove(name) else { return Vec::new() };
        if is_blank(&value) {
            self.keep(name, value);
            return Vec::new();
        }
        let Sorted { read, unread } = C::sort(value).unwrap_or_else(|unread| {
            self.keep(name, unread.value);
            Sorted { read: Vec::new(), unread: Vec::new() }
        });
        if !unread.is_empty() {
            self.keep(name, unread.into_iter().map(|(_, unread)| unread.value).collect());
        }
        read
    }

    /// A member that identifies the thing.
    ///
    /// # Errors
    ///
    /// When it is missing or cannot be read.
    pub fn identity<T, C: Codec<T>>(&mut self, name: &'static str) -> Result<T, Problem> {
        // It stays in its place, so that the object is whole if a second one cannot be read.
        let value = self.left.get(name).ok_or_else(|| Problem::missing(name, C::EXPECTED))?;
        if C::is_none(value) {
            return Err(Problem::new(C::EXPECTED, value).within(name));
        }
        C::read(value.clone()).map_err(|unread| unread.problem.within(name))
    }

    /// The one object that an answer is about.
    ///
    /// # Errors
    ///
    /// When it is missing or what identifies it cannot be read.
    pub fn inner<T: AnswerObject>(&mut self, name: &'static str) -> Result<T, Problem> {
        let value = self.left.remove(name).ok_or_else(|| Problem::missing(name, <Object as Codec<T>>::EXPECTED))?;
        Object::read(value).map_err(|Unread { value, problem }| {
            self.left.insert(name.to_owned(), value);
            problem.within(name)
        })
    }

    /// The list that an answer is about. Elements that cannot be read are told of.
    ///
    /// # Errors
    ///
    /// When it is missing or no list: an empty one would be a lie.
    pub fn inner_list<T, C: ListCodec<T>>(&mut self, name: &'static str) -> Result<List<T>, Problem> {
        let value = self.left.remove(name).ok_or_else(|| Problem::missing(name, C::EXPECTED))?;
        if !tells_a_list::<T, C>(&value) {
            let problem = Problem::new(C::EXPECTED, &value).within(name);
            self.left.insert(name.to_owned(), value);
            return Err(problem);
        }
        let Sorted { read, unread } = C::sort(value).map_err(|Unread { value, problem }| {
            self.left.insert(name.to_owned(), value);
            problem.within(name)
        })?;
        let unread = unread.into_iter().map(|(index, Unread { value, problem })| (index, value, problem.within(name)));
        Ok(List::read(read, unread.collect()))
    }

    /// What is left over, and what could not be read; all but what identifies the thing.
    pub fn rest(&mut self, identity: &[&str]) -> Extra {
        for name in identity {
            self.left.remove(*name);
        }
        let mut rest = std::mem::take(&mut self.left);
        rest.append(&mut self.kept);
        rest.into()
    }

    fn keep(&mut self, name: &str, value: Value) {
        // Null says no more than absence.
        if !value.is_null() {
            self.kept.insert(name.to_owned(), value);
        }
    }
}

/// The members of an object while it is written.
#[derive(Debug, Default)]
pub struct Written {
    members: Map<String, Value>,
    fault: Option<serde_json::Error>,
}

impl Written {
    /// A member.
    pub fn put<T, C: Codec<T>>(&mut self, name: &'static str, value: &T) {
        match C::encode(value, serde_json::value::Serializer) {
            Ok(value) => drop(self.members.insert(name.to_owned(), value)),
            Err(error) => self.fault = Some(error),
        }
    }

    /// A member, unless it is absent.
    pub fn put_optional<T, C: Codec<T>>(&mut self, name: &'static str, value: Option<&T>) {
        if let Some(value) = value {
            self.put::<T, C>(name, value);
        }
    }

    /// A list with the elements that could not be read, in their places.
    pub fn put_inner_list<T, C: ListCodec<T>>(&mut self, name: &'static str, list: &List<T>) {
        self.put::<Vec<T>, C>(name, list.as_vec());
        if let Some(elements) = self.members.get_mut(name).and_then(elements_mut) {
            for left_out in list.unreadable() {
                elements.insert(left_out.index().min(elements.len()), left_out.value().clone());
            }
        }
    }

    /// The members that were unknown or could not be read. What is known now counts, unless it says nothing.
    pub fn rest(&mut self, extra: &Extra) {
        for (name, value) in extra.iter() {
            let value = &guarded(name, value);
            match (self.members.get_mut(name), value) {
                (None, _) => drop(self.members.insert(name.clone(), value.clone())),
                (Some(known), _) if says_nothing(known) => *known = value.clone(),
                // Elements that could not be read come after those that could.
                (Some(known), Value::Array(unread)) => {
                    if let Some(elements) = elements_mut(known) {
                        elements.extend(unread.iter().cloned());
                    }
                }
                (Some(_), _) => {}
            }
        }
    }
}

/// Whether there is a list, even an empty one. Elsewhere `null` and an empty object count as an empty list; the list that an
/// answer is about is not empty because the answer says nothing.
fn tells_a_list<T, C: ListCodec<T>>(value: &Value) -> bool {
    match value {
        Value::Array(_) => true,
        Value::Object(envelope) => match C::ENVELOPE.and_then(|key| envelope.get(key)) {
            Some(list) => list.is_array(),
            None => envelope.len() == 1 && envelope.values().all(Value::is_array),
        },
        _ => false,
    }
}

/// The elements of a list as it is sent, bare or in an envelope.
fn elements_mut(list: &mut Value) -> Option<&mut Vec<Value>> {
    match list {
        Value::Array(elements) => Some(elements),
        Value::Object(envelope) if envelope.len() == 1 => envelope.values_mut().next()?.as_array_mut(),
        _ => None,
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Object(envelope) if envelope.len() == 1 => {
            envelope.values().all(|list| list.as_array().is_some_and(Vec::is_empty))
        }
        Value::Array(elements) => elements.is_empty(),
        value => is_blank(value),
    }
}

/// An object of which all members are known. An empty text or an empty list is none.
#[derive(Debug)]
pub enum Object {}

impl<T: AnswerObject> Codec<T> for Object {
    const EXPECTED: &'static str = "an object";

    fn encode<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(value, serializer)
    }

    fn read(value: Value) -> Result<T, Unread> {
        let Value::Object(left) = value else { return Err(Unread::new(value, <Self as Codec<T>>::EXPECTED)) };
        let mut members = Members { left, kept: Map::new() };
        T::read(&mut members).map_err(|problem| Unread { value: Value::Object(members.left), problem })
    }

    fn is_none(value: &Value) -> bool {
        is_no_object(value)
    }
}

fn is_no_object(value: &Value) -> bool {
    is_blank(value) || value.as_array().is_some_and(Vec::is_empty)
}

/// An object of which no member is known.
#[derive(Debug)]
pub enum AnyObject {}

impl<T> Codec<T> for AnyObject
where
    T: From<Map<String, Value>> + Serialize,
{
    const EXPECTED: &'static str = "an object";

    fn encode<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    fn read(value: Value) -> Result<T, Unread> {
        match value {
            Value::Object(members) => Ok(members.into()),
            other => Err(Unread::new(other, <Self as Codec<T>>::EXPECTED)),
        }
    }

    fn is_none(value: &Value) -> bool {
        is_no_object(value)
    }
}

/// Reads an object of an answer.
pub(crate) fn deserialize<'de, T: AnswerObject, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Object::read(value).map_err(|unread| D::Error::custom(unread.problem))
}

/// Writes an object of an answer as the API would.
pub(crate) fn serialize<T: AnswerObject, S: Serializer>(object: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut written = Written::default();
    object.write(&mut written);
    match written.fault {
        Some(error) => Err(S::Error::custom(error)),
        None => written.members.serialize(serializer),
    }
}
