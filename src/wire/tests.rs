//! Every codec both ways: what it accepts, what it sends, what it refuses and how it says so.

use std::{borrow::Cow, fmt};

use ::uuid::Uuid;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::*;

/// Decodes from a slice, a reader, a `Value` and buffered content, which call different
/// visitor methods, and insists that all of them agree.
fn decode<C: Codec<T>, T: PartialEq + fmt::Debug>(text: &str) -> Result<T, String> {
    struct Held<T, C>(T, PhantomData<C>);
    impl<'de, T, C: Codec<T>> Deserialize<'de> for Held<T, C> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            C::decode(deserializer).map(|value| Self(value, PhantomData))
        }
    }
    #[derive(Deserialize)]
    #[serde(bound(deserialize = "T: Deserialize<'de>"))]
    struct Inner<T> {
        held: T,
    }
    #[derive(Deserialize)]
    #[serde(bound(deserialize = "T: Deserialize<'de>"))]
    struct Outer<T> {
        #[serde(flatten)]
        inner: Inner<T>,
    }
    fn clean<T, C>(result: serde_json::Result<Held<T, C>>) -> Result<T, String> {
        result.map(|held| held.0).map_err(|error| {
            let error = error.to_string();
            error.split(" at line ").next().unwrap_or_default().to_owned()
        })
    }

    let expected = clean(serde_json::from_str::<Held<T, C>>(text));
    let value: Value = serde_json::from_str(text).expect("the test's JSON is valid");
    let held = format!(r#"{{"held":{text}}}"#);
    for (way, found) in [
        ("reader", clean(serde_json::from_reader::<_, Held<T, C>>(text.as_bytes()))),
        ("value", clean(serde_json::from_value::<Held<T, C>>(value.clone()))),
        ("value ref", clean(Held::<T, C>::deserialize(&value))),
        ("flatten", clean(serde_json::from_str::<Outer<Held<T, C>>>(&held).map(|o| o.inner.held))),
        (
            "flatten value",
            clean(serde_json::from_value::<Outer<Held<T, C>>>(json!({ "held": value })).map(|o| o.inner.held)),
        ),
    ] {
        assert_eq!(found, expected, "{text} by {way}");
    }
    expected
}

fn encode<C: Codec<T>, T>(value: &T) -> String {
    serde_json::to_string(&crate::wire::Exposed(&Encoded::<T, C>::new(value))).expect("encodes")
}

/// Checks that each input decodes to the value and the value encodes to the last column and
/// back.
fn check<C: Codec<T>, T: PartialEq + fmt::Debug>(table: &[(&[&str], T, &str)]) {
    for (inputs, value, spelled) in table {
        assert_eq!(encode::<C, T>(value), *spelled, "{value:?}");
        for input in inputs.iter().chain([spelled]) {
            assert_eq!(decode::<C, T>(input).as_ref(), Ok(value), "{input}");
        }
    }
}

fn reject<C: Codec<T>, T: PartialEq + fmt::Debug>(table: &[(&str, &str)]) {
    for (input, error) in table {
        assert_eq!(decode::<C, T>(input), Err((*error).to_owned()), "{input}");
    }
}

#[test]
fn text() {
    check::<Text, String>(&[
        (&[], String::new(), r#""""#),
        (&[r#""\u0061\n""#], "a\n".into(), r#""a\n""#),
        (&["5", "5.0"], "5".into(), r#""5""#),
        (&["-7"], "-7".into(), r#""-7""#),
        (&["1.5"], "1.5".into(), r#""1.5""#),
        (&["18446744073709551615"], u64::MAX.to_string(), r#""18446744073709551615""#),
        (&["true"], "true".into(), r#""true""#),
        (&["false"], "false".into(), r#""false""#),
    ]);
    reject::<Text, String>(&[
        ("null", "expected a text, found null"),
        ("[]", "expected a text, found a list"),
        ("{}", "expected a text, found an object"),
    ]);
    check::<Guarded, crate::Secret>(&[(&["1234"], "1234".into(), r#""1234""#)]);
    check::<Word, crate::ServerState>(&[
        (&[], crate::ServerState::Started, r#""started""#),
        (&["0"], "0".into(), r#""0""#),
    ]);
}

#[test]
fn spelling_borrows_from_the_input() {
    let mut deserializer = serde_json::Deserializer::from_str(r#""started""#);
    let text = spelling(&mut deserializer).expect("a string");
    assert!(matches!(text, Cow::Borrowed("started")), "{text:?}");
}

#[test]
fn number() {
    check::<Number, u16>(&[
        (&["0", r#""0""#, "0.0", "-0.0"], 0, "0"),
        (&[r#"" 65535\t""#, "65535.0", r#""6.5535e4""#], u16::MAX, "65535"),
    ]);
    check::<Number, u32>(&[(&[r#""4294967295""#], u32::MAX, "4294967295")]);
    check::<Number, u64>(&[
        (&[r#""18446744073709551615""#], u64::MAX, "18446744073709551615"),
        (&["1e3", r#""1e3""#, r#""1000.0""#], 1000, "1000"),
    ]);
    check::<Number, i64>(&[
        (&[r#""-9223372036854775808""#, "-9223372036854775808.0"], i64::MIN, "-9223372036854775808"),
        (&[r#""9223372036854775807""#], i64::MAX, "9223372036854775807"),
        (&["-2.0", r#""-2.0""#], -2, "-2"),
    ]);
    check::<Number, f64>(&[
        (&["0.0", r#""0""#, r#""0.0""#], 0.0, "0"),
        (&["-3.0", r#"" -3 ""#], -3.0, "-3"),
        (&[r#""0.25""#], 0.25, "0.25"),
    ]);
}

#[test]
fn number_rejects() {
    const U16: &str = "expected a whole number that fits u16, found ";
    for (input, found) in [
        (r#""""#, "an empty text"),
        (r#"" ""#, "a text"),
        (r#""x4""#, "a text"),
        (r#""1.5""#, "a text"),
        (r#""inf""#, "a text"),
        (r#""nan""#, "a text"),
        (r#""65536""#, "a text"),
        ("65536", "a number"),
        ("-1", "a number"),
        ("1.5", "a number"),
        ("65536.0", "a number"),
        ("1e300", "a number"),
        ("true", "true or false"),
        ("null", "null"),
        ("[1]", "a list"),
    ] {
        let error = decode::<Number, u16>(input).expect_err(input);
        assert_eq!(error, format!("{U16}{found}"), "{input}");
        assert_eq!(decode::<NumberText, u16>(input), Err(error), "{input}");
    }
    reject::<Number, u64>(&[
        ("-1.0", "expected a whole number that fits u64, found a number"),
        ("18446744073709551616", "expected a whole number that fits u64, found a number"),
    ]);
    reject::<Number, i64>(&[("9223372036854775808", "expected a whole number that fits i64, found a number")]);
    reject::<Number, f64>(&[
        (r#""""#, "expected a number, found an empty text"),
        (r#""inf""#, "expected a number, found a text"),
        (r#""NaN""#, "expected a number, found a text"),
    ]);
}

#[test]
fn number_text() {
    check::<NumberText, u16>(&[(&["80", "80.0"], 80, r#""80""#)]);
    check::<NumberText, u32>(&[(&["80"], 80, r#""80""#)]);
    check::<NumberText, u64>(&[(&["18446744073709551615"], u64::MAX, r#""18446744073709551615""#)]);
    check::<NumberText, i64>(&[(&["-80"], -80, r#""-80""#)]);
    check::<NumberText, f64>(&[(&["0", "0.0"], 0.0, r#""0""#), (&["0.5"], 0.5, r#""0.5""#)]);
}

#[test]
fn floats_beyond_i64_keep_their_exponent() {
    // How serde_json spells the exponent depends on its version.
    let spelled = serde_json::to_string(&1e300).expect("encodes");
    assert!(spelled.len() < 8, "{spelled}");
    let quoted = format!("\"{spelled}\"");
    assert_eq!(encode::<Number, f64>(&1e300), spelled);
    assert_eq!(encode::<NumberText, f64>(&1e300), quoted);
    assert_eq!(decode::<Text, String>("1e300"), Ok(spelled));
    assert_eq!(decode::<Number, f64>(&quoted), Ok(1e300));
}

#[test]
fn floats_without_a_json_spelling_are_not_sent() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let expected = format!("{value} is not a JSON number");
        for result in [
            serde_json::to_string(&Encoded::<f64, Number>::new(&value)),
            serde_json::to_string(&Encoded::<f64, NumberText>::new(&value)),
        ] {
            assert_eq!(result.expect_err("not JSON").to_string(), expected);
        }
    }
}

#[test]
fn booleans() {
    const TRUE: &[&str] =
        &["true", "1", "1.0", r#""1""#, r#""yes""#, r#""Yes""#, r#""on""#, r#""ON""#, r#""true""#, r#""True""#];
    const FALSE: &[&str] =
        &["false", "0", "0.0", r#""0""#, r#""no""#, r#""NO""#, r#""off""#, r#""Off""#, r#""false""#, r#""FALSE""#];
    check::<YesNo, bool>(&[(TRUE, true, r#""yes""#), (FALSE, false, r#""no""#)]);
    check::<OnOff, bool>(&[(TRUE, true, r#""on""#), (FALSE, false, r#""off""#)]);
    check::<ZeroOne, bool>(&[(TRUE, true, r#""1""#), (FALSE, false, r#""0""#)]);
    check::<Flag, bool>(&[(TRUE, true, "true"), (FALSE, false, "false")]);
}

#[test]
fn booleans_reject() {
    reject::<YesNo, bool>(&[
        (r#""maybe""#, "expected yes or no, found a text"),
        (r#""""#, "expected yes or no, found an empty text"),
        ("2", "expected yes or no, found a number"),
        ("-1", "expected yes or no, found a number"),
        ("0.5", "expected yes or no, found a number"),
        ("null", "expected yes or no, found null"),
        ("{}", "expected yes or no, found an object"),
    ]);
    reject::<OnOff, bool>(&[("2", "expected on or off, found a number")]);
    reject::<ZeroOne, bool>(&[("2", "expected 1 or 0, found a number")]);
    reject::<Flag, bool>(&[("2", "expected true or false, found a number")]);
}

#[test]
fn identifier() {
    let uuid = Uuid::from_u128(0x00c7_8863_db86_44ea_af70_d6ed_c4d1_62bf);
    let spelled = r#""00c78863-db86-44ea-af70-d6edc4d162bf""#;
    check::<Identifier, Uuid>(&[(&[r#""00C78863-DB86-44EA-AF70-D6EDC4D162BF""#], uuid, spelled)]);
    check::<Option<Identifier>, Option<Uuid>>(&[
        (&[r#""""#, r#"" ""#], None, "null"),
        (&[spelled], Some(uuid), spelled),
    ]);
    reject::<Identifier, Uuid>(&[
        (r#""00c7""#, "expected a UUID, found a text"),
        (r#""""#, "expected a UUID, found an empty text"),
        ("0", "expected a UUID, found a number"),
    ]);
}

#[test]
fn same() {
    check::<Same, Vec<u8>>(&[(&["[ 1 ]"], vec![1], "[1]")]);
    reject::<Same, u8>(&[(r#""1""#, "expected u8, found a text")]);
}

#[test]
fn option() {
    check::<Option<YesNo>, Option<bool>>(&[(&[r#""""#], None, "null"), (&["1"], Some(true), r#""yes""#)]);
    check::<Option<NumberText>, Option<u64>>(&[(&[r#""""#], None, "null"), (&["5"], Some(5), r#""5""#)]);
    check::<Option<Bare<Number>>, Option<Vec<u64>>>(&[(&[], None, "null"), (&[r#"["5"]"#], Some(vec![5]), "[5]")]);
    reject::<Option<YesNo>, Option<bool>>(&[("2", "expected yes or no, found a number")]);
}

#[test]
fn list() {
    check::<Bare<NumberText>, Vec<u64>>(&[
        (&["null", "{}", r#"{"port":null}"#, r#"{"port":[]}"#], vec![], "[]"),
        (&["[1,2]", r#"{"port":["1",2]}"#], vec![1, 2], r#"["1","2"]"#),
    ]);
    check::<Bare<Option<YesNo>>, Vec<Option<bool>>>(&[(&[r"[null,true]"], vec![None, Some(true)], r#"[null,"yes"]"#)]);
    check::<Bare<Bare<Number>>, Vec<Vec<u64>>>(&[(&[r#"{"a":[{"b":[1]},null]}"#], vec![vec![1], vec![]], "[[1],[]]")]);
    reject::<Bare<Number>, Vec<u64>>(&[
        (r#"{"a":[1],"b":[2]}"#, "expected a list, found an object"),
        (r#"{"a":{"b":[1]}}"#, "expected a list, found an object"),
        (r#"{"a":1}"#, "expected a list, found an object"),
        (r#""""#, "expected a list, found an empty text"),
        (r#"[1,"x"]"#, "[1]: expected a whole number that fits u64, found a text"),
    ]);
}

#[derive(Debug)]
enum Tag {}

impl Key for Tag {
    const KEY: &'static str = "tag";
}

#[test]
fn envelope() {
    check::<Envelope<Tag, Text>, Vec<String>>(&[
        (&["null", "{}", "[]", r#"{"tag":null}"#, r#"{"tag":{}}"#], vec![], r#"{"tag":[]}"#),
        (
            &[r#"["a",1]"#, r#"{"first":{"tag":[2]},"t\u0061g":["a","1"],"last":null}"#, r#"{"other":["a",1]}"#],
            vec!["a".into(), "1".into()],
            r#"{"tag":["a","1"]}"#,
        ),
    ]);
    check::<Option<Envelope<Tag, Text>>, Option<Vec<String>>>(&[
        (&[], None, "null"),
        (&["[]"], Some(vec![]), r#"{"tag":[]}"#),
    ]);
    reject::<Envelope<Tag, Text>, Vec<String>>(&[
        (r#"{"tag":{"tag":[]}}"#, "expected a list, found an object"),
        (r#"{"tag":"a"}"#, "expected a list, found an object"),
        (r#"{"other":[1],"more":2}"#, "expected a list, found an object"),
        ("1", "expected a list, found a number"),
    ]);
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Server {
    #[serde(with = "crate::wire::As::<crate::wire::Number>")]
    cores: u64,
    #[serde(with = "crate::wire::As::<Option<crate::wire::YesNo>>", default, skip_serializing_if = "Option::is_none")]
    metadata: Option<bool>,
    #[serde(with = "crate::wire::As::<crate::wire::Envelope<Tag, crate::wire::Text>>", default)]
    tags: Vec<String>,
    #[serde(flatten)]
    extra: Extra,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped {
    name: String,
    #[serde(flatten)]
    server: Server,
}

#[test]
fn attribute_on_a_struct() {
    for (input, metadata, tags, output) in [
        (json!({"cores": "2"}), None, &[][..], json!({"cores": 2, "tags": {"tag": []}})),
        (json!({"cores": 2, "metadata": null, "tags": null}), None, &[], json!({"cores": 2, "tags": {"tag": []}})),
        (
            json!({"cores": 2, "metadata": 1, "tags": ["a"], "new": {"a": 1.5}}),
            Some(true),
            &["a"],
            json!({"cores": 2, "metadata": "yes", "tags": {"tag": ["a"]}, "new": {"a": 1.5}}),
        ),
    ] {
        let server: Server = serde_json::from_str(&input.to_string()).expect("decodes");
        assert_eq!((server.cores, server.metadata), (2, metadata), "{input}");
        assert_eq!(server.tags, tags, "{input}");
        assert_eq!(server.extra.get("new"), input.get("new"), "{input}");
        assert_eq!(server.extra.is_empty(), input.get("new").is_none(), "{input}");
        assert_eq!(serde_json::to_value(&server).expect("encodes"), output, "{input}");

        let mut buffered = input;
        buffered["name"] = "web".into();
        let wrapped: Wrapped = serde_json::from_str(&buffered.to_string()).expect("decodes");
        let mut expected = output;
        expected["name"] = "web".into();
        assert_eq!(serde_json::to_value(&wrapped).expect("encodes"), expected, "{buffered}");
        assert_eq!(wrapped.server, server, "{buffered}");
    }
    let error = serde_json::from_value::<Wrapped>(json!({"name": "", "cores": "two"}));
    assert_eq!(error.expect_err("not a number").to_string(), "expected a whole number that fits u64, found a text");
}

#[test]
fn extra_hides_values() {
    let server: Server =
        serde_json::from_value(json!({"cores": 1, "nested": {"key": "hunter3"}, "password": "hunter2"}))
            .expect("decodes");
    let shown = format!("{:?}", server.extra);
    assert_eq!(shown, r#"{"nested": .., "password": ..}"#);
    for shown in [format!("{server:?}"), format!("{server:#?}")] {
        assert!(shown.contains("password") && !shown.contains("hunter"), "{shown}");
    }
}

#[test]
fn extra_is_the_map() {
    let mut extra: Extra = [("a".to_owned(), json!(1))].into_iter().collect();
    assert!(!extra.is_empty());
    extra.insert("b".into(), json!(null));
    assert_eq!(serde_json::to_value(&extra).expect("encodes"), json!({"a": 1, "b": null}));
    let decoded: Extra = serde_json::from_value(json!({"a": 1, "b": null})).expect("decodes");
    assert_eq!(decoded, extra);
    assert_eq!(Extra::from(Map::clone(&extra)), extra);
    assert_ne!(extra, Extra::default());
    assert!(Extra::default().is_empty());
}
