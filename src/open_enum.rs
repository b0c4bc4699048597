//! The macro behind every enum whose values the API may add to, and nothing else: the enums
//! themselves are generated next to the structs that use them.

/// Declares an enum of known texts that keeps an unknown one as it came.
///
/// No value may be given the name `Unknown`, which the macro adds itself.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        $vis enum $name {
            $(
                $(#[$variant_meta])*
                #[doc = ""]
                #[doc = concat!("Spelled `", $text, "`.")]
                $variant,
            )+
            /// A value this version of the crate does not know, kept as it came.
            Unknown(::std::string::String),
        }

        impl $name {
            /// The values this version of the crate knows, in the order they are declared.
            #[must_use]
            $vis fn known() -> &'static [Self] {
                static KNOWN: &[$name] = &[$($name::$variant),+];
                KNOWN
            }

            /// The value as the API spells it.
            #[must_use]
            $vis fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(text) => text,
                }
            }

            /// Whether this version of the crate knows the value.
            #[must_use]
            $vis fn is_known(&self) -> bool {
                !::std::matches!(self, Self::Unknown(_))
            }

            fn find(text: &str) -> ::std::option::Option<Self> {
                match text {
                    $($text => ::std::option::Option::Some(Self::$variant),)+
                    _ => ::std::option::Option::None,
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::find(text).unwrap_or_else(|| Self::Unknown(text.to_owned()))
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self::find(&text).unwrap_or(Self::Unknown(text))
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                ::std::result::Result::Ok(text.into())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                // Only an unknown text that was borrowed has to be copied.
                $crate::wire::spelling(deserializer).map(|text| match text {
                    ::std::borrow::Cow::Borrowed(text) => text.into(),
                    ::std::borrow::Cow::Owned(text) => text.into(),
                })
            }
        }
    };
}

pub(crate) use open_enum;

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    crate::open_enum::open_enum! {
        #[doc = "The state of a server."]
        pub enum ServerState {
            #[doc = "It runs."]
            Started = "started",
            Stopped = "stopped",
            OnHold = "on hold",
        }
    }

    use ServerState::{OnHold, Started, Stopped, Unknown};

    #[test]
    fn known_values() {
        assert_eq!(ServerState::known(), [Started, Stopped, OnHold]);
        for (value, text) in [(Started, "started"), (Stopped, "stopped"), (OnHold, "on hold")] {
            assert!(value.is_known(), "{text}");
            assert_eq!(value.as_str(), text);
            assert_eq!(AsRef::<str>::as_ref(&value), text);
            assert_eq!(value.to_string(), text);
            assert_eq!(format!("{value:>8}"), format!("{text:>8}"));
            assert_eq!(ServerState::from(text), value);
            assert_eq!(ServerState::from(text.to_owned()), value);
            assert_eq!(text.parse(), Ok(value));
        }
    }

    #[test]
    fn unknown_values_are_kept() {
        for text in ["", "Started", "started ", "paused"] {
            let value = Unknown(text.to_owned());
            assert!(!value.is_known(), "{text}");
            assert_eq!(value.as_str(), text);
            assert_eq!(ServerState::from(text), value);
            assert_eq!(ServerState::from(text.to_owned()), value);
            assert_eq!(text.parse(), Ok(value));
        }
    }

    #[test]
    fn wire_form() {
        for (input, value, output) in [
            (r#""started""#, Started, r#""started""#),
            (r#""st\u0061rted""#, Started, r#""started""#),
            (r#""paused""#, Unknown("paused".into()), r#""paused""#),
            ("0", Unknown("0".into()), r#""0""#),
            ("-1.5", Unknown("-1.5".into()), r#""-1.5""#),
            ("true", Unknown("true".into()), r#""true""#),
        ] {
            assert_eq!(serde_json::from_str::<ServerState>(input).expect(input), value);
            assert_eq!(serde_json::from_reader::<_, ServerState>(input.as_bytes()).expect(input), value);
            assert_eq!(serde_json::to_string(&value).expect(input), output);
            assert_eq!(serde_json::from_str::<ServerState>(output).expect(output), value);
        }
        for input in ["null", "[]", r#"{"started":null}"#] {
            let error = serde_json::from_str::<ServerState>(input).expect_err(input).to_string();
            assert!(error.contains("expected a string, a number or a boolean"), "{error}");
        }
    }

    #[test]
    fn works_as_a_key_and_in_order() {
        let counts: BTreeMap<ServerState, u8> = serde_json::from_str(r#"{"new":2,"stopped":1}"#).expect("decodes");
        assert_eq!(counts, [(Stopped, 1), (Unknown("new".into()), 2)].into());
        let encoded = serde_json::to_string(&counts).expect("encodes");
        assert_eq!(encoded, r#"{"stopped":1,"new":2}"#);

        let ordered: BTreeSet<_> = [Unknown("a".into()), OnHold, Started].into();
        assert!(ordered.iter().eq(&[Started, OnHold, Unknown("a".into())]));
    }
}
