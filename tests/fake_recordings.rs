//! Recorded flows, played against the fake: the same calls get the same statuses and the same fields of the same types.
//! The folder of the recordings is in `UPCLOUD_RECORDINGS`; without it there is nothing to play.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;
#[allow(dead_code, reason = "the file is shared with other tests")]
mod fake_http;

use std::{env, fs, path::Path};

use contract::watched;
use serde_json::Value;

/// Fields that came to the API after the recordings or are not always there; their types are checked all the same.
const SOMETIMES: &[&str] = &[
    "devices",
    "dhcp_provided",
    "host",
    "labels",
    "release_policy",
    "server_group",
    "storage_encrypted",
    "storage_tier",
];

/// Says where two values differ in their fields or types; values of leaves may differ.
fn compare(recorded: &Value, seen: &Value, at: &str, faults: &mut Vec<String>) {
    match (recorded, seen) {
        (Value::Object(recorded), Value::Object(seen)) => {
            for key in recorded.keys().chain(seen.keys().filter(|key| !recorded.contains_key(*key))) {
                match (recorded.get(key), seen.get(key)) {
                    (Some(Value::Null), _) | (_, Some(Value::Null)) => {}
                    (Some(recorded), Some(seen)) => compare(recorded, seen, &format!("{at}/{key}"), faults),
                    _ if SOMETIMES.contains(&key.as_str()) => {}
                    (Some(_), None) => faults.push(format!("{at}/{key} is missing")),
                    _ => faults.push(format!("{at}/{key} is too much")),
                }
            }
        }
        // Lists of the catalogue are shorter in the fake, so that one item of each is compared.
        (Value::Array(recorded), Value::Array(seen)) => match (recorded.first(), seen.first()) {
            (Some(recorded), Some(seen)) => compare(recorded, seen, &format!("{at}/0"), faults),
            (None, None) => {}
            _ => faults.push(format!("{at} has {} items instead of {}", seen.len(), recorded.len())),
        },
        (recorded, seen) if std::mem::discriminant(recorded) == std::mem::discriminant(seen) => {
            if at.ends_with("/state") && recorded != seen {
                faults.push(format!("{at} is {seen} instead of {recorded}"));
            }
        }
        (recorded, seen) => faults.push(format!("{at} is {seen} instead of {recorded}")),
    }
}

async fn play(file: &Path) -> usize {
    let fake = watched().await;
    let text = fs::read_to_string(file).expect("the file can be read");
    let flow: Value = serde_json::from_str(&text).expect("the file is JSON");
    let exchanges = flow["exchanges"].as_array().expect("exchanges");
    // Identifiers that the API made up, and what the fake made up instead.
    let mut names: Vec<(String, String)> = Vec::new();
    for (number, exchange) in exchanges.iter().enumerate() {
        let renamed = |text: String| names.iter().fold(text, |text, (old, new)| text.replace(old.as_str(), new));
        let query: Vec<String> = exchange["query"].as_array().into_iter().flatten().map(pair).collect();
        let mut path = renamed(exchange["path"].as_str().expect("a path").to_owned());
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        let body = Some(&exchange["request"]).filter(|body| !body.is_null());
        let body = renamed(body.map(Value::to_string).unwrap_or_default());
        let answer = fake_http::raw(&fake, exchange["method"].as_str().expect("a method"), &path, &body).await;
        let place = format!("{} exchange {number} {path}", file.display());
        assert_eq!(u64::from(answer.status), exchange["status"], "{place}: {}", answer.text);
        assert_eq!(answer.content_type(), exchange["content_type"].as_str().unwrap_or_default(), "{place}");

        let mut faults = Vec::new();
        compare(&exchange["response"], &answer.json(), "", &mut faults);
        assert!(faults.is_empty(), "{place}: {faults:#?}");
        for pointer in ["/server/uuid", "/server_group/uuid"] {
            if let (Some(Value::String(old)), Some(Value::String(new))) =
                (exchange["response"].pointer(pointer), answer.json().pointer(pointer))
            {
                names.push((old.clone(), new.clone()));
            }
        }
    }
    exchanges.len()
}

fn pair(pair: &Value) -> String {
    let part =
        |part: &Value| part.as_str().unwrap_or_default().replace('%', "%25").replace('=', "%3D").replace('&', "%26");
    format!("{}={}", part(&pair[0]), part(&pair[1]))
}

#[tokio::test]
async fn recorded_flows() {
    let Some(folder) = env::var_os("UPCLOUD_RECORDINGS") else { return };
    let mut exchanges = 0;
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let file = entry.expect("an entry").path();
        if file.extension().is_some_and(|extension| extension == "json") {
            exchanges += play(&file).await;
        }
    }
    assert!(exchanges > 0, "the folder has no recordings");
}
