//! What a subscriber sees of a call: spans with the names of OpenTelemetry, and no secret in any of them.

use std::{
    collections::BTreeMap,
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex},
    time::Duration,
};

use http::Method;
use serde_json::json;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use upcloud::{
    Client, CreateServer, Error, ErrorCode, RetryPolicy, ServerState, StopMode,
    calls::Operation,
    fake::{CannedResponse, Fake, NATIVE_TEMPLATE, ServerSeed},
};
use uuid::Uuid;

const CANARY: &str = "canary29";

#[derive(Debug, Default)]
struct Seen {
    name: String,
    fields: BTreeMap<String, String>,
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name().to_owned(), format!("{value:?}").trim_matches('"').to_owned());
    }
}

/// Remembers every span and event; ids are places in the list, from 1.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<Seen>>>);

impl Memory {
    fn add(&self, metadata: &Metadata<'_>, record: impl FnOnce(&mut Seen)) -> u64 {
        let mut seen = Seen { name: metadata.name().to_owned(), ..Seen::default() };
        record(&mut seen);
        let mut all = self.0.lock().expect("a lock");
        all.push(seen);
        all.len() as u64
    }
}

impl Subscriber for Memory {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        Id::from_u64(self.add(span.metadata(), |seen| span.record(seen)))
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let place = usize::try_from(span.into_u64() - 1).expect("a small number");
        values.record(&mut self.0.lock().expect("a lock")[place]);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.add(event.metadata(), |seen| event.record(seen));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn spans_tell_what_happens_and_no_secret() {
    let fake = Fake::start().await;
    let memory = Memory::default();
    let _guard = tracing::subscriber::set_default(memory.clone());
    let quick = RetryPolicy::default().first_wait(Duration::from_millis(1));
    let upcloud = Client::builder().token(CANARY).base_url(fake.base_url()).retry(quick).build().expect("a client");
    let servers = upcloud.servers();

    let server = CreateServer::from_template("a.example.net", "de-fra1", NATIVE_TEMPLATE)
        .user_data(CANARY)
        .remote_access_password("canary29")
        .label("key", CANARY);
    let uuid = servers.create(server).await.expect("created").uuid;
    upcloud.catalog().zones().query("secret", CANARY).await.expect_err("the fake knows no such parameter");
    servers.get(Uuid::nil()).await.expect_err("not there");
    fake.answer_next(Operation::ListServers, CannedResponse::html(503, format!("<p>{CANARY}</p>")));
    servers.list().label("key", CANARY).await.expect("the second time");
    fake.fail_next(Operation::StopServer, ErrorCode::ServerStateIllegal);
    servers.stop(uuid, StopMode::Soft).await.expect_err("refused");
    let down = fake.add_server(ServerSeed::new("b.example.net").state(ServerState::Stopped));
    fake.answer_next(Operation::StartServer, CannedResponse::dropped_after());
    servers.start(down).await.expect("a look shows that it was done");
    let mut errors = fail_in_every_way(&fake, &upcloud, uuid).await;
    errors.push(
        servers
            .stop(Uuid::nil(), StopMode::Soft)
            .when_ready()
            .limit(Duration::from_millis(20))
            .await
            .expect_err("not there"),
    );

    let seen = memory.0.lock().expect("a lock");
    let find = |name: &str, operation: &str| -> Vec<&BTreeMap<String, String>> {
        let ours = seen.iter().filter(|span| span.name == name);
        ours.map(|span| &span.fields)
            .filter(|fields| fields.get("upcloud.operation").is_some_and(|o| o == operation))
            .collect()
    };
    let is = |fields: &BTreeMap<String, String>, expected: &[(&str, &str)]| {
        for (name, value) in expected {
            assert_eq!(fields.get(*name).map(String::as_str), Some(*value), "{name} in {fields:?}");
        }
    };

    let created = find("upcloud.attempt", "createServer");
    assert_eq!(created.len(), 1);
    is(
        created[0],
        &[
            ("otel.name", "POST /1.3/server"),
            ("otel.kind", "client"),
            ("http.request.method", "POST"),
            ("url.template", "/1.3/server"),
            ("url.full", format!("{}/1.3/server", fake.base_url()).as_str()),
            ("server.address", "127.0.0.1"),
            ("http.response.status_code", "202"),
            ("upcloud.attempt", "1"),
        ],
    );
    assert!(!created[0].contains_key("http.request.resend_count"), "the first is no resend");
    is(find("upcloud.call", "createServer")[0], &[("upcloud.server.uuid", uuid.to_string().as_str())]);

    let nil = Uuid::nil().to_string();
    for span in ["upcloud.call", "upcloud.attempt"] {
        is(
            find(span, "getServer")[0],
            &[
                ("upcloud.server.uuid", nil.as_str()),
                ("http.response.status_code", "404"),
                ("error.type", "404"),
                ("upcloud.error_code", "SERVER_NOT_FOUND"),
                ("otel.status_code", "ERROR"),
            ],
        );
    }
    is(find("upcloud.attempt", "getServer")[0], &[("url.template", "/1.3/server/{uuid}")]);

    let listed = find("upcloud.attempt", "listServers");
    assert_eq!(listed.len(), 2);
    is(listed[0], &[("http.response.status_code", "503"), ("error.type", "503")]);
    is(
        listed[1],
        &[("http.response.status_code", "200"), ("http.request.resend_count", "1"), ("upcloud.attempt", "2")],
    );
    is(find("upcloud.call", "listServers")[0], &[("http.response.status_code", "200")]);
    is(find("upcloud.call", "stopServer")[0], &[("upcloud.error_code", "SERVER_STATE_ILLEGAL")]);

    let looks: Vec<_> = seen.iter().filter(|span| span.name == "upcloud.verify").collect();
    assert_eq!(looks.len(), 1);
    let url = format!("{}/1.3/server/{down}", fake.base_url());
    is(&looks[0].fields, &[("url.full", url.as_str()), ("http.response.status_code", "200")]);
    let lost = find("upcloud.attempt", "startServer")[0];
    is(lost, &[("error.type", "transport"), ("otel.status_code", "ERROR"), ("upcloud.server.uuid", &down.to_string())]);

    // Spans and events of this crate and of everything below it.
    let mut all = String::new();
    for entry in seen.iter() {
        writeln!(all, "{entry:?}").expect("a string");
    }
    assert!(all.contains("upcloud.call"), "the subscriber has seen something");
    // The path of an endpoint is the caller's, and is told as it was written.
    assert!(all.contains("/1.3/secret/canary29"), "{all}");
    let all = all.replace("/1.3/secret/canary29", "");
    assert!(!all.contains(CANARY), "{all}");
    for error in errors {
        let text = format!("{error} {error:?} {:?}", std::error::Error::source(&error).map(ToString::to_string));
        // An error of an endpoint names its path, as the caller wrote it.
        let text = text.replace("POST /secret/canary29: ", "");
        assert!(!text.contains(CANARY), "{text}");
    }
}

/// Calls with the canary wherever a caller can put a secret, which fail on every way that errors take.
async fn fail_in_every_way(fake: &Fake, upcloud: &Client, uuid: Uuid) -> Vec<Error> {
    let once = || RetryPolicy::off();
    let (servers, secret) = (upcloud.servers(), json!({"server": {"password": CANARY, "core_number": CANARY}}));
    let mut errors = Vec::new();
    for canned in [
        CannedResponse::dropped(),
        CannedResponse::dropped_after(),
        CannedResponse::json(200, &secret),
        CannedResponse::json(500, &secret),
        CannedResponse::html(200, CANARY),
        CannedResponse::html(502, CANARY).header("X-Secret", CANARY),
        CannedResponse::status(401).header("WWW-Authenticate", CANARY),
        CannedResponse::json(200, &secret).delay(Duration::from_secs(2)),
    ] {
        fake.answer_next(Operation::GetServer, canned);
        let get = servers.get(uuid).query("secret", CANARY).retry(once()).attempt_timeout(Duration::from_secs(1));
        errors.push(get.await.expect_err("it fails"));
    }
    let nobody =
        Client::builder().token(CANARY).base_url("http://127.0.0.1:1").retry(once()).build().expect("a client");
    errors.push(nobody.servers().sizes().query("secret", CANARY).await.expect_err("no connection"));
    let unchecked = upcloud.endpoint(Method::POST, "/secret/canary29").json(&json!({"secret": CANARY}));
    errors.push(unchecked.query("secret", CANARY).await.expect_err("no such endpoint"));
    let long =
        CreateServer::from_template("a.example.net", "de-fra1", NATIVE_TEMPLATE).remote_access_password("canary29!");
    errors.push(servers.create(long).await.expect_err("refused before it is sent"));
    errors
}
