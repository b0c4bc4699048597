//! No number and no time that a caller may give makes a function of the crate panic or hang. Which functions take some is
//! read from the listing of the public items, so that a new one is not forgotten.

mod sweep;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use sweep::Sweep;
use tokio::task::LocalSet;
use upcloud::{
    Client, ClientBuilder, CreateServer, MetadataClient, ModifyServer, RetryPolicy, ServerState, SimpleBackup,
    StopMode,
    calls::Operation,
    error::ErrorBuilder,
    fake::{CLOUD_INIT_TEMPLATE, CannedResponse, Fake, NATIVE_TEMPLATE, ServerSeed, Timing},
    fleet::Refusals,
    types::{CreateInterface, CreateStorageDevice, RestartServer, StartServer, StopServer, TemplateType},
};
use uuid::Uuid;

const LISTING: &str = include_str!("../xtask/public-api.txt");
const GENERATED: &str = include_str!("../xtask/generated-api.txt");
const NUMBERS: [&str; 14] =
    ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "isize", "f32", "f64", "Duration"];

/// The limit of waits whose limit is not what is tried.
const BRIEF: Duration = Duration::from_secs(2);

const U8: [u8; 9] = [0, 1, 2, 23, 24, 59, 60, u8::MAX - 1, u8::MAX];
const STATUSES: [u16; 14] = [0, 1, 99, 100, 199, 200, 204, 304, 599, 600, 999, 1000, u16::MAX - 1, u16::MAX];
const U32: [u32; 5] = [0, 1, 2, u32::MAX - 1, u32::MAX];
const U64: [u64; 8] = [0, 1, 2, 9, i64::MAX as u64, 1 << 63, u64::MAX - 1, u64::MAX];
const USIZE: [usize; 5] = [0, 1, 2, usize::MAX - 1, usize::MAX];
const I64: [i64; 6] = [i64::MIN, -1, 0, 1, i64::MAX - 1, i64::MAX];
const TIMES: [Duration; 9] = [
    Duration::ZERO,
    Duration::from_nanos(1),
    Duration::from_millis(1),
    Duration::from_millis(1001),
    Duration::from_secs(1 << 40),
    Duration::from_millis(u64::MAX),
    Duration::from_secs(u64::MAX),
    Duration::new(u64::MAX, 999_999_998),
    Duration::MAX,
];

const EDGES: [Duration; 4] = [Duration::ZERO, Duration::from_millis(1), Duration::from_secs(u64::MAX), Duration::MAX];

/// The functions and variants of the listing that take a number or a time.
fn listed() -> BTreeSet<&'static str> {
    // The client beneath is not ours to guard, and what is made of its parts is no more than these.
    let generated = GENERATED.lines().filter_map(|line| line.strip_prefix("fn "));
    let generated = generated.filter(|item| !item.starts_with("Client::") && !item.contains("::new("));
    let by_hand = LISTING.lines().filter_map(|line| line.strip_prefix("pub "));
    let takes = |item: &'static str| {
        let item = ["async ", "const ", "fn "].iter().fold(item, |item, word| item.strip_prefix(word).unwrap_or(item));
        let (name, rest) = item.split_once('(')?;
        // `struct Exposed<T>(pub T)`; a function has its name first, and so has a variant.
        if name.split('<').next()?.contains(' ') {
            return None;
        }
        let mut depth = 1;
        let end = rest.find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        // Bytes are no numbers.
        let arguments = rest[..end?].replace("[u8]", "bytes").replace("Vec<u8>", "bytes");
        let mut words = arguments.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.any(|word| NUMBERS.contains(&word)).then_some(name)
    };
    by_hand.chain(generated).filter_map(takes).map(bare).collect()
}

/// A name without its modules: types have names of their own, whatever module hands them on.
fn bare(name: &str) -> &str {
    let of_type = name.split("::").position(|part| part.starts_with(|c: char| c.is_ascii_uppercase()));
    let modules = name.match_indices("::").nth(of_type.unwrap_or_default().wrapping_sub(1));
    modules.map_or(name, |(at, _)| &name[at + 2..])
}

fn pairs<A: Copy, B: Copy>(first: &[A], second: &[B]) -> Vec<(A, B)> {
    first.iter().flat_map(|a| second.iter().map(|b| (*a, *b))).collect()
}

fn wanted() -> CreateServer {
    CreateServer::from_template("web-1.example.com", "fi-hel1", NATIVE_TEMPLATE).plan("1xCPU-1GB")
}

fn client_of(fake: &Fake, settings: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Option<Client> {
    settings(Client::builder().token("ucat_any").base_url(fake.base_url())).build().ok()
}

async fn list(client: Option<Client>) {
    if let Some(client) = client {
        drop(client.servers().list().await);
    }
}

/// A fake whose operations never end by themselves, and one that refuses everything.
async fn fakes() -> (Arc<Fake>, Arc<Fake>) {
    let busy = Fake::builder().timing(Timing::Manual).start().await;
    let broken = Fake::start().await;
    broken.answer_next(None, CannedResponse::status(503).times(u32::MAX));
    (Arc::new(busy), Arc::new(broken))
}

#[tokio::test]
async fn no_number_and_no_time_makes_a_function_panic_or_hang() {
    LocalSet::new().run_until(whole_sweep()).await;
}

async fn whole_sweep() {
    let (busy, broken) = fakes().await;
    let mut sweep = Sweep::new();
    requests(&mut sweep, &busy);
    clients(&mut sweep, &busy, &broken);
    waits(&mut sweep, &busy).await;
    fleets(&mut sweep, &busy);
    errors(&mut sweep);
    fake_settings(&mut sweep);
    fake_orders(&mut sweep);
    let covered: BTreeSet<&str> = sweep.covered.iter().map(|name| bare(name)).collect();
    let missing: Vec<_> = listed().difference(&covered).copied().collect();
    assert!(missing.is_empty(), "nothing here calls {missing:?}");
    assert!(listed().len() > 60, "the listing is read: {}", listed().len());

    let mut faults = Vec::new();
    while let Some(found) = sweep.calls.join_next().await {
        faults.extend(found.expect("the calls themselves run in tasks of their own"));
    }
    faults.sort();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// What becomes part of a body or a query, sent with and without the checks.
#[expect(clippy::too_many_lines, reason = "it is one list")]
fn requests(sweep: &mut Sweep, fake: &Fake) {
    let servers = fake.client().servers();
    let send = {
        let servers = servers.clone();
        move |server: CreateServer| {
            let servers = servers.clone();
            async move {
                drop(servers.create(server.clone()).await);
                drop(servers.create(server).without_checks().await);
            }
        }
    };
    macro_rules! create {
        ($name:expr, $values:expr, $make:expr) => {{
            let send = send.clone();
            sweep.with($name, $values, move |value| send($make(value)));
        }};
    }
    create!("CreateServer::avoid_host", I64, |host| wanted().avoid_host(host));
    create!("CreateServer::host", I64, |host| wanted().host(host));
    create!("CreateServer::cores_and_memory", pairs(&U64, &U64), |(cores, memory)| CreateServer::clone_of(
        "a",
        "fi-hel1",
        NATIVE_TEMPLATE
    )
    .cores_and_memory(cores, memory));
    create!("CreateServer::disk_size", U64, |size| wanted().disk_size(size));
    create!("CreateServer::from_scratch", U64, |size| CreateServer::from_scratch(
        "a",
        "fi-hel1",
        size,
        upcloud::fake::CDROM
    ));
    create!("types::CreateInterface::index", U64, |index| wanted()
        .interface(CreateInterface::public(upcloud::types::AddressFamily::IPv4).index(index)));
    create!("types::CreateStorageDevice::create", U64, |size| wanted()
        .storage_device(CreateStorageDevice::create(size)));
    create!("types::CreateStorageDevice::size", U64, |size| wanted()
        .storage_device(CreateStorageDevice::clone_of(CLOUD_INIT_TEMPLATE).size(size)));

    let changed = fake.add_server("changed");
    macro_rules! call {
        ($name:expr, $values:expr, $call:expr) => {{
            let servers = servers.clone();
            sweep.with($name, $values, move |value| {
                let servers = servers.clone();
                async move {
                    let _ = $call(servers, value).await;
                }
            });
        }};
    }
    call!("ModifyServer::cores_and_memory", pairs(&U64, &U64), async |servers: upcloud::Servers, (cores, memory)| {
        servers.modify(changed, ModifyServer::default().cores_and_memory(cores, memory)).await
    });
    call!("ListServersCall::limit", U64, async |servers: upcloud::Servers, limit| {
        drop(servers.list().limit(limit).await);
        servers.list().limit(limit).stream().next().await
    });
    call!("ListServersCall::host", I64, async |servers: upcloud::Servers, host| servers.list().host(host).await);
    call!("ListServersCall::offset", U64, async |servers: upcloud::Servers, offset| {
        drop(servers.list().offset(offset).await);
        let mut stream = servers.list().offset(offset).limit(1).stream();
        while let Some(Ok(_)) = stream.next().await {}
    });
    // The calls that no operation is alone: each has the options itself.
    let client = fake.client();
    macro_rules! options {
        ($name:literal, $make:expr) => {
            let make = $make;
            sweep.with(concat!($name, "::timeout"), TIMES, move |limit| {
                let call = make().timeout(limit);
                async move { drop(call.await) }
            });
            let make = $make;
            sweep.with(concat!($name, "::attempt_timeout"), TIMES, move |limit| {
                let call = make().attempt_timeout(limit);
                async move { drop(call.await) }
            });
            let make = $make;
            sweep.with(concat!($name, "::max_response_size"), U64, move |bytes| {
                let call = make().max_response_size(bytes);
                async move { drop(call.await) }
            });
        };
    }
    options!("EndpointCall", {
        let client = client.clone();
        move || client.endpoint(upcloud::types::Method::GET, "/plan")
    });
    options!("ModifyServerLabelCall", {
        let client = client.clone();
        move || client.servers().remove_label(changed, "none")
    });
    options!("ModifyServerGroupLabelCall", {
        let client = client.clone();
        move || client.server_groups().remove_label(changed, "none")
    });
    // Bodies that the calls make themselves reach the API through the generated client too.
    macro_rules! body {
        ($name:literal, $values:expr, $method:ident, $request:ident, |$value:ident| $body:expr) => {
            let api = client.generated();
            sweep.with($name, $values, move |$value| {
                let (api, body) = (api.clone(), upcloud::types::$request::new($body));
                async move { drop(api.$method(&changed, &body).await) }
            });
        };
    }
    body!("StartServer::host", I64, start_server, StartServerRequest, |host| StartServer::default().host(host));
    body!("StartServer::avoid_host", I64, start_server, StartServerRequest, |host| {
        StartServer::default().avoid_host(host)
    });
    body!("StopServer::timeout", U64, stop_server, StopServerRequest, |limit| StopServer::default().timeout(limit));
    body!("RestartServer::host", I64, restart_server, RestartServerRequest, |host| {
        RestartServer::default().host(host)
    });
    body!("RestartServer::timeout", U64, restart_server, RestartServerRequest, |limit| {
        RestartServer::default().timeout(limit)
    });
    call!("Call::attempt_timeout", TIMES, async |servers: upcloud::Servers, limit| servers
        .list()
        .attempt_timeout(limit)
        .await);
    call!("Call::max_response_size", U64, async |servers: upcloud::Servers, bytes| servers
        .list()
        .max_response_size(bytes)
        .await);
    call!("Call::timeout", TIMES, async |servers: upcloud::Servers, limit| servers.list().timeout(limit).await);
    call!("RestartServerCall::host", I64, async |servers: upcloud::Servers, host| servers
        .restart(changed, StopMode::Hard)
        .host(host)
        .await);
    call!("StartServerCall::avoid_host", I64, async |servers: upcloud::Servers, host| servers
        .start(changed)
        .avoid_host(host)
        .await);
    call!("StartServerCall::host", I64, async |servers: upcloud::Servers, host| servers
        .start(changed)
        .host(host)
        .await);
    call!("RestartServerCall::give_up_after", TIMES, async |servers: upcloud::Servers, limit| {
        drop(servers.restart(changed, StopMode::SoftThenHard(limit)).await);
        servers.restart(changed, StopMode::Soft).give_up_after(limit).await
    });
    for (name, make) in [
        ("SimpleBackup::daily", SimpleBackup::daily as fn(u8, u8) -> _),
        ("SimpleBackup::dailies", SimpleBackup::dailies),
        ("SimpleBackup::weeklies", SimpleBackup::weeklies),
        ("SimpleBackup::monthlies", SimpleBackup::monthlies),
    ] {
        sweep.with(name, pairs(&U8, &U8), move |(hour, minute)| async move { drop(make(hour, minute)) });
    }
}

/// Limits and retries, where the service answers and where it refuses everything.
fn clients(sweep: &mut Sweep, fake: &Arc<Fake>, broken: &Arc<Fake>) {
    macro_rules! client {
        ($name:expr, $values:expr, $setting:expr) => {{
            let fakes = [Arc::clone(fake), Arc::clone(broken)];
            sweep.with($name, $values, move |value| {
                let clients = fakes.clone().map(|fake| client_of(&fake, |builder| $setting(builder, value)));
                async move {
                    let [good, bad] = clients;
                    list(good).await;
                    list(bad).await;
                }
            });
        }};
    }
    macro_rules! retries {
        ($name:expr, $values:expr, $setting:expr) => {
            client!($name, $values, |builder: ClientBuilder, value| builder
                .retry($setting(RetryPolicy::default(), value)))
        };
    }
    client!("ClientBuilder::attempt_timeout", TIMES, ClientBuilder::attempt_timeout);
    client!("ClientBuilder::connect_timeout", TIMES, ClientBuilder::connect_timeout);
    client!("ClientBuilder::max_response_size", U64, ClientBuilder::max_response_size);
    client!("ClientBuilder::timeout", TIMES, ClientBuilder::timeout);
    client!("ClientBuilder::retry_budget", U32, ClientBuilder::retry_budget);
    retries!("RetryPolicy::attempts", U32, RetryPolicy::attempts);
    retries!("RetryPolicy::budget_cost", U32, RetryPolicy::budget_cost);
    retries!("RetryPolicy::factor", U32, RetryPolicy::factor);
    retries!("RetryPolicy::first_wait", TIMES, RetryPolicy::first_wait);
    retries!("RetryPolicy::longest_wait", TIMES, RetryPolicy::longest_wait);
    retries!("RetryPolicy::shortest_wait", TIMES, RetryPolicy::shortest_wait);

    macro_rules! metadata {
        ($name:expr, $values:expr, $setting:expr) => {{
            let broken = Arc::clone(broken);
            sweep.with($name, $values, move |value| {
                let client = $setting(MetadataClient::builder().base_url(broken.base_url()), value).build();
                async move {
                    if let Ok(client) = client {
                        drop(client.get().await);
                    }
                }
            });
        }};
    }
    metadata!("MetadataClientBuilder::attempts", U32, upcloud::types::MetadataClientBuilder::attempts);
    metadata!(
        "MetadataClientBuilder::max_response_size",
        U64,
        upcloud::types::MetadataClientBuilder::max_response_size
    );
    metadata!("MetadataClientBuilder::pause", TIMES, upcloud::types::MetadataClientBuilder::pause);
    metadata!("MetadataClientBuilder::timeout", TIMES, upcloud::types::MetadataClientBuilder::timeout);
}

/// Waits for what never comes.
async fn waits(sweep: &mut Sweep, fake: &Arc<Fake>) {
    let servers = fake.client().servers();
    let uuid = fake.add_server("waited-for");
    // In a fake of its own, for others create servers in this one.
    let other = Fake::start().await;
    other.answer_next(Operation::CreateServer, CannedResponse::dropped_after());
    let lost = client_of(&other, |builder| builder.retry(RetryPolicy::off())).expect("a client").servers();
    let lost = lost.create(wanted()).traceable().await.expect_err("ordered");

    macro_rules! call {
        ($name:expr, $values:expr, $call:expr) => {{
            let (servers, fake) = (servers.clone(), Arc::clone(fake));
            sweep.with($name, $values, move |value| {
                let (servers, fake) = (servers.clone(), Arc::clone(&fake));
                async move { drop($call(servers, fake, value).await) }
            });
        }};
    }
    macro_rules! wait {
        ($name:literal, $make:expr) => {
            call!(concat!($name, "::limit"), TIMES, async |servers: upcloud::Servers, fake: Arc<Fake>, limit| {
                $make(&servers, &fake).limit(limit).await
            });
            let times = pairs(&EDGES, &EDGES);
            call!(
                concat!($name, "::poll_every"),
                times,
                async |servers: upcloud::Servers, fake: Arc<Fake>, (first, longest)| {
                    $make(&servers, &fake).limit(BRIEF).poll_every(first, longest).await
                }
            );
        };
    }
    wait!("Wait<T>", |servers: &upcloud::Servers, _: &Fake| servers.wait_until(uuid, ServerState::Stopped));
    wait!("WaitAll<T>", |servers: &upcloud::Servers, _: &Fake| servers.wait_all_until([uuid], ServerState::Stopped));
    wait!("Wait<()>", |servers: &upcloud::Servers, _: &Fake| servers.wait_until_deleted(uuid));
    wait!("Resize", |servers: &upcloud::Servers, fake: &Fake| {
        let size = upcloud::types::NewSize::CoresAndMemory { cores: u64::MAX, megabytes: 0 };
        servers.resize(fake.add_server("a"), size).allow_stop(StopMode::Soft)
    });
    wait!("Resize, of a size that there is", |servers: &upcloud::Servers, fake: &Fake| servers
        .resize(fake.add_server(ServerSeed::new("a").plan("2xCPU-4GB")), "1xCPU-1GB")
        .allow_stop(StopMode::SoftThenHard(Duration::MAX)));
    wait!("ServerAction<T>", |servers: &upcloud::Servers, fake: &Fake| servers
        .stop(fake.add_server("a"), StopMode::Soft)
        .and_wait());
    wait!("Wait<T>, of a state that is ensured", |servers: &upcloud::Servers, fake: &Fake| servers
        .ensure_stopped(fake.add_server("a"), StopMode::Hard));
    call!("StopMode::SoftThenHard", TIMES, async |servers: upcloud::Servers, fake: Arc<Fake>, after| servers
        .ensure_stopped(fake.add_server("a"), StopMode::SoftThenHard(after))
        .limit(BRIEF)
        .await);
    sweep.with("FindLost<T>::limit", TIMES, move |limit| {
        let (servers, lost) = (servers.clone(), lost.clone());
        async move { drop(servers.find_lost(&lost).limit(limit).await) }
    });
}

/// Fleets of one server, which has to be made, looked for, or stopped.
fn fleets(sweep: &mut Sweep, fake: &Arc<Fake>) {
    macro_rules! fleet {
        ($name:literal, $make:expr) => {
            let make = $make;
            let (servers, wanted) = (fake.client().servers(), Arc::clone(fake));
            let make = move || make(&servers, &wanted).limit(BRIEF);
            let fleet = make.clone();
            sweep.with(concat!($name, "::in_flight"), USIZE, move |most| {
                let fleet = fleet().in_flight(most);
                async move { drop(fleet.await) }
            });
            let fleet = make.clone();
            sweep.with(concat!($name, "::limit"), TIMES, move |limit| {
                let fleet = fleet().limit(limit);
                async move { drop(fleet.await) }
            });
            let fleet = make.clone();
            sweep.with(concat!($name, "::poll_every"), pairs(&EDGES, &EDGES), move |(first, longest)| {
                let fleet = fleet().poll_every(first, longest);
                async move { drop(fleet.await) }
            });
            sweep.with("Refusals::pauses_of", pairs(&EDGES, &EDGES), move |(first, longest)| {
                let fleet = make().when_refused(Refusals::default().pauses_of(first, longest));
                async move { drop(fleet.await) }
            });
        };
    }
    fake.fail_times(Operation::CreateServer, upcloud::ErrorCode::ServerCreatingLimitReached, 20);
    fleet!("CreateAll", |servers: &upcloud::Servers, _: &Fake| servers.create_all([wanted()]).and_wait());
    fleet!("EnsureAll", |servers: &upcloud::Servers, fake: &Fake| {
        let mode = StopMode::SoftThenHard(Duration::MAX);
        servers.stop_all([fake.add_server("a")], mode)
    });
    let servers = fake.client().servers();
    sweep.with("CreateAll::look_for_lost", TIMES, move |limit| {
        let fleet = servers.create_all([wanted()]).limit(BRIEF).look_for_lost(limit);
        async move { drop(fleet.await) }
    });
}

/// Errors that a caller makes, and all that they tell.
fn errors(sweep: &mut Sweep) {
    let tell = |error: ErrorBuilder| async move {
        let error = error.operation(Operation::ListServers).build();
        drop((error.to_string(), format!("{error:?}"), error.kind(), error.retry_after(), error.is_transient()));
    };
    sweep.refusing("ErrorBuilder::refused", "is no HTTP status", STATUSES, move |status| async move {
        tell(ErrorBuilder::refused(status)).await;
    });
    sweep.with("ErrorBuilder::attempts", U32, move |attempts| tell(ErrorBuilder::timeout().attempts(attempts)));
    sweep.with("ErrorBuilder::retry_after", TIMES, move |wait| tell(ErrorBuilder::refused(429).retry_after(wait)));
}

/// One life in a fake with this setting.
async fn live(fake: &Fake) {
    let servers = fake.client().servers();
    let made = servers.create(wanted()).await.expect("created");
    drop(servers.get(made.uuid).await);
    fake.advance(Duration::from_secs(1));
    drop(servers.list().await);
    fake.finish_all();
    fake.ignore_acpi(made.uuid, true);
    drop(servers.stop(made.uuid, StopMode::SoftThenHard(Duration::from_secs(600))).await);
    fake.advance(Duration::MAX);
    let saved = fake.save();
    fake.load(upcloud::fake::Snapshot::from_json(&saved.to_json()).expect("what was saved"));
    assert!(fake.servers().iter().any(|server| server.uuid == made.uuid), "it lives on");
}

fn fake_settings(sweep: &mut Sweep) {
    sweep.with("fake::FakeBuilder::hosts", U8, |hosts| async move {
        live(&Fake::builder().hosts(hosts).start().await).await;
    });
    sweep.with(
        "fake::FakeBuilder::seed",
        U64,
        |seed| async move { live(&Fake::builder().seed(seed).start().await).await },
    );
    sweep.with("fake::FakeBuilder::keep_requests", USIZE, |most| async move {
        live(&Fake::builder().keep_requests(most).start().await).await;
    });
    sweep.with("fake::Timing::Polls", U32, |looks| async move {
        live(&Fake::builder().timing(Timing::Polls(looks)).start().await).await;
    });
    sweep.with("fake::Timing::Takes", TIMES, |time| async move {
        live(&Fake::builder().timing(Timing::Takes(time)).start().await).await;
    });
    sweep.with("fake::Fake::advance", TIMES, |time| async move {
        let fake = Fake::builder().timing(Timing::Takes(Duration::from_secs(60))).start().await;
        live(&fake).await;
        fake.advance(time);
        fake.advance(time);
        live(&fake).await;
    });
    sweep.refusing("fake::Fake::fill", "a fake has at most", USIZE, |servers| async move {
        let fake = Fake::start().await;
        fake.fill(servers);
        live(&fake).await;
    });
    sweep.with("fake::Fake::add_template", U64, |size| async move {
        let fake = Fake::start().await;
        fake.add_template(Uuid::from_u128(1), "x", size, TemplateType::Native);
        let server = CreateServer::from_template("a", "fi-hel1", Uuid::from_u128(1)).plan("1xCPU-1GB");
        drop(fake.client().servers().create(server).await);
        live(&fake).await;
    });
    sweep.refusing("fake::ServerSeed::host", "there is no host", I64, |host| async move {
        Fake::start().await.add_server(ServerSeed::new("a").host(host));
    });
}

fn fake_orders(sweep: &mut Sweep) {
    let order = |canned: CannedResponse| async move {
        let fake = Fake::start().await;
        fake.answer_next(Operation::ListServers, canned);
        list(client_of(&fake, |builder| builder.retry(RetryPolicy::off()))).await;
        fake.load(fake.save());
        live(&fake).await;
    };
    sweep.with("fake::CannedResponse::delay", TIMES, move |time| order(CannedResponse::status(503).delay(time)));
    sweep.with("fake::CannedResponse::late", TIMES, move |time| order(CannedResponse::late(time)));
    sweep.with("fake::CannedResponse::slow", TIMES, move |time| order(CannedResponse::slow(time)));
    sweep.with("fake::CannedResponse::too_many_requests", TIMES, move |time| {
        order(CannedResponse::too_many_requests(time))
    });
    sweep.with("fake::CannedResponse::times", U32, move |times| order(CannedResponse::status(503).times(times)));
    sweep.with("fake::CannedResponse::times", U32, move |times| {
        order(CannedResponse::slow(Duration::ZERO).times(times))
    });
    sweep.with("fake::Fake::fail_times", U32, |times| async move {
        let fake = Fake::start().await;
        fake.fail_times(Operation::StopServer, "SERVER_STATE_ILLEGAL", times);
        live(&fake).await;
    });
    let words = "no whole answer has the status";
    for (name, make) in [
        ("fake::CannedResponse::status", CannedResponse::status as fn(u16) -> CannedResponse),
        ("fake::CannedResponse::html", |status| CannedResponse::html(status, "<p>x</p>")),
        ("fake::CannedResponse::json", |status| CannedResponse::json(status, &1)),
        ("fake::CannedResponse::problem", |status| CannedResponse::problem(status, "X", "x")),
    ] {
        sweep.refusing(name, words, STATUSES, move |status| async move { order(make(status)).await });
    }
}

/// The sweep itself finds what it is to find.
#[tokio::test]
async fn a_panic_is_found_and_a_documented_one_is_not() {
    LocalSet::new().run_until(small_sweep()).await;
}

async fn small_sweep() {
    let seen = Arc::new(Mutex::new(0));
    let mut sweep = Sweep::new();
    let counted = Arc::clone(&seen);
    sweep.with("bad", U8, move |value| {
        *counted.lock().expect("no panic with the lock") += 1;
        async move { assert!(value < u8::MAX, "too large") }
    });
    sweep.refusing("good", "too large", U8, |value| async move { assert!(value < u8::MAX, "too large") });
    let mut found = Vec::new();
    while let Some(fault) = sweep.calls.join_next().await {
        found.extend(fault.expect("no panic outside"));
    }
    assert_eq!(found, ["bad with 255 panics: too large"]);
    assert_eq!(*seen.lock().expect("no panic with the lock"), U8.len());
}
