//! A server behind a bad network: it does what it is asked, remembers what it did, and fails on the way in every manner that
//! a network or a gateway can. Which fault comes when follows a seed.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::sleep,
};
use uuid::Uuid;

/// For so many accepted connections the port is open; then it is closed for a moment.
const OPEN_FOR: u64 = 150;
const CLOSED_FOR: Duration = Duration::from_millis(15);

/// What befalls a request. *Lost* is before the request is carried out, *done* is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The port is closed. No request has this; it is counted when a connection was refused.
    Refused,
    ResetUnread,
    ResetLost,
    ResetDone,
    /// The connection is accepted and nobody ever reads.
    StallUnread,
    StallLost,
    StallDone,
    CutHead,
    CutBody,
    TooMany,
    RequestTimeout,
    /// 500, 502, 503 or 504.
    ErrorLost,
    ErrorDone,
    HtmlLost,
    HtmlDone,
    /// A page with status 200, as captive portals send them.
    HtmlOk,
    Late,
}

pub const FAULTS: [Fault; 16] = [
    Fault::ResetUnread,
    Fault::ResetLost,
    Fault::ResetDone,
    Fault::StallUnread,
    Fault::StallLost,
    Fault::StallDone,
    Fault::CutHead,
    Fault::CutBody,
    Fault::TooMany,
    Fault::RequestTimeout,
    Fault::ErrorLost,
    Fault::ErrorDone,
    Fault::HtmlLost,
    Fault::HtmlDone,
    Fault::HtmlOk,
    Fault::Late,
];

/// Numbers that follow a seed (splitmix64).
struct Dice(AtomicU64);

impl Dice {
    fn roll(&self, sides: u64) -> u64 {
        let mut x = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Relaxed);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % sides
    }
}

/// A server or a group that was made.
#[derive(Clone, Debug)]
pub struct Made {
    pub name: String,
    pub uuid: Uuid,
    labels: Value,
    members: Value,
    at: u64,
}

/// What the server has done.
#[derive(Default)]
pub struct World {
    pub servers: Vec<Made>,
    pub groups: Vec<Made>,
    pub requests: u64,
    pub faults: BTreeMap<Fault, u64>,
    /// No fault any more.
    pub calm: bool,
    /// Requests that were read and not yet answered or given up.
    pub in_flight: u64,
    started: bool,
    member: bool,
}

/// The server and the network.
pub struct BadNetwork {
    dice: Dice,
    world: Mutex<World>,
    /// How long a stall is; longer than any client waits.
    stall: Duration,
}

impl BadNetwork {
    /// Starts it, and gives its address.
    pub async fn start(seed: u64, stall: Duration) -> (Arc<Self>, SocketAddr) {
        let network = Arc::new(Self { dice: Dice(AtomicU64::new(seed)), world: Mutex::default(), stall });
        // The port is closed now and then, and must not be given to anybody meanwhile: so it is none of those that systems
        // give away, and one that is free.
        let first = 10_000 + u16::try_from(std::process::id() % 20_000).expect("a small number");
        let mut free = None;
        for port in first..first + 2000 {
            free = TcpListener::bind(("127.0.0.1", port)).await.ok();
            if free.is_some() {
                break;
            }
        }
        let listener = free.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(Arc::clone(&network).accept(listener, address));
        (network, address)
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("a lock")
    }

    async fn accept(self: Arc<Self>, mut listener: TcpListener, address: SocketAddr) {
        loop {
            for _ in 0..OPEN_FOR {
                let Ok((stream, _)) = listener.accept().await else { return };
                tokio::spawn(Arc::clone(&self).serve(stream));
            }
            if self.world().calm {
                continue;
            }
            drop(listener);
            if TcpStream::connect(address).await.is_err() {
                *self.world().faults.entry(Fault::Refused).or_default() += 1;
            }
            sleep(CLOSED_FOR).await;
            listener = TcpListener::bind(address).await.expect("the port is still ours");
        }
    }

    /// A third of the requests meet a fault.
    fn next_fault(&self) -> Option<Fault> {
        let mut world = self.world();
        let rolled = usize::try_from(self.dice.roll(3 * FAULTS.len() as u64)).expect("a small number");
        let fault = FAULTS.get(rolled).copied().filter(|_| !world.calm)?;
        *world.faults.entry(fault).or_default() += 1;
        Some(fault)
    }

    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        loop {
            let fault = self.next_fault();
            match fault {
                Some(Fault::ResetUnread) => return reset(&stream),
                Some(Fault::StallUnread) => return sleep(self.stall).await,
                _ => {}
            }
            let Some((line, body)) = read(&mut stream).await else { return };
            {
                let mut world = self.world();
                world.requests += 1;
                world.in_flight += 1;
            }
            let goes_on = self.answer(&mut stream, fault, &line, &body).await;
            self.world().in_flight -= 1;
            if !goes_on {
                return;
            }
        }
    }

    /// Whether the connection can be used again.
    async fn answer(&self, stream: &mut TcpStream, fault: Option<Fault>, line: &str, body: &[u8]) -> bool {
        let gateway = [500, 502, 503, 504][usize::try_from(self.dice.roll(4)).expect("a small number")];
        let page = |status| (status, "<html>the gateway is sorry</html>".to_owned());
        let (status, text) = match fault {
            Some(Fault::ResetLost) => {
                reset(stream);
                return false;
            }
            Some(Fault::StallLost) => {
                sleep(self.stall).await;
                return false;
            }
            Some(Fault::TooMany) => (429, String::new()),
            Some(Fault::RequestTimeout) => (408, String::new()),
            Some(Fault::ErrorLost) => (gateway, error("SERVICE_ERROR")),
            Some(Fault::HtmlLost) => page(gateway),
            _ => self.world().apply(line, body),
        };
        let (status, text) = match fault {
            Some(Fault::ResetDone) => {
                reset(stream);
                return false;
            }
            Some(Fault::StallDone) => {
                sleep(self.stall).await;
                return false;
            }
            Some(Fault::ErrorDone) => (gateway, error("SERVICE_ERROR")),
            Some(Fault::HtmlDone) => page(gateway),
            Some(Fault::HtmlOk) => page(200),
            Some(Fault::CutHead) => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Le").await.ok();
                return false;
            }
            Some(Fault::CutBody) => {
                let head = format!("HTTP/1.1 {status} OK\r\nContent-Length: {}\r\n\r\n", text.len() + 9);
                stream.write_all((head + &text).as_bytes()).await.ok();
                return false;
            }
            Some(Fault::Late) => {
                sleep(Duration::from_millis(20)).await;
                (status, text)
            }
            _ => (status, text),
        };
        let retry = if status == 429 { "Retry-After: 0\r\n" } else { "" };
        let length = if status == 204 { String::new() } else { format!("Content-Length: {}\r\n", text.len()) };
        let date = httpdate::fmt_http_date(SystemTime::now());
        let head = format!("HTTP/1.1 {status} X\r\nDate: {date}\r\n{retry}{length}\r\n");
        stream.write_all((head + &text).as_bytes()).await.is_ok()
    }
}

fn reset(stream: &TcpStream) {
    stream.set_zero_linger().ok();
}

fn error(code: &str) -> String {
    json!({"error": {"error_code": code, "error_message": "no"}}).to_string()
}

async fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut data = Vec::new();
    loop {
        let end = data.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&data[..end]).into_owned();
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            if data.len() >= end + 4 + length.unwrap_or(0) {
                return Some((head.lines().next().unwrap_or_default().to_owned(), data[end + 4..].to_vec()));
            }
        }
        if stream.read_buf(&mut data).await.ok()? == 0 {
            return None;
        }
    }
}

impl World {
    /// Carries a request out, and gives status and body of the answer.
    fn apply(&mut self, line: &str, body: &[u8]) -> (u16, String) {
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let parts: Vec<&str> = path.trim_start_matches("/1.3/").split('/').collect();
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        match (method, parts.as_slice()) {
            ("POST", ["server"]) => {
                let made = Made::new(&body["server"], "hostname");
                self.servers.push(made.clone());
                (202, json!({"server": made.server()}).to_string())
            }
            ("GET", ["server"]) => {
                let shown: Vec<Value> = self.shown(&self.servers, query).map(Made::summary).collect();
                (200, json!({"servers": {"server": shown}}).to_string())
            }
            ("POST", ["server", _, "start"]) => Self::switch(&mut self.started, true, 200, &nobody()),
            ("POST", ["server", _, "stop"]) => Self::switch(&mut self.started, false, 200, &nobody()),
            ("DELETE", ["server" | "server-group", _]) => (204, String::new()),
            (_, ["server", uuid]) => {
                let made = self.servers.iter().find(|made| made.uuid.to_string() == *uuid);
                (200, made.map_or_else(nobody, |made| json!({"server": made.server()})).to_string())
            }
            ("POST", ["server-group"]) => {
                let made = Made::new(&body["server_group"], "title");
                self.groups.push(made.clone());
                (200, json!({"server_group": made.group()}).to_string())
            }
            ("GET", ["server-group"]) => {
                let shown: Vec<Value> = self.shown(&self.groups, query).map(Made::group).collect();
                (200, json!({"server_groups": {"server_group": shown}}).to_string())
            }
            ("GET", ["server-group", _, "servers"]) => {
                let members = if self.member { vec![Uuid::nil()] } else { Vec::new() };
                (200, json!({"servers": {"server": members}}).to_string())
            }
            ("POST", ["server-group", _, "servers"]) => Self::switch(&mut self.member, true, 204, &Value::Null),
            ("DELETE", ["server-group", _, "servers", _]) => Self::switch(&mut self.member, false, 204, &Value::Null),
            (_, ["server-group", _]) => (200, json!({"server_group": Made::new(&body, "title").group()}).to_string()),
            _ => panic!("nobody asks for {line}"),
        }
    }

    /// An action that is refused if it has nothing to do.
    fn switch(now: &mut bool, wanted: bool, status: u16, body: &Value) -> (u16, String) {
        if *now == wanted {
            return (409, error("SERVER_STATE_ILLEGAL"));
        }
        *now = wanted;
        (status, if status == 204 { String::new() } else { body.to_string() })
    }

    /// What a list shows. While there are faults that is nothing, so that lists stay short.
    fn shown<'a>(&self, all: &'a [Made], query: &str) -> impl Iterator<Item = &'a Made> + use<'a> {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let number = |name: &str| pairs.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.parse().ok());
        let (offset, limit) = (number("offset").unwrap_or(0), number("limit").unwrap_or(usize::MAX));
        let labels: Vec<String> =
            pairs.iter().filter(|(key, _)| key == "label").map(|(_, value)| value.clone()).collect();
        let fits = move |made: &&Made| labels.iter().all(|label| made.has(label));
        all.iter().take(if self.calm { usize::MAX } else { 0 }).filter(fits).skip(offset).take(limit)
    }
}

/// The server that most calls are about.
fn nobody() -> Value {
    json!({"server": Made::new(&Value::Null, "hostname").server()})
}

impl Made {
    fn new(body: &Value, name: &str) -> Self {
        let at = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
        let name = body[name].as_str().unwrap_or("nobody").to_owned();
        let uuid = if body.is_null() { Uuid::nil() } else { Uuid::from_u128(fastrand::u128(..)) };
        Self { name, uuid, labels: body["labels"].clone(), members: body["servers"].clone(), at }
    }

    fn has(&self, label: &str) -> bool {
        let labels = self.labels["label"].as_array().or(self.labels.as_array());
        let is =
            |pair: &Value| format!("{}={}", pair["key"].as_str().unwrap_or(""), pair["value"].as_str().unwrap_or(""));
        labels.is_some_and(|labels| labels.iter().any(|pair| is(pair) == label))
    }

    fn server(&self) -> Value {
        json!({
            "boot_order": "disk", "core_number": "1", "created": self.at, "firewall": "on", "hostname": self.name,
            "ip_addresses": [], "labels": self.labels, "license": 0, "memory_amount": "1024", "nic_model": "virtio",
            "plan": "custom", "plan_ipv4_bytes": "0", "plan_ipv6_bytes": "0", "remote_access_enabled": "no",
            "remote_access_password": "", "state": "started", "storage_devices": [], "tags": [], "timezone": "UTC",
            "title": "a", "uuid": self.uuid, "video_model": "vga", "zone": "de-fra1",
        })
    }

    fn summary(&self) -> Value {
        json!({
            "core_number": "1", "created": self.at, "hostname": self.name, "labels": self.labels, "license": 0,
            "memory_amount": "1024", "plan": "custom", "state": "started", "tags": [], "title": "a", "uuid": self.uuid,
            "zone": "de-fra1",
        })
    }

    fn group(&self) -> Value {
        json!({
            "uuid": self.uuid, "title": self.name, "labels": self.labels, "servers": self.members, "anti_affinity": "no",
            "anti_affinity_status": [],
        })
    }
}
