//! The workflows of `xtask/workflows/upcloud.arazzo.yaml`, carried out against the fake by what the file says and nothing
//! else. Here is a reader of the part of Arazzo 1.0 that the file uses; what it does not know ends the test.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;
#[allow(dead_code, reason = "the file is shared with other tests")]
mod fake_http;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use contract::{DESCRIPTION, Watch as _};
use fake_http::{Answer, raw};
use serde_json::{Value, json};
use upcloud::{
    ServerState,
    calls::Operation,
    fake::{CLOUD_INIT_TEMPLATE, CannedResponse, Fake, ServerSeed, Timing},
};
use uuid::Uuid;

static WORKFLOWS: LazyLock<Value> = LazyLock::new(|| {
    let yaml: yaml_serde::Value =
        yaml_serde::from_str(include_str!("../xtask/workflows/upcloud.arazzo.yaml")).expect("YAML");
    serde_json::to_value(yaml).expect("JSON")
});

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

fn workflow(id: &str) -> &'static Value {
    items(&WORKFLOWS["workflows"]).find(|of| of["workflowId"] == id).unwrap_or_else(|| panic!("no workflow {id}"))
}

/// One workflow that is being carried out.
struct Run<'a> {
    fake: &'a Fake,
    inputs: Value,
    /// By step.
    outputs: BTreeMap<&'static str, Value>,
    asked: Vec<&'static str>,
    /// Seconds that the file wants to wait; the fake needs no time.
    waited: u64,
}

impl<'a> Run<'a> {
    fn new(fake: &'a Fake, inputs: Value) -> Self {
        Self { fake, inputs, outputs: BTreeMap::new(), asked: Vec::new(), waited: 0 }
    }

    /// The outputs of the workflow, or the step that ended it and why.
    async fn carry_out(&mut self, workflow: &'static Value) -> Result<Value, String> {
        for input in items(&workflow["inputs"]["required"]).filter_map(Value::as_str) {
            assert!(self.inputs.get(input).is_some(), "the input {input} is required");
        }
        let steps: Vec<&'static Value> = items(&workflow["steps"]).collect();
        let mut tried: BTreeMap<&str, u64> = BTreeMap::new();
        let mut at = 0;
        while let Some(&step) = steps.get(at) {
            let id = text(step, "stepId");
            let answer = self.ask(step).await;
            let done = self.hold(&step["successCriteria"], &answer);
            let actions = if done { &step["onSuccess"] } else { &step["onFailure"] };
            let action = items(actions).find(|action| self.hold(&action["criteria"], &answer));
            if done {
                let outputs = step["outputs"].as_object().into_iter().flatten();
                let outputs = outputs.map(|(name, from)| (name.clone(), self.value(from, Some(&answer)))).collect();
                self.outputs.insert(id, Value::Object(outputs));
            }
            at = match action.map(|action| (text(action, "type"), action)) {
                None if done => at + 1,
                None => return Err(format!("{id}: {} {}", answer.status, answer.text)),
                Some(("goto", action)) => {
                    let to = text(action, "stepId");
                    steps.iter().position(|step| step["stepId"] == to).unwrap_or_else(|| panic!("no step {to}"))
                }
                Some(("retry", action)) => {
                    let times = tried.entry(id).or_default();
                    *times += 1;
                    if *times > action["retryLimit"].as_u64().expect("a number") {
                        return Err(format!("{id}: {} came too often", text(action, "name")));
                    }
                    self.waited += action["retryAfter"].as_u64().expect("seconds");
                    at
                }
                Some(("end", _)) if done => break,
                Some(("end", action)) => return Err(format!("{id}: {}", text(action, "name"))),
                Some((other, _)) => panic!("this test knows no action {other}"),
            };
        }
        let outputs = workflow["outputs"].as_object().into_iter().flatten();
        Ok(outputs.map(|(name, from)| (name.clone(), self.value(from, None))).collect())
    }

    async fn ask(&mut self, step: &'static Value) -> Answer {
        let id = text(step, "operationId");
        self.asked.push(id);
        let operation = Operation::ALL.iter().find(|operation| operation.id() == id);
        let operation = operation.unwrap_or_else(|| panic!("the description has no operation {id}"));
        let (mut path, mut query) = (operation.path().to_owned(), Vec::new());
        for parameter in items(&step["parameters"]) {
            let (name, value) = (text(parameter, "name"), self.value(&parameter["value"], None));
            let value = value.as_str().unwrap_or_else(|| panic!("{name} is no text: {value}"));
            match text(parameter, "in") {
                "path" => path = path.replace(&format!("{{{name}}}"), value),
                "query" => query.push(format!("{name}={value}")),
                other => panic!("this test knows no parameter in {other}"),
            }
        }
        assert!(!path.contains('{'), "{id}: {path} lacks a parameter");
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        let body = step.get("requestBody").map(|body| self.value(&body["payload"], None).to_string());
        raw(self.fake, operation.method(), &format!("/1.3{path}{query}"), &body.unwrap_or_default()).await
    }

    /// A value with every runtime expression in it replaced.
    fn value(&self, value: &Value, answer: Option<&Answer>) -> Value {
        match value {
            Value::String(text) if text.starts_with('$') => self.expression(text, answer),
            Value::Array(items) => items.iter().map(|item| self.value(item, answer)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, member)| (name.clone(), self.value(member, answer))).collect()
            }
            other => other.clone(),
        }
    }

    fn expression(&self, expression: &str, answer: Option<&Answer>) -> Value {
        let answer = || answer.unwrap_or_else(|| panic!("{expression} has no answer to look at"));
        let known = |found: Option<&Value>| found.unwrap_or_else(|| panic!("{expression} leads nowhere")).clone();
        let parts: Vec<&str> = expression.split('.').collect();
        match parts.as_slice() {
            ["$statusCode"] => answer().status.into(),
            ["$inputs", name] => known(self.inputs.get(name)),
            ["$steps", step, "outputs", name] => known(self.outputs.get(step).and_then(|of| of.get(name))),
            ["$response", rest] => {
                let pointer = rest.strip_prefix("body#").unwrap_or_else(|| panic!("{expression} is not known here"));
                answer().json().pointer(pointer).cloned().unwrap_or_default()
            }
            _ => panic!("{expression} is not known here"),
        }
    }

    /// Whether all criteria hold; none at all do.
    fn hold(&self, criteria: &Value, answer: &Answer) -> bool {
        items(criteria).all(|criterion| {
            let condition = text(criterion, "condition");
            let (left, right) = condition.split_once(" == ").unwrap_or_else(|| panic!("{condition} is not known here"));
            let right: Value = match right.strip_prefix('\'') {
                Some(quoted) => quoted.trim_end_matches('\'').into(),
                None => serde_json::from_str(right).unwrap_or_else(|_| panic!("{condition} is not known here")),
            };
            self.expression(left, Some(answer)) == right
        })
    }
}

fn new_server(hostname: &str) -> Value {
    json!({
        "zone": "fi-hel1", "hostname": hostname, "title": "Web server", "plan": "1xCPU-1GB", "size": 25,
        "template": CLOUD_INIT_TEMPLATE, "sshKey": "ssh-ed25519 AAAA ops", "label": "run-17",
    })
}

fn uuid(outputs: &Value, name: &str) -> Uuid {
    text(outputs, name).parse().expect("a UUID")
}

#[tokio::test]
async fn a_server_is_created_and_waited_for() {
    let fake = Fake::builder().timing(Timing::Polls(3)).watched().await;
    let mut run = Run::new(&fake, new_server("web-1.example.net"));
    let outputs = run.carry_out(workflow("createFromTemplate")).await.expect("it runs");
    let server = fake.server(uuid(&outputs, "server")).expect("there");
    assert_eq!((server.state, server.plan.as_deref()), (ServerState::Started, Some("1xCPU-1GB")));
    assert_eq!(outputs["addresses"].as_array().map(Vec::len), Some(2));
    assert_eq!(run.asked, ["createServer", "getServer", "getServer", "getServer", "getServer"]);
    assert_eq!(run.waited, 15);
}

#[tokio::test]
async fn a_wait_ends_with_the_state_error_and_after_ten_minutes() {
    let fake = Fake::builder().timing(Timing::Manual).watched().await;
    let mut broken = DESCRIPTION["components"]["examples"]["ServerStarted"]["value"].clone();
    broken["server"]["state"] = json!("error");
    fake.answer_next(Operation::GetServer, CannedResponse::json(200, &broken));
    let mut run = Run::new(&fake, new_server("web-1.example.net"));
    assert_eq!(run.carry_out(workflow("createFromTemplate")).await, Err("wait: broken".to_owned()));
    assert_eq!(run.waited, 0);

    let mut run = Run::new(&fake, new_server("web-2.example.net"));
    assert_eq!(run.carry_out(workflow("createFromTemplate")).await, Err("wait: notYet came too often".to_owned()));
    assert_eq!(run.waited, 600);
}

#[tokio::test]
async fn a_server_is_resized() {
    let fake = Fake::builder().timing(Timing::Polls(1)).watched().await;
    let server = fake.add_server(ServerSeed::new("web-1.example.net").plan("2xCPU-4GB"));
    let mut run = Run::new(&fake, json!({"server": server, "plan": "1xCPU-1GB"}));
    let outputs = run.carry_out(workflow("resize")).await.expect("it runs");
    assert_eq!(outputs, json!({"plan": "1xCPU-1GB"}));
    let server = fake.server(server).expect("there");
    assert_eq!((server.state, server.core_number), (ServerState::Started, Some(1)));
    let changes: Vec<_> = run.asked.iter().filter(|id| **id != "getServer").collect();
    assert_eq!(changes, [&"stopServer", &"modifyServer", &"startServer"]);
}

#[tokio::test]
async fn a_server_is_deleted_with_its_storages() {
    for state in [ServerState::Started, ServerState::Stopped] {
        let fake = Fake::builder().timing(Timing::Polls(1)).watched().await;
        let server = fake.add_server(ServerSeed::new("web-1.example.net").state(state.clone()));
        let mut run = Run::new(&fake, json!({ "server": server }));
        run.carry_out(workflow("deleteWithStorages")).await.expect("it runs");
        assert!(fake.server(server).is_none());
        assert_eq!(run.asked.contains(&"stopServer"), state == ServerState::Started, "{:?}", run.asked);
        let delete = fake.requests().into_iter().find(|asked| asked.operation == Some(Operation::DeleteServer));
        let query = delete.expect("it was asked").query;
        assert_eq!(query, [("storages", "1"), ("backups", "delete")].map(|(k, v)| (k.to_owned(), v.to_owned())));
    }
}

#[tokio::test]
async fn two_servers_are_kept_apart() {
    let fake = Fake::builder().hosts(2).watched().await;
    let first = fake.add_server(ServerSeed::new("a.example.net"));
    let mut inputs = new_server("b.example.net");
    inputs["first"] = json!(first);
    let outputs = Run::new(&fake, inputs).carry_out(workflow("keepApart")).await.expect("it runs");
    let [first, second] = [first, uuid(&outputs, "server")].map(|uuid| fake.server(uuid).expect("there"));
    assert_eq!((first.server_group, second.server_group), (Some(uuid(&outputs, "group")), first.server_group));
    assert_ne!(first.host, second.host);
}

/// A workflow that no test runs may say anything.
#[test]
fn every_workflow_is_run_by_a_test_and_knows_its_own_names() {
    let tests = include_str!("workflows.rs");
    let all: BTreeSet<&str> = items(&WORKFLOWS["workflows"]).map(|of| text(of, "workflowId")).collect();
    assert_eq!(all.len(), 4);
    for id in &all {
        assert!(tests.contains(&format!("workflow(\"{id}\")")), "nothing runs {id}");
        let workflow = workflow(id);
        let inputs = &workflow["inputs"];
        let declared: BTreeSet<_> =
            inputs["properties"].as_object().into_iter().flatten().map(|(name, _)| name).collect();
        let required: BTreeSet<_> = items(&inputs["required"]).filter_map(Value::as_str).collect();
        assert_eq!(declared.iter().map(|name| name.as_str()).collect::<BTreeSet<_>>(), required, "{id}");
        for name in declared {
            assert!(workflow.to_string().contains(&format!("$inputs.{name}\"")), "{id} has no use for {name}");
        }
    }
}
