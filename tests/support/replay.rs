//! One recorded exchange, made again: the answer is served on loopback, the client makes the call through the generated
//! client, and what it sent, decoded and reported is compared with the recording.

use std::sync::{Arc, Mutex};

use httpmock::{HttpMockRequest, HttpMockResponse, MockServer};
use progenitor_client::ResponseValue;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use upcloud::{Client, ErrorCode, calls::Operation, types::Exposed};
use uuid::Uuid;

use crate::compare::differences;

/// A file of recordings.
#[derive(Debug, Deserialize)]
pub(crate) struct Recording {
    pub(crate) exchanges: Vec<Exchange>,
}

/// One request and its answer; members that are not named here do not matter.
#[derive(Debug, Deserialize)]
pub(crate) struct Exchange {
    #[serde(deserialize_with = "operation_id")]
    pub(crate) operation: String,
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) query: Vec<(String, String)>,
    #[serde(default)]
    pub(crate) request: Value,
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) content_type: Option<String>,
    #[serde(default)]
    pub(crate) response: Value,
}

/// Recordings name operations by operationId; one was called otherwise when they were made.
fn operation_id<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let name = String::deserialize(from)?;
    Ok(if name == "getServerDetails" { "getServer".to_owned() } else { name })
}

impl Exchange {
    /// The answer as it stood on the wire.
    fn body(&self) -> String {
        match (&self.response, self.response.get("$raw").and_then(Value::as_str)) {
            (_, Some(raw)) => raw.to_owned(),
            (Value::Null, _) => String::new(),
            (json, _) => json.to_string(),
        }
    }

    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The UUIDs of the path, by the template of the operation. The client takes nothing but UUIDs, so where a recording
    /// has something else (to provoke an error) the nil UUID is sent; `None` as the second part says so.
    fn uuids(&self, template: &str) -> Result<(Vec<Uuid>, Option<String>), String> {
        let path = self.path.strip_prefix("/1.3").unwrap_or(&self.path);
        let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let wanted: Vec<_> = template.split('/').filter(|segment| !segment.is_empty()).collect();
        let fits = segments.len() == wanted.len()
            && segments.iter().zip(&wanted).all(|(is, wanted)| wanted.starts_with('{') || is == wanted);
        if !fits {
            return Err(format!("{} is not the path {template}", self.path));
        }
        let texts = segments.iter().zip(&wanted).filter(|(_, wanted)| wanted.starts_with('{'));
        let parsed: Vec<_> = texts.map(|(text, _)| text.parse::<Uuid>().ok()).collect();
        let path = parsed.iter().all(Option::is_some).then(|| format!("/1.3/{}", segments.join("/")));
        Ok((parsed.into_iter().map(Option::unwrap_or_default).collect(), path))
    }

    fn pairs<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// What came of a call.
enum Outcome {
    Value(u16, Value),
    Refused(u16, String),
    Undecodable(String),
}

type Sent<T> = Result<ResponseValue<T>, progenitor_client::Error<()>>;

async fn outcome<T: Serialize>(sent: Sent<T>) -> Result<Outcome, String> {
    use progenitor_client::Error;
    Ok(match sent {
        Ok(response) => {
            let status = response.status().as_u16();
            Outcome::Value(status, serde_json::to_value(Exposed(&response.into_inner())).map_err(|e| e.to_string())?)
        }
        Err(Error::UnexpectedResponse(response)) => {
            Outcome::Refused(response.status().as_u16(), response.text().await.map_err(|e| e.to_string())?)
        }
        Err(Error::InvalidResponsePayload(_, e)) => Outcome::Undecodable(e.to_string()),
        Err(other) => return Err(format!("the call failed: {other}")),
    })
}

/// A server for answers and a client that calls it.
pub(crate) struct Replay {
    server: MockServer,
    client: Client,
    /// What could not be replayed exactly, and why that is no fault.
    pub(crate) notes: Vec<String>,
}

impl Replay {
    pub(crate) async fn start() -> Self {
        let server = MockServer::start_async().await;
        let client = Client::builder()
            .retry(upcloud::RetryPolicy::off())
            .token("ucat_replayed")
            .base_url(server.base_url())
            .build()
            .unwrap();
        Self { server, client, notes: Vec::new() }
    }

    /// Replays one exchange; what is wrong with it.
    pub(crate) async fn run(&mut self, exchange: &Exchange) -> Vec<String> {
        let mut faults = Vec::new();
        if let Err(fault) = self.replay(exchange, &mut faults).await {
            faults.push(fault);
        }
        faults
    }

    async fn replay(&mut self, exchange: &Exchange, faults: &mut Vec<String>) -> Result<(), String> {
        let operation = Operation::ALL.iter().find(|operation| operation.id() == exchange.operation);
        let template = operation.map_or("", |operation| operation.path());
        if template.is_empty() || template.starts_with("/metadata") {
            return Err(format!("the client has no operation {}", exchange.operation));
        }
        let (uuids, path) = exchange.uuids(template)?;

        let seen: Arc<Mutex<Vec<HttpMockRequest>>> = Arc::default();
        let (keep, status, body) = (Arc::clone(&seen), exchange.status, exchange.body());
        let content_type = exchange.content_type.clone().filter(|text| !text.is_empty());
        let mock = self
            .server
            .mock_async(|when, then| {
                when.any_request();
                then.respond_with(move |request: &HttpMockRequest| {
                    keep.lock().unwrap().push(request.clone());
                    let answer = HttpMockResponse::builder().status(status).body(body.clone());
                    content_type.iter().fold(answer, |answer, value| answer.header("content-type", value)).build()
                });
            })
            .await;
        let mut call = Call { exchange, query: Vec::new(), compare_body: true, notes: &mut self.notes };
        let outcome = call.make(&self.client.generated(), &uuids, faults).await;
        let (query, compare_body) = (call.query, call.compare_body);
        if !exchange.is_success() {
            reported(&self.client, exchange, faults).await;
        }
        mock.delete_async().await;

        let outcome = outcome?;
        let requests = seen.lock().unwrap();
        // Where an error was reported there is a second request, which was made for the report alone.
        sent(
            exchange,
            requests.first().ok_or("the client sent nothing")?,
            path.as_deref(),
            query,
            compare_body,
            faults,
        );
        answered(exchange, outcome, faults);
        Ok(())
    }
}

/// The making of one call.
struct Call<'a> {
    exchange: &'a Exchange,
    /// The query pairs that the client was given; others of the recording are left out, as it has no argument for them.
    query: Vec<(String, String)>,
    /// Whether the recorded body was given, and not a stand-in.
    compare_body: bool,
    notes: &'a mut Vec<String>,
}

impl Call<'_> {
    async fn make(
        &mut self,
        api: &upcloud::generated::Client,
        uuids: &[Uuid],
        faults: &mut Vec<String>,
    ) -> Result<Outcome, String> {
        let uuid = uuids.first().copied().unwrap_or_default();
        let member = uuids.get(1).copied().unwrap_or_default();
        match self.exchange.operation.as_str() {
            "listServerConfigurations" => outcome(api.list_server_configurations().await).await,
            "listServers" => {
                let (label, limit, offset) = (self.labels(), self.number("limit"), self.number("offset"));
                outcome(api.list_servers(None, label.as_ref(), limit, offset, None, None, None).await).await
            }
            "getServer" => outcome(api.get_server(&uuid).await).await,
            "createServer" => outcome(api.create_server(&self.body(faults)?).await).await,
            "startServer" => outcome(api.start_server(&uuid, &self.body(faults)?).await).await,
            "stopServer" => outcome(api.stop_server(&uuid, &self.body(faults)?).await).await,
            "restartServer" => outcome(api.restart_server(&uuid, &self.body(faults)?).await).await,
            "modifyServer" => outcome(api.modify_server(&uuid, &self.body(faults)?).await).await,
            "cancelServerOperation" => outcome(api.cancel_server_operation(&uuid).await).await,
            "deleteServer" => {
                let backups = self.backups();
                let storages = self.storages();
                outcome(api.delete_server(&uuid, backups.as_ref(), storages).await).await
            }
            "listServerGroups" => outcome(api.list_server_groups(self.labels().as_ref()).await).await,
            "getServerGroup" => outcome(api.get_server_group(&uuid).await).await,
            "listServersInGroup" => outcome(api.list_servers_in_group(&uuid).await).await,
            "createServerGroup" => outcome(api.create_server_group(&self.body(faults)?).await).await,
            "modifyServerGroup" => outcome(api.modify_server_group(&uuid, &self.body(faults)?).await).await,
            "deleteServerGroup" => outcome(api.delete_server_group(&uuid).await).await,
            "addServerToGroup" => outcome(api.add_server_to_group(&uuid, &self.body(faults)?).await).await,
            "removeServerFromGroup" => outcome(api.remove_server_from_group(&uuid, &member).await).await,
            "listPlans" => outcome(api.list_plans().await).await,
            "listZones" => outcome(api.list_zones().await).await,
            "listTimezones" => outcome(api.list_timezones().await).await,
            "listStorageTemplates" => outcome(api.list_storage_templates().await).await,
            "listStorageCdroms" => outcome(api.list_storage_cdroms().await).await,
            other => Err(format!("the client has no operation {other}")),
        }
    }

    /// The recorded body as the client's type, which must hold all of it. A body that the type cannot hold passes where
    /// the API refused it too; a stand-in is sent then, and where the recording has no body.
    fn body<T: DeserializeOwned + Serialize>(&mut self, faults: &mut Vec<String>) -> Result<T, String> {
        let recorded = &self.exchange.request;
        if !recorded.is_null() {
            match serde_json::from_value::<T>(recorded.clone()) {
                Ok(body) => {
                    let encoded = serde_json::to_value(Exposed(&body)).map_err(|e| e.to_string())?;
                    faults.extend(differences(recorded, &encoded).into_iter().map(|fault| format!("request {fault}")));
                    return Ok(body);
                }
                Err(e) if (400..500).contains(&self.exchange.status) => {
                    let status = self.exchange.status;
                    self.notes.push(format!(
                        "{}: sent another body ({e}); the API answered {status}",
                        self.exchange.operation
                    ));
                }
                Err(e) => return Err(format!("the request does not decode: {e}")),
            }
        }
        self.compare_body = false;
        let stand_in = match self.exchange.operation.as_str() {
            "stopServer" => json!({"stop_server": {}}),
            "restartServer" => json!({"restart_server": {}}),
            "createServerGroup" | "modifyServerGroup" => json!({"server_group": {"title": "stand-in"}}),
            "addServerToGroup" => json!({"server": {"uuid": Uuid::nil()}}),
            "createServer" => json!({"server": {"title": "stand-in", "hostname": "stand-in", "zone": "stand-in",
                "storage_devices": {}, "networking": {"interfaces": {}}}}),
            _ => json!({"server": {}}),
        };
        serde_json::from_value(stand_in).map_err(|e| format!("the stand-in for the request does not decode: {e}"))
    }

    fn labels(&mut self) -> Option<Vec<String>> {
        let labels: Vec<String> = self.exchange.pairs("label").map(str::to_owned).collect();
        self.query.extend(labels.iter().map(|label| ("label".to_owned(), label.clone())));
        (!labels.is_empty()).then_some(labels)
    }

    fn number(&mut self, name: &str) -> Option<u64> {
        let number = self.exchange.pairs(name).next()?.parse::<u64>().ok()?;
        self.query.push((name.to_owned(), number.to_string()));
        Some(number)
    }

    fn backups(&mut self) -> Option<upcloud::types::BackupDeletion> {
        let value = self.exchange.pairs("backups").next()?;
        self.query.push(("backups".to_owned(), value.to_owned()));
        Some(value.into())
    }

    /// The documentation has two spellings of this switch, and the client sends one of them.
    fn storages(&mut self) -> Option<bool> {
        let value = match self.exchange.pairs("storages").next()? {
            "1" | "true" => true,
            "0" | "false" => false,
            _ => return None,
        };
        self.query.push(("storages".to_owned(), value.to_string()));
        Some(value)
    }
}

/// What the client really sent.
fn sent(
    exchange: &Exchange,
    request: &HttpMockRequest,
    path: Option<&str>,
    mut query: Vec<(String, String)>,
    compare_body: bool,
    faults: &mut Vec<String>,
) {
    if request.method_str() != exchange.method {
        faults.push(format!("the client sends {} where {} was recorded", request.method_str(), exchange.method));
    }
    let uri = request.uri();
    if path.is_some_and(|path| path != uri.path()) {
        faults.push(format!("the client sends {} where {} was recorded", uri.path(), exchange.path));
    }
    let mut pairs = request.query_params();
    pairs.sort();
    query.sort();
    if pairs != query {
        faults.push(format!("the client sends the query {pairs:?} where {query:?} was recorded"));
    }
    let body = request.body_string();
    if exchange.request.is_null() || !compare_body {
        return;
    }
    match serde_json::from_str(&body) {
        Ok(body) => {
            let found = differences(&exchange.request, &body);
            faults.extend(found.into_iter().map(|fault| format!("request as sent {fault}")));
        }
        Err(e) => faults.push(format!("the client sends no JSON ({e}) where {} was recorded", exchange.request)),
    }
}

/// What the client made of the answer.
fn answered(exchange: &Exchange, outcome: Outcome, faults: &mut Vec<String>) {
    let body = exchange.body();
    match outcome {
        Outcome::Value(status, value) => {
            if !exchange.is_success() || status != exchange.status {
                faults.push(format!("{} became a success with {status}", exchange.status));
            }
            let value = if value.is_null() { json!({}) } else { value };
            let recorded = if body.is_empty() { json!({}) } else { exchange.response.clone() };
            faults.extend(differences(&recorded, &value).into_iter().map(|fault| format!("answer {fault}")));
        }
        Outcome::Refused(status, text) => {
            if exchange.is_success() || status != exchange.status {
                faults.push(format!("{} became a refusal with {status}", exchange.status));
            }
            if text != body {
                faults.push(format!("the body of the refusal became {text:?}"));
            }
        }
        // An answer without JSON has nothing that could be lost; what matters is that the client says so.
        Outcome::Undecodable(_) if body.is_empty() || exchange.response.get("$raw").is_some() => {}
        Outcome::Undecodable(e) => faults.push(format!("the answer does not decode: {e}")),
    }
}

/// What a caller is told of a failure. One function makes errors of the answers of all operations, so the look at a
/// server stands for each of them.
async fn reported(client: &Client, exchange: &Exchange, faults: &mut Vec<String>) {
    let Err(error) = client.servers().get(Uuid::nil()).await else {
        return faults.push(format!("{} was reported as a success", exchange.status));
    };
    let mut expect = |what: &str, recorded: Option<String>, found: Option<String>| {
        if recorded != found {
            faults.push(format!("the error's {what} is {found:?} where {recorded:?} was recorded"));
        }
    };
    let text = |pointers: &[&str]| {
        pointers.iter().find_map(|pointer| Some(exchange.response.pointer(pointer)?.as_str()?.to_owned()))
    };
    expect("status", Some(exchange.status.to_string()), error.status().map(|status| status.as_u16().to_string()));
    let of_problem = || Some(text(&["/type"])?.rsplit_once("ERROR_")?.1.to_owned());
    let code = text(&["/error/error_code", "/error/code"]).or_else(of_problem).filter(|code| !code.is_empty());
    expect("code", code, error.code().map(|code| ErrorCode::as_str(code).to_owned()));
    expect("correlation id", text(&["/correlation_id"]), error.correlation_id().map(str::to_owned));
    let message = text(&["/error/error_message", "/error/message", "/title"]);
    if let Some(message) = message.filter(|message| !error.message().contains(message.as_str())) {
        faults.push(format!("the error's message {:?} lacks {message:?}", error.message()));
    }
    let params = exchange.response["invalid_params"].as_array().map_or(0, Vec::len);
    if error.invalid_params().len() != params {
        faults.push(format!("of {params} invalid parameters {} are reported", error.invalid_params().len()));
    }
}
