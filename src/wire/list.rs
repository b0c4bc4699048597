//! Lists, bare or inside an envelope such as `{"label": [..]}`.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserializer, Serializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
    ser::SerializeMap,
};

use super::{Codec, Decoded, Encoded};

/// The list inside an envelope, which must not be an envelope itself.
struct Elements<T, C>(PhantomData<(T, C)>);

impl<'de, T, C: Codec<T>> DeserializeSeed<'de> for Elements<T, C> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T, C: Codec<T>> Visitor<'de> for Elements<T, C> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or null")
    }

    fn visit_none<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_unit<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Vec<T>, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Decoded::<T, C>(PhantomData))? {
            items.push(item);
        }
        Ok(items)
    }
}

/// [`Vec`] sent as a bare list of what `C` spells, read from a list, null, or an object whose only
/// member is one of these.
#[derive(Debug)]
pub struct List<C>(PhantomData<C>);

impl<T, C: Codec<T>> Codec<Vec<T>> for List<C> {
    fn encode<S: Serializer>(value: &Vec<T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value.iter().map(Encoded::<T, C>::new))
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        struct ListVisitor<T, C>(PhantomData<(T, C)>);

        impl<'de, T, C: Codec<T>> Visitor<'de> for ListVisitor<T, C> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list, null or an object with one list")
            }

            fn visit_none<E>(self) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }

            fn visit_unit<E>(self) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }

            fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Vec<T>, D::Error> {
                inner.deserialize_any(self)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Vec<T>, A::Error> {
                Elements::<T, C>(PhantomData).visit_seq(seq)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<T>, A::Error> {
                if map.next_key::<IgnoredAny>()?.is_none() {
                    return Err(A::Error::invalid_length(0, &self));
                }
                let items = map.next_value_seed(Elements::<T, C>(PhantomData))?;
                if map.next_key::<IgnoredAny>()?.is_some() {
                    // With a second member it is anyone's guess which one is the list.
                    return Err(A::Error::custom(format_args!(
                        "invalid length: an object with more than one member, expected {}",
                        &self as &dyn serde::de::Expected
                    )));
                }
                Ok(items)
            }
        }

        deserializer.deserialize_any(ListVisitor::<T, C>(PhantomData))
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

impl<T, K: Key, C: Codec<T>> Codec<Vec<T>> for Envelope<K, C> {
    fn encode<S: Serializer>(value: &Vec<T>, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(K::KEY, &Encoded::<Vec<T>, List<C>>::new(value))?;
        map.end()
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_any(EnvelopeVisitor::<T, K, C>(PhantomData))
    }
}

struct EnvelopeVisitor<T, K, C>(PhantomData<(T, K, C)>);

impl<'de, T, K: Key, C: Codec<T>> Visitor<'de> for EnvelopeVisitor<T, K, C> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the list {:?}, a list or null", K::KEY)
    }

    fn visit_none<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_unit<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Vec<T>, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Vec<T>, A::Error> {
        Elements::<T, C>(PhantomData).visit_seq(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<T>, A::Error> {
        let mut items = None;
        while let Some(is_list) = map.next_key_seed(KeyIs(K::KEY))? {
            if !is_list {
                map.next_value::<IgnoredAny>()?;
            } else if items.is_some() {
                return Err(A::Error::duplicate_field(K::KEY));
            } else {
                items = Some(map.next_value_seed(Elements::<T, C>(PhantomData))?);
            }
        }
        Ok(items.unwrap_or_default())
    }
}

/// Compares a member's name in place, so that no name is ever copied.
struct KeyIs(&'static str);

impl<'de> DeserializeSeed<'de> for KeyIs {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for KeyIs {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}
