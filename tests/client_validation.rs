//! What is refused before it is sent: the attribute, the code that the API would have answered, and words that name the
//! value and what is allowed. And what must pass, because it stands exactly on a limit or is for the API to decide.

use std::time::Duration;

use httpmock::{Mock, MockServer};
use serde_json::json;
use upcloud::{
    Client, CreateServer, Error, ErrorCode, ErrorKind, ModifyServer, RetryPolicy, StopMode,
    calls::Operation,
    types::{
        AddressFamily, BackupRule, CreateInterface, CreateStorageDevice, LabelInput, NetworkType, StorageAction,
        StorageDeviceType, StorageTier,
    },
};
use uuid::Uuid;

const ZONE: &str = "de-fra1";
const ID: Uuid = Uuid::from_u128(7);

/// What a case changes, what the case refuses, and what its message says.
type Case<T> = (T, &'static str, Option<ErrorCode>, &'static str, &'static str);

fn server() -> CreateServer {
    CreateServer::from_template("app-1.example.net", ZONE, ID)
}

fn named(hostname: impl Into<String>) -> CreateServer {
    CreateServer::from_template(hostname, ZONE, ID)
}

fn with(devices: impl IntoIterator<Item = CreateStorageDevice>) -> CreateServer {
    CreateServer::with_storage_devices("app-1.example.net", ZONE, devices)
}

fn disks(count: u128) -> CreateServer {
    with((0..count).map(|at| CreateStorageDevice::attach(Uuid::from_u128(at))))
}

fn at(addresses: &[&str]) -> CreateServer {
    with(addresses.iter().map(|address| CreateStorageDevice::create(10).address(*address)))
}

fn networks(count: usize) -> CreateServer {
    server().interfaces((0..count).map(|_| CreateInterface::private(ID)))
}

fn keys(count: usize) -> CreateServer {
    server().ssh_keys((0..count).map(|at| format!("ssh-ed25519 AAAA{at} ops")))
}

fn labels(count: usize) -> Vec<LabelInput> {
    (0..count).map(|at| (format!("key-{at}"), "").into()).collect()
}

/// Whatever gets as far as the API is refused by it with a code that no check gives.
async fn api(server: &MockServer) -> (Client, Mock<'_>) {
    let mock = server
        .mock_async(|when, then| {
            when.any_request();
            then.status(400).json_body(json!({"error": {"error_code": "ZONE_INVALID", "error_message": "No."}}));
        })
        .await;
    let client = Client::builder().token("ucat_test").base_url(server.base_url()).build().expect("a client");
    (client, mock)
}

fn assert_refused(error: &Error, attribute: &str, code: Option<&ErrorCode>, given: &str, allowed: &str) {
    let text = error.to_string();
    assert!(error.is_configuration(), "{attribute}: {text}");
    assert_eq!(error.attribute(), Some(attribute), "{text}");
    assert_eq!(error.code(), code, "{text}");
    assert_eq!(error.kind(), code.and_then(ErrorCode::kind).unwrap_or(ErrorKind::InvalidInput), "{text}");
    assert_eq!(error.status(), None, "{text}");
    assert_eq!(error.attempts(), 0, "{text}");
    assert!(!error.is_transient() && !error.may_have_taken_effect(), "{text}");
    for part in [attribute, given, allowed] {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
    assert_eq!(text.lines().count(), 1, "{text}");
}

async fn assert_creates_refused(cases: Vec<Case<CreateServer>>) {
    let mock = MockServer::start_async().await;
    let (upcloud, calls) = api(&mock).await;
    for (server, attribute, code, given, allowed) in cases {
        let error = upcloud.servers().create(server).await.expect_err(attribute);
        assert_refused(&error, attribute, code.as_ref(), given, allowed);
        assert_eq!(error.operation(), Some(Operation::CreateServer));
    }
    assert_eq!(calls.calls_async().await, 0);
}

#[tokio::test]
async fn create_is_refused() {
    let hostname = "lower case letters";
    let mut lonely = CreateInterface::private(ID);
    lonely.network = None;
    let mut misordered = server();
    misordered.boot_order = Some("disk,floppy".to_owned());
    let mut rule = server();
    rule.simple_backup = Some("0430 daily".to_owned());
    let cases: Vec<Case<CreateServer>> = vec![
        (named(""), "hostname", Some(ErrorCode::HostnameInvalid), r#"is """#, hostname),
        (named("App-1.example.net"), "hostname", Some(ErrorCode::HostnameInvalid), "App-1.example.net", hostname),
        (named("app_1.example.net"), "hostname", Some(ErrorCode::HostnameInvalid), "app_1.example.net", hostname),
        (named("äpp.example.net"), "hostname", Some(ErrorCode::HostnameInvalid), "äpp.example.net", hostname),
        (named("app..net"), "hostname", Some(ErrorCode::HostnameInvalid), "app..net", hostname),
        (named("-app.net"), "hostname", Some(ErrorCode::HostnameInvalid), "-app.net", hostname),
        (named("app\n.net"), "hostname", Some(ErrorCode::HostnameInvalid), r"app\n.net", hostname),
        (named("a.".repeat(64) + "a"), "hostname", Some(ErrorCode::HostnameInvalid), "129 characters", "128"),
        (server().title("é".repeat(256)), "title", Some(ErrorCode::ServerTitleInvalid), "256 characters", "255"),
        (server().label("", "x"), "labels.key", Some(ErrorCode::InvalidLabelKey), r#"is """#, "at least one"),
        (
            server().label("k", "v".repeat(256)),
            "labels.value",
            Some(ErrorCode::InvalidLabelValue),
            "256 characters",
            "255",
        ),
        (server().labels(labels(256)), "labels", Some(ErrorCode::LabelLimitReached), "256", "at most 255"),
        (networks(11), "interfaces", None, "11", "1 to 10"),
        (server().interface(lonely), "network", None, "of interface 1 is missing", "the UUID of the private network"),
        (server().interface(CreateInterface::utility().index(0)), "index", None, "is 0", "1 or more"),
        (
            server().interface(CreateInterface::public(AddressFamily::IPv4).source_ip_filtering(false)),
            "source_ip_filtering",
            None,
            "no on a public interface",
            "no on a private interface",
        ),
        (keys(33), "ssh_keys", None, "33", "at most 32"),
        (
            keys(1).password(true),
            "create_password",
            Some(ErrorCode::CreatePasswordInvalid),
            "yes with 1 ssh_keys",
            "no ssh_keys",
        ),
        (misordered, "boot_order", Some(ErrorCode::BootOrderInvalid), "disk,floppy", "disk, cdrom and network"),
        (rule, "simple_backup", Some(ErrorCode::SimpleBackupInvalid), "0430 daily", "dailies"),
    ];
    assert_creates_refused(cases).await;
}

#[tokio::test]
async fn storage_devices_are_refused() {
    let boot = |yes| CreateStorageDevice::create(10).boot_disk(yes);
    let no_size = CreateStorageDevice::new(StorageAction::Create);
    let bus = "a bus with or without numbers";
    assert_creates_refused(vec![
        (disks(0), "storage_device", Some(ErrorCode::StorageDeviceMissing), "missing", "1 to 16"),
        (disks(17), "storage_devices", Some(ErrorCode::StorageDeviceLimitReached), "17", "1 to 16"),
        (
            with([boot(false), no_size]),
            "size",
            Some(ErrorCode::SizeMissing),
            "of storage device 2 is missing",
            "10 to 1024",
        ),
        (server().disk_size(0), "size", Some(ErrorCode::SizeInvalid), "is 0", "1 or more"),
        (with([]).disk_size(40), "size", None, "40 for a disk that is not there", "created or cloned"),
        (
            with([]).disk_tier(StorageTier::Maxiops),
            "tier",
            None,
            "maxiops for a disk that is not there",
            "created or cloned",
        ),
        (
            with([CreateStorageDevice::attach(ID), CreateStorageDevice::cdrom(Uuid::from_u128(8))]).disk_size(40),
            "size",
            None,
            "40 for a disk that is not there",
            "created or cloned",
        ),
        (
            with([CreateStorageDevice::new(StorageAction::Clone)]),
            "storage",
            Some(ErrorCode::StorageMissing),
            "missing",
            "the UUID",
        ),
        (
            with([CreateStorageDevice::new(StorageAction::Attach)]),
            "storage",
            Some(ErrorCode::StorageMissing),
            "missing",
            "the UUID",
        ),
        (
            with([CreateStorageDevice::attach(ID), CreateStorageDevice::attach(ID)]),
            "storage",
            Some(ErrorCode::StorageInUse),
            "00000007 once more",
            "each attached once",
        ),
        (
            server()
                .storage_device(CreateStorageDevice::cdrom(ID))
                .storage_device(CreateStorageDevice::clone_of(ID).device_type(StorageDeviceType::Cdrom)),
            "type",
            Some(ErrorCode::CdromDeviceInUse),
            "of storage device 3 is a second cdrom",
            "one cdrom at most",
        ),
        (with([boot(true), boot(true)]), "boot_disk", Some(ErrorCode::TooManyBootDisks), "is 1", "one device at most"),
        (at(&["virtio:3", "virtio:3"]), "address", Some(ErrorCode::DeviceAddressInUse), "virtio:3", "another for each"),
        (at(&[""]), "address", None, r#"is """#, bus),
        (at(&["/dev/vda"]), "address", None, "/dev/vda", bus),
        (at(&["virtio:0:0:0"]), "address", None, "virtio:0:0:0", bus),
        (at(&["virtio:+1"]), "address", None, "virtio:+1", bus),
        (
            with([boot(false).title("t".repeat(256))]),
            "title",
            Some(ErrorCode::StorageTitleInvalid),
            "256 characters",
            "255",
        ),
        (
            with([boot(false).label("", "")]),
            "labels.key",
            Some(ErrorCode::InvalidLabelKey),
            "of storage device 1",
            "at least one",
        ),
    ])
    .await;
}

/// Limits that no rule by hand ever had: they follow from the description alone.
#[tokio::test]
async fn limits_of_the_description_are_kept() {
    let at = |time: &str| {
        CreateStorageDevice::create(10).backup_rule(BackupRule::new("daily".to_owned(), 7, time.to_owned()))
    };
    let mut blank = server();
    blank.zone = String::new();
    assert_creates_refused(vec![
        (blank, "zone", Some(ErrorCode::ZoneInvalid), r#"is """#, "the identifier of a zone"),
        (server().plan(""), "plan", None, r#"is """#, "the name of a plan"),
        (server().timezone(""), "timezone", Some(ErrorCode::TimezoneInvalid), r#"is """#, "the name of a time zone"),
        (server().host(0), "host", None, "is 0", "1 or more"),
        (
            server().ssh_keys(["ssh-ed25519 AAAA ops", ""]),
            "ssh_keys",
            None,
            "of ssh key 2 is",
            "at least one character",
        ),
        (
            with([CreateStorageDevice::create(10).labels(labels(256))]),
            "labels",
            Some(ErrorCode::LabelLimitReached),
            "of storage device 1 is 256",
            "at most 255",
        ),
        (with([at("430")]), "time", None, r#"of storage device 1 is "430""#, "4 characters"),
        (with([at("04300")]), "time", None, r#"of storage device 1 is "04300""#, "4 characters"),
    ])
    .await;

    let mock = MockServer::start_async().await;
    let (upcloud, calls) = api(&mock).await;
    let error = upcloud.servers().start(ID).host(-1).await.expect_err("no host");
    assert_refused(&error, "host", None, "is -1", "1 or more");
    let error = upcloud.servers().restart(ID, StopMode::Hard).host(0).await.expect_err("no host");
    assert_refused(&error, "host", None, "is 0", "1 or more");
    assert_eq!(calls.calls_async().await, 0);
    // What a size means with an attached storage is for the API to say.
    let attached = with([CreateStorageDevice::attach(ID).size(0)]);
    let error = upcloud.servers().create(attached).await.expect_err("the API refuses everything");
    assert_eq!(error.code(), Some(&ErrorCode::ZoneInvalid), "{error}");
    assert_eq!(calls.calls_async().await, 1);
}

#[tokio::test]
async fn modify_is_refused() {
    let changes = ModifyServer::default;
    let mut misordered = changes();
    misordered.boot_order = Some(String::new());
    let mut rule = changes();
    rule.simple_backup = Some("yes".to_owned());
    let cases: Vec<Case<ModifyServer>> = vec![
        (changes().hostname("WEB"), "hostname", Some(ErrorCode::HostnameInvalid), "WEB", "lower case"),
        (changes().title("t".repeat(256)), "title", Some(ErrorCode::TitleInvalid), "256 characters", "255"),
        (changes().label("", ""), "labels.key", Some(ErrorCode::InvalidLabelKey), r#"is """#, "at least one"),
        (changes().label("x", "v".repeat(256)), "labels.value", Some(ErrorCode::InvalidLabelValue), "vvv", "255"),
        (changes().labels(labels(256)), "labels", Some(ErrorCode::LabelLimitReached), "256", "at most 255"),
        (misordered, "boot_order", Some(ErrorCode::BootOrderInvalid), r#"is """#, "disk, cdrom and network"),
        (rule, "simple_backup", Some(ErrorCode::SimpleBackupInvalid), "yes", "dailies"),
    ];
    let mock = MockServer::start_async().await;
    let (upcloud, calls) = api(&mock).await;
    for (changes, attribute, code, given, allowed) in cases {
        let error = upcloud.servers().modify(ID, changes).await.expect_err(attribute);
        assert_refused(&error, attribute, code.as_ref(), given, allowed);
        assert_eq!(error.operation(), Some(Operation::ModifyServer));
    }
    assert_eq!(calls.calls_async().await, 0);
}

#[tokio::test]
async fn remote_access_password_is_not_shown() {
    let mock = MockServer::start_async().await;
    let (upcloud, calls) = api(&mock).await;
    for password in ["hunter2", "hunter2ab", "hunter2-", "hunter2é", ""] {
        let created = upcloud.servers().create(server().remote_access_password(password)).await;
        let modified = upcloud.servers().modify(ID, ModifyServer::default().remote_access_password(password)).await;
        for error in [created.expect_err(password), modified.expect_err(password)] {
            let code = ErrorCode::VncPasswordInvalid;
            assert_refused(&error, "remote_access_password", Some(&code), "[redacted]", "eight letters");
            assert!(!format!("{error} {error:?}").contains("hunter"), "{error:?}");
        }
    }
    assert_eq!(calls.calls_async().await, 0);
}

#[tokio::test]
async fn what_stands_on_a_limit_is_sent() {
    let network = CreateInterface::private(ID).source_ip_filtering(false).index(1);
    let mut unknown = CreateInterface::private(ID);
    unknown.type_ = NetworkType::from("mesh");
    unknown.network = None;
    let cases = [
        server(),
        named("a"),
        named("1-a.example.net."),
        named(format!("{}.{}", "a".repeat(63), "b.".repeat(31) + "cc")),
        server().title(""),
        server().title("é".repeat(255)),
        server().label("-", "").label("A_9", "é".repeat(255)).label("k".repeat(32), "\n"),
        // What other clients of the API are allowed.
        server().label("app.kubernetes.io/name", "").label("a b", "").label("_x", "").label("k".repeat(33), ""),
        with([CreateStorageDevice::create(1), CreateStorageDevice::create(9)]),
        at(&["scsi:1:1", "ide:2:0", "virtio:16", "nvme:0"]),
        server().labels(labels(255)),
        disks(16),
        with([CreateStorageDevice::create(10), CreateStorageDevice::create(2048)]),
        with([CreateStorageDevice::clone_of(ID), CreateStorageDevice::clone_of(ID), CreateStorageDevice::attach(ID)]),
        with([CreateStorageDevice::attach(ID).size(1)]),
        with([CreateStorageDevice::new(StorageAction::from("import"))]),
        at(&["ide", "ide", "scsi", "scsi", "virtio", "virtio"]),
        at(&["ide:0:0", "ide:1:1", "scsi:0:0", "scsi:0:15", "virtio:0", "virtio:15"]),
        networks(10),
        server().interface(network),
        server().interface(unknown),
        keys(32).password(false),
        server().password(true),
        server().remote_access_password("Zx81qL0m"),
    ];
    let mock = MockServer::start_async().await;
    let (upcloud, calls) = api(&mock).await;
    let count = cases.len();
    for server in cases {
        let error = upcloud.servers().create(server.clone()).await.expect_err("the API refuses everything");
        assert_eq!(error.code(), Some(&ErrorCode::ZoneInvalid), "{error}: {server:?}");
    }
    assert_eq!(calls.calls_async().await, count);
}

#[tokio::test]
async fn without_checks_the_api_decides() {
    let mock = MockServer::start_async().await;
    let (upcloud, calls) = api(&mock).await;
    let created = upcloud.servers().create(server().disk_size(5)).without_checks().await;
    let modified = upcloud.servers().modify(ID, ModifyServer::default().hostname("WEB")).without_checks().await;
    for error in [created.expect_err("refused"), modified.expect_err("refused")] {
        assert_eq!(error.status().map(|status| status.as_u16()), Some(400), "{error}");
        assert_eq!(error.attribute(), Some("zone"));
    }
    assert_eq!(calls.calls_async().await, 2);
}

#[tokio::test]
async fn groups_are_checked_too() {
    use upcloud::types::{CreateServerGroup, ModifyServerGroup};

    let mock = MockServer::start_async().await;
    let (upcloud, calls) = api(&mock).await;
    let groups = upcloud.server_groups();
    let twice = CreateServerGroup::titled("web").label("env", "a").label("env", "b");
    let long = ModifyServerGroup::default().title("x".repeat(256));
    let nameless = ModifyServerGroup::default().label("", "debian");
    let value = CreateServerGroup::default().label("env", "x".repeat(256));
    for (error, attribute, code) in [
        (groups.create(twice).await, "labels.key", Some(ErrorCode::DuplicateLabelKeys)),
        (groups.modify(ID, long).await, "title", None),
        (groups.modify(ID, nameless).await, "labels.key", Some(ErrorCode::InvalidLabelKey)),
        (groups.create(value).await, "labels.value", Some(ErrorCode::InvalidLabelValue)),
    ]
    .map(|(result, attribute, code)| (result.expect_err("refused"), attribute, code))
    {
        assert_eq!((error.attribute(), error.code()), (Some(attribute), code.as_ref()), "{error}");
        assert!(error.is_configuration() && error.is_invalid_input(), "{error}");
    }
    assert_eq!(calls.calls_async().await, 0, "nothing was sent");
}

/// What came from the API is sent back as it is, whatever it looks like.
#[tokio::test]
async fn a_label_is_changed_beside_odd_ones() {
    let mock = MockServer::start_async().await;
    let odd = json!([{"key": "app.kubernetes.io/name", "value": "v".repeat(300)}, {"key": "_os", "value": "x"}]);
    let server = json!({"server": {"uuid": ID, "labels": {"label": odd}}});
    let group = json!({"server_group": {"uuid": ID, "labels": {"label": odd}}});
    let sent = |outer: &str| {
        let labels = json!([odd[0], {"key": "env", "value": "prod"}]);
        json!({outer: {"labels": {"label": labels}, "of_tomorrow": 1}})
    };
    for (path, method, answer, outer) in
        [("/1.3/server/", "PUT", server, "server"), ("/1.3/server-group/", "PATCH", group, "server_group")]
    {
        let path = format!("{path}{ID}");
        let (get, given) = (path.clone(), answer.clone());
        mock.mock_async(|when, then| {
            when.method("GET").path(get);
            then.status(200).json_body(given);
        })
        .await;
        mock.mock_async(|when, then| {
            when.method(method).path(path).json_body(sent(outer));
            then.status(202).json_body(answer);
        })
        .await;
    }
    let upcloud = Client::builder().token("ucat_test").base_url(mock.base_url()).build().expect("a client");
    let servers =
        upcloud.servers().set_label(ID, "env", "prod").timeout(Duration::from_secs(60)).retry(RetryPolicy::off());
    let answer = servers.field("of_tomorrow", 1).send().await.expect("labelled");
    assert_eq!((answer.status.as_u16(), answer.value.uuid), (202, ID));
    let groups = upcloud.server_groups().set_label(ID, "env", "prod").field("of_tomorrow", 1);
    assert_eq!(groups.await.expect("labelled").uuid, ID);
    // Nothing to remove, so nothing is sent.
    assert_eq!(upcloud.servers().remove_label(ID, "team").send().await.expect("a look").status.as_u16(), 200);
    let error = upcloud.servers().set_label(ID, "", "x").await.expect_err("no key");
    assert_refused(&error, "labels.key", Some(&ErrorCode::InvalidLabelKey), r#"is """#, "at least one");
}

/// What is said of the first disk is never lost, whether it is there already, comes later, or stands behind others.
#[test]
fn the_size_of_the_first_disk_may_be_said_at_any_time() {
    let (size, tier, cdrom) = (40, StorageTier::Maxiops, CreateStorageDevice::cdrom(Uuid::from_u128(8)));
    let disk = || CreateStorageDevice::clone_of(ID);
    let after = with([disk()]).disk_size(size).disk_tier(tier.clone());
    let before = with([]).disk_size(size).disk_tier(tier.clone()).storage_device(disk());
    assert_eq!(before, after);
    let [taken, added] = [cdrom.clone(), CreateStorageDevice::create(10)];
    let behind = with([cdrom, disk(), added.clone()]).disk_size(size).disk_tier(tier.clone());
    let late =
        with([]).disk_size(size).storage_device(taken).disk_tier(tier).storage_device(disk()).storage_device(added);
    assert_eq!(late, behind);
    assert_eq!(behind.storage_devices.iter().map(|device| device.size).collect::<Vec<_>>(), [None, Some(40), Some(10)]);
    let titles: Vec<_> = late.storage_devices.iter().map(|device| device.title.as_deref()).collect();
    assert_eq!(titles, [None, Some("app-1.example.net disk 1"), Some("app-1.example.net disk 2")]);
}
