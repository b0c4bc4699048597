//! The secrets to look for, the places they are put, and the search for them in what is shown.

use std::{collections::HashSet, fmt::Write as _};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use upcloud::Error;

/// A secret that an HTTP header can carry.
pub(crate) const PLAIN: &str = "canary17";

/// Secrets of every kind that has ever come through.
pub(crate) fn all() -> Vec<String> {
    vec![
        PLAIN.to_owned(),
        r#"canary"with"quotes'and\back\slashes"#.to_owned(),
        "canary\nwith\nnew\r\nlines\tand\u{7}bells".to_owned(),
        // As a parser says it, without twelve characters in a row of our own words such as "expected a text".
        "invalid type: canary, expected canary; missing field `canary`".to_owned(),
        "kanarienv\u{f6}gel-\u{43a}\u{43b}\u{44e}\u{447}-\u{1f511}".to_owned(),
        "canary&with=100%<b>markup</b>+plus".to_owned(),
        "\u{202e}canary\u{2066}turned\u{200b}around".to_owned(),
        (0..80).fold(String::new(), |mut all, number| {
            write!(all, "canary{number:04}-").expect("a string");
            all
        }),
    ]
}

/// Pairs of short secrets, each of which takes the same place in JSON and in a URL as the other.
pub(crate) const PAIRS: [(&str, &str); 5] =
    [("p", "q"), ("e", "z"), ("\"", "\\"), ("\u{e9}", "\u{fc}"), ("expecte", "kaalana")];

/// The spellings in which an answer repeats a secret.
pub(crate) fn spellings(secret: &str) -> Vec<String> {
    let json = json!(secret).to_string();
    vec![
        secret.to_owned(),
        json[1..json.len() - 1].to_owned(),
        secret.bytes().fold(String::new(), |mut all, byte| {
            write!(all, "%{byte:02X}").expect("a string");
            all
        }),
        BASE64_STANDARD.encode(secret),
        BASE64_STANDARD.encode(format!("ann:{secret}")),
    ]
}

/// Nothing of the secret is in the text: no twelve characters in a row of any of its spellings, and not all of a shorter one.
#[track_caller]
pub(crate) fn hidden(secret: &str, what: &str, shown: &str) {
    const PIECE: usize = 12;
    assert!(!shown.is_empty(), "{what} shows nothing at all");
    let characters: Vec<char> = shown.chars().collect();
    let shown_pieces: HashSet<&[char]> = characters.windows(PIECE).collect();
    let mut spelled = spellings(secret);
    spelled.push(format!("{secret:?}"));
    spelled.push(secret.chars().filter(|c| !c.is_control()).collect());
    for spelling in spelled {
        let characters: Vec<char> = spelling.chars().collect();
        let found = characters.windows(PIECE).find(|piece| shown_pieces.contains(piece));
        assert_eq!(found, None, "{what} shows a piece of {secret:?}: {shown}");
        assert!(characters.len() >= PIECE || !shown.contains(&spelling), "{what} shows {secret:?}: {shown}");
    }
}

/// All that an error shows, and nothing that differs from call to call.
pub(crate) fn shown(error: &Error) -> String {
    let mut all = format!("{error}\n{error:?}\n{error:#?}\n{}\n", error.message());
    write!(
        all,
        "{:?} {:?} {:?} {:?} {:?}",
        error.invalid_params(),
        error.correlation_id(),
        error.code(),
        error.attribute(),
        error.last_state()
    )
    .expect("a string");
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        write!(all, "\n{inner} {inner:?} {inner:#?}").expect("a string");
        source = inner.source();
    }
    assert!(!error.to_string().chars().any(char::is_control), "one line: {error}");
    assert!(error.to_string().len() < 8 * 1024, "short: {error}");
    all
}

/// An answer.
pub(crate) struct Echo {
    pub(crate) what: &'static str,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// Answers that repeat a text in every place that an answer has.
pub(crate) fn echoes(text: &str) -> Vec<Echo> {
    let mut echoes = Vec::new();
    let mut add = |what, status, content_type: &str, body: String| {
        let headers = vec![("Content-Type", content_type.to_owned())];
        echoes.push(Echo { what, status, headers, body });
    };
    let legacy = json!({"error": {"error_code": "SERVER_INVALID", "error_message": format!("no such {text}")}});
    let problem = json!({
        "type": "https://developers.upcloud.com/1.3/errors#ERROR_INVALID_REQUEST", "title": "Wrong.", "status": 400,
        "correlation_id": "01J", "invalid_params": [{"name": "a", "reason": "Too long."}],
    });
    let with = |mut value: Value, pointer: &str, text: String| {
        *value.pointer_mut(pointer).expect("a member") = json!(text);
        value.to_string()
    };
    add("a message", 400, "application/json", legacy.to_string());
    add("a message alone", 409, "application/json", json!({"error": {"message": text}}).to_string());
    add("a code", 400, "application/json", with(legacy.clone(), "/error/error_code", format!("X_{text}")));
    add("an upper case code", 400, "application/json", with(legacy.clone(), "/error/error_code", text.to_uppercase()));
    add("a list of messages", 400, "application/json", json!({"error": {"error_message": [text]}}).to_string());
    add("a title", 401, "application/problem+json", with(problem.clone(), "/title", text.to_owned()));
    add("a type", 401, "application/problem+json", with(problem.clone(), "/type", format!("x#ERROR_{text}")));
    add(
        "a refused name",
        400,
        "application/problem+json",
        with(problem.clone(), "/invalid_params/0/name", text.into()),
    );
    add("a reason", 400, "application/problem+json", with(problem.clone(), "/invalid_params/0/reason", text.into()));
    add("an id", 500, "application/problem+json", with(problem.clone(), "/correlation_id", text.to_owned()));
    let (title, detail) = text.split_at(text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at));
    add("a detail", 400, "application/problem+json", json!({"title": "Wrong.", "detail": text}).to_string());
    add("two halves", 400, "application/problem+json", json!({"title": title, "detail": detail}).to_string());
    for status in [200, 404, 502] {
        add("a page", status, "text/html", format!("<html><title>{text}</title><body>{text}</body></html>"));
        add("a text", status, "text/plain", format!("no such {text}"));
        add(
            "cut JSON",
            status,
            "application/json",
            json!({"server": {"password": text}}).to_string().replace("}}", ""),
        );
        add(
            "a body that tells of success",
            status,
            "application/json",
            json!({"server": {"password": text}}).to_string(),
        );
        add("a list", status, "application/json", json!([text]).to_string());
        add("a word", status, "application/json", json!(text).to_string());
        add("nothing of it, but common words", status, "text/plain", "expected: a queue, a zone, p, q".to_owned());
    }
    add(
        "no echo, but common words",
        400,
        "application/json",
        json!({"error": {"error_code": "NEW_CODE_PQ", "error_message": "Expected a zone or a queue: \"\\, \u{e9} \u{fc}."}})
            .to_string(),
    );
    let header: String = text.chars().filter(char::is_ascii_graphic).collect();
    for (name, status) in [
        ("X-Request-Id", 400),
        ("Upcloud-Cid", 500),
        ("Content-Type", 502),
        ("WWW-Authenticate", 401),
        ("X-Other", 200),
    ] {
        let mut headers = vec![(name, header.clone())];
        if name != "Content-Type" {
            headers.push(("Content-Type", "application/json".to_owned()));
        }
        echoes.push(Echo {
            what: "a header",
            status,
            headers,
            body: json!({"error": {"error_message": "Wrong."}}).to_string(),
        });
    }
    echoes
}
