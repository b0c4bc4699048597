//! The command line: what can be said and what it means. Nothing here starts anything.

use std::{net::IpAddr, path::PathBuf, str::FromStr, time::Duration};

use clap::{Parser, builder::RangedU64ValueParser};
use upcloud::{
    Credentials,
    fake::{Fake, Timing},
};

/// An UpCloud to test against: servers, server groups, the look-ups of a create and the metadata service.
///
/// The first line on stdout is the base URL, and nothing else is written there. Each request is a line on stderr: time
/// (UTC), method, path, status, operation, error code; `-` where there is none. Bodies and headers, and so secrets, are not
/// in it. Ctrl-C or SIGTERM ends the program with exit status 0.
#[derive(Parser)]
#[command(name = "fake", version, after_long_help = after())]
pub(crate) struct Options {
    /// The port to listen on; 0 takes any that is free.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,

    /// The address to listen on. Loopback keeps the fake to this machine; any other address, `0.0.0.0` for example, lets
    /// everybody on the network use it and its controls, over plain HTTP.
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) address: IpAddr,

    /// Answer requests to this host name too, the name of a container for example; may be given several times. Addresses,
    /// `localhost` and names that end in `.localhost` are always answered; others are refused with status 421, because a web
    /// page can make its own name lead here and then read what the fake keeps. `/_fake` also refuses requests of web pages
    /// of another origin, with status 403.
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,

    /// Accept this API token. Without a token or a user name all credentials are accepted, but there must be some.
    #[arg(long, env = "UPCLOUD_FAKE_TOKEN", hide_env_values = true)]
    token: Option<String>,

    /// Accept this user name, with the password.
    #[arg(long, env = "UPCLOUD_FAKE_USERNAME", requires = "password")]
    username: Option<String>,

    /// The password of the user name.
    #[arg(long, env = "UPCLOUD_FAKE_PASSWORD", hide_env_values = true, requires = "username")]
    password: Option<String>,

    /// How long operations take. A number such as `3`: so many looks at a server (each get or list that shows it) see the
    /// operation running. A time such as `500ms`, `20s` or `2m`: that long. `manual`: until `/_fake/finish` says so. No time
    /// unless it is said.
    #[arg(long, visible_alias = "pace", value_name = "LOOKS|TIME|manual")]
    timing: Option<TimingText>,

    /// Begin with so many servers, 200000 at most: each tenth one stopped, labelled `env=prod` and `env=test` in turn.
    #[arg(long, default_value_t = 0, value_name = "COUNT", value_parser = servers())]
    pub(crate) servers: usize,

    /// How many hosts there are for servers to run on, which decides what anti-affinity can do; 5 unless it is said.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..))]
    hosts: Option<u8>,

    /// What identifiers, addresses and passwords are made from: the same requests with the same seed get the same ones.
    #[arg(long)]
    seed: Option<u64>,

    /// Load the state from this file if it is there, instead of making servers, hosts and seed anew, and save it there at
    /// the end. It holds passwords that the fake made up, and user data and passwords as they were sent to it, so only its
    /// owner can read it. It is replaced as a whole at the end. A file that cannot be read, a link, and a folder that cannot
    /// be written to end the program at the beginning, and nothing is changed.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,

    /// Begin with the servers and groups of this file, and let the trouble in it come at its times; see below for how it
    /// looks. What is said on the command line goes before it.
    #[arg(long, value_name = "FILE", conflicts_with = "state")]
    pub(crate) scenario: Option<PathBuf>,

    /// Write each request with its answer into this file, which must not be there yet: JSON in the form that `--replay` and
    /// the tests of the project read, whole at any time. Passwords, user data and headers are not in it.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,

    /// Answer requests from such a file instead of having servers: the same request gets the same answer, one after the
    /// other. A request that is not in it is answered with 501. So what went wrong with one account can be had again with
    /// none.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["state", "scenario", "record", "servers"])]
    pub(crate) replay: Option<PathBuf>,

    /// How many requests `/_fake/requests` tells of at most.
    #[arg(long, default_value_t = 1000, value_name = "COUNT")]
    pub(crate) keep_requests: usize,

    /// Write no request log.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// What stands below the options.
fn after() -> String {
    format!("{AFTER}\n\nA scenario:\n{}", crate::scenario::EXAMPLE)
}

const AFTER: &str = "\
Point a client at it:
  The tools of the vendor and this crate take the base URL from an environment variable, without a version:
    export UPCLOUD_DEBUG_API_BASE_URL=http://127.0.0.1:8080
    export UPCLOUD_TOKEN=anything
  The metadata service is at the same address, under /metadata/.

Control it while it runs:
  curl http://127.0.0.1:8080/_fake tells how to order errors, late answers and dropped connections, finish operations,
  and see what was requested.";

impl Options {
    pub(crate) fn timing(&self, scenario: Option<TimingText>) -> Timing {
        self.timing.or(scenario).map_or(Timing::Polls(0), |timing| timing.0)
    }

    pub(crate) fn seed(&self, scenario: Option<u64>) -> u64 {
        self.seed.or(scenario).unwrap_or_default()
    }

    pub(crate) fn hosts(&self, scenario: Option<u8>) -> u8 {
        self.hosts.or(scenario).unwrap_or(5)
    }

    /// The credentials to accept; any, if there are none.
    pub(crate) fn credentials(&self) -> Vec<Credentials> {
        let token = self.token.as_deref().map(Credentials::token);
        let basic = self.username.as_deref().zip(self.password.as_deref());
        token.into_iter().chain(basic.map(|(username, password)| Credentials::basic(username, password))).collect()
    }
}

fn servers() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(..=Fake::MOST_SERVERS as u64)
}

/// A [`Timing`] as people write it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TimingText(pub(crate) Timing);

impl FromStr for TimingText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "manual" {
            return Ok(Self(Timing::Manual));
        }
        let wrong = || format!("{text:?} is none of: a number of looks (3), a time (500ms, 20s, 2m), manual");
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(|looks| Self(Timing::Polls(looks))).map_err(|_| wrong());
        }
        time(text).map(|time| Self(Timing::Takes(time))).map_err(|_| wrong())
    }
}

/// A time as people write it.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = match unit {
        "ms" => Some(Duration::from_millis(1)),
        "s" => Some(Duration::from_secs(1)),
        "m" => Some(Duration::from_secs(60)),
        _ => None,
    };
    let time = unit.zip(number.parse::<u32>().ok()).map(|(unit, number)| unit * number);
    time.ok_or_else(|| format!("{text:?} is no time, which looks like 500ms, 20s or 2m"))
}
