//! What is told of a thing that was made by an answer that cannot be read as a whole.

use std::fmt;

use serde::{
    Deserializer as _,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Deserializer, Value};
use uuid::Uuid;

use crate::Secret;

/// What a create has made although its answer cannot be read, from [`Error::created`](crate::Error::created): the
/// identifier, and what only that answer tells.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Created {
    /// Identifies the new server or server group, which exists.
    pub uuid: Uuid,
    /// The name of the account that was set up on the server.
    pub username: Option<String>,
    /// The one-time password of that account.
    pub password: Option<Secret>,
}

/// The thing that the body tells of. Members are taken as they come, so what stands before the place where the body is cut
/// off is found.
pub(super) fn created(body: &[u8]) -> Option<Created> {
    let mut found = Found::default();
    // That it cannot be read to its end is known.
    let _ = Deserializer::from_slice(body).deserialize_map(Outer(&mut found));
    let Found { uuid, username, password } = found;
    Some(Created { uuid: uuid?.parse().ok()?, username, password: password.map(Secret::from) })
}

#[derive(Default)]
struct Found {
    uuid: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

struct Outer<'a>(&'a mut Found);

impl<'de> Visitor<'de> for Outer<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            if matches!(name.as_str(), "server" | "server_group") {
                members.next_value_seed(Thing(self.0))?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Thing<'a>(&'a mut Found);

impl<'de> DeserializeSeed<'de> for Thing<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Thing<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a server or a server group")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            let place = match name.as_str() {
                "uuid" => &mut self.0.uuid,
                "username" => &mut self.0.username,
                "password" => &mut self.0.password,
                _ => {
                    members.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *place = members.next_value::<Value>()?.as_str().map(str::to_owned);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "00c4f3ab-7d5c-4b4e-9a8b-0d6f1f2e3a4b";

    #[test]
    fn what_stands_before_the_cut_is_found() {
        let whole = format!(
            r#"{{"new":[1],"server":{{"tags":{{"tag":["a"]}},"username":"root","password":"hunter2","uuid":"{UUID}","zone":"de-fra1"}}}}"#
        );
        let all = created(whole.as_bytes()).expect("a server");
        assert_eq!((all.uuid.to_string().as_str(), all.username.as_deref()), (UUID, Some("root")));
        assert_eq!(all.password.as_ref().map(Secret::expose), Some("hunter2"));
        assert!(!format!("{all:?}").contains("hunter2"));
        let end_of_uuid = whole.find(UUID).expect("in it") + UUID.len() + 1;
        for cut in 0..whole.len() {
            let found = created(&whole.as_bytes()[..cut]);
            assert_eq!(found.as_ref(), Some(&all).filter(|_| cut >= end_of_uuid), "{cut}");
        }
    }

    #[test]
    fn nothing_is_made_up() {
        for body in ["", "[]", "{}", r#"{"server":7}"#, r#"{"server":{"uuid":7}}"#, r#"{"server":{"uuid":"x"}}"#] {
            assert_eq!(created(body.as_bytes()), None, "{body}");
        }
        let group = format!(r#"{{"server_group":{{"uuid":"{UUID}","labels""#);
        assert_eq!(created(group.as_bytes()).expect("a group").username, None);
    }
}
