//! Reads the status of servers in a list while it goes by: no map, and nothing kept of a server that nobody waits for.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt,
};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor},
};
use serde_json::Value;
use uuid::Uuid;

use super::{Attributes, List, Status, Wanted};
use crate::{
    model::{
        ServerState,
        types::{ServerSummary, ServersResponse},
    },
    wire::{Codec as _, Identifier, Number, Spelled},
};

/// Where the servers stand in the documented answer.
const PATH: [&str; 2] = ["servers", "server"];

/// Reads an answer; its body is left to the caller.
///
/// An answer of any other form than the documented one is read as every answer is, so there is one place that knows the
/// other forms and their errors.
pub(super) fn list(body: &[u8], wanted: &Wanted) -> Result<List, serde_json::Error> {
    let mut list = List::default();
    if walk(body, &mut Statuses { wanted: &wanted.uuids, list: &mut list }).is_err() {
        return other(body, wanted);
    }
    if wanted.whole {
        let mut read = whole(body, list.statuses.iter().filter_map(Status::element).collect());
        list.statuses.retain_mut(|status| {
            let server = status.element().and_then(|element| read.remove(&element));
            server.map(|server| status.attributes = Attributes::Read(Box::new(server))).is_some()
        });
    }
    Ok(list)
}

fn other(body: &[u8], wanted: &Wanted) -> Result<List, serde_json::Error> {
    let (servers, unreadable) = serde_json::from_slice::<ServersResponse>(body)?.servers.into_parts();
    let uuids = servers.iter().map(|server| server.uuid).collect();
    let awaited = servers.into_iter().filter(|server| wanted.uuids.contains(&server.uuid));
    Ok(List { body: Vec::new(), uuids, unreadable: unreadable.len(), statuses: awaited.map(Status::from).collect() })
}

/// Reads these elements as a whole. One that is not in the result has no UUID or is no JSON.
pub(super) fn whole(body: &[u8], wanted: HashSet<usize>) -> HashMap<usize, ServerSummary> {
    let mut servers = Servers { wanted, read: HashMap::new() };
    if !servers.wanted.is_empty() {
        // What was read before a fault is good.
        let _ = walk(body, &mut servers);
    }
    servers.read
}

impl Status {
    fn element(&self) -> Option<usize> {
        match self.attributes {
            Attributes::Unread { element, .. } => Some(element),
            Attributes::Read(_) => None,
        }
    }
}

/// What is done with the elements of a list.
trait Take {
    fn take<'de, A: SeqAccess<'de>>(&mut self, elements: A) -> Result<(), A::Error>;
}

struct Statuses<'a> {
    wanted: &'a HashSet<Uuid>,
    list: &'a mut List,
}

impl Take for Statuses<'_> {
    fn take<'de, A: SeqAccess<'de>>(&mut self, mut elements: A) -> Result<(), A::Error> {
        while let Some(Element { uuid, state, progress }) = elements.next_element()? {
            let element = self.list.uuids.len() + self.list.unreadable;
            let Some(uuid) = uuid else {
                self.list.unreadable += 1;
                continue;
            };
            self.list.uuids.push(uuid);
            if self.wanted.contains(&uuid) {
                let attributes = Attributes::Unread { answer: 0, element };
                let progress = progress.and_then(|text| Number::read(Value::String(text.into_owned())).ok());
                self.list.statuses.push(Status { uuid, state: ServerState::from(&*state), progress, attributes });
            }
        }
        Ok(())
    }
}

struct Servers {
    wanted: HashSet<usize>,
    read: HashMap<usize, ServerSummary>,
}

impl Take for Servers {
    fn take<'de, A: SeqAccess<'de>>(&mut self, mut elements: A) -> Result<(), A::Error> {
        for element in 0.. {
            if !self.wanted.contains(&element) {
                let Some(IgnoredAny) = elements.next_element()? else { break };
                continue;
            }
            let Some(value) = elements.next_element::<Value>()? else { break };
            if let Ok(server) = ServerSummary::deserialize(value) {
                self.read.insert(element, server);
            }
        }
        Ok(())
    }
}

/// Goes to the list; an error if the answer has not the documented form.
fn walk<T: Take>(body: &[u8], take: &mut T) -> Result<(), serde_json::Error> {
    let mut input = serde_json::Deserializer::from_slice(body);
    Walk { path: &PATH, take }.deserialize(&mut input)?;
    input.end()
}

struct Walk<'a, T> {
    path: &'a [&'static str],
    take: &'a mut T,
}

impl<'de, T: Take> DeserializeSeed<'de> for Walk<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Take> Visitor<'de> for Walk<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of servers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Some((name, path)) = self.path.split_first() else {
            return Err(A::Error::invalid_type(Unexpected::Map, &self));
        };
        let mut found = false;
        while let Some(Spelled(key)) = members.next_key()? {
            if key.as_deref() != Some(name) {
                members.next_value::<IgnoredAny>()?;
            } else if found {
                return Err(A::Error::duplicate_field(name));
            } else {
                found = true;
                members.next_value_seed(Walk { path, take: &mut *self.take })?;
            }
        }
        if found { Ok(()) } else { Err(A::Error::missing_field(name)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<(), A::Error> {
        if self.path.is_empty() {
            self.take.take(elements)
        } else {
            Err(A::Error::invalid_type(Unexpected::Seq, &self))
        }
    }
}

/// What is looked at in an element; nothing in one that is no object.
#[derive(Default)]
struct Element<'de> {
    uuid: Option<Uuid>,
    /// Empty where the answer does not tell.
    state: Cow<'de, str>,
    progress: Option<Cow<'de, str>>,
}

impl<'de> Deserialize<'de> for Element<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor)
    }
}

struct ElementVisitor;

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut element = Element::default();
        while let Some(Spelled(key)) = members.next_key()? {
            match key.as_deref() {
                Some("uuid") => {
                    let Spelled(text) = members.next_value()?;
                    element.uuid = text.and_then(|text| Identifier::parse(&text));
                }
                Some("state") => {
                    let Spelled(text) = members.next_value()?;
                    element.state = text.filter(|text| !text.trim().is_empty()).unwrap_or_default();
                }
                Some("progress") => Spelled(element.progress) = members.next_value()?,
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(element)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<Self::Value, A::Error> {
        IgnoredAny.visit_seq(elements).map(|_| Element::default())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Element::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Element::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Element::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Element::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Element::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Element::default())
    }
}
