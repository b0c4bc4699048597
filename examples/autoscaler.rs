//! A small autoscaler: a function that decides, and a loop that makes or deletes servers with a label of its own. Its tests
//! are at the end, on the fake, with a clock that the test moves. On the built-in fake unless told otherwise.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people talks to the terminal")]

mod common;

use std::{error::Error, time::Duration};

use upcloud::{
    Client, CreateServer, ServerSummary,
    fake::Fake,
    fleet::{CreateAll, Outcome},
    types::{BackupDeletion, Uuid},
};

/// The label of the servers that belong to a group.
const LABEL: &str = "autoscaler";
const MINUTE: Duration = Duration::from_secs(60);

/// What a group shall be like.
#[derive(Clone, Copy, Debug)]
struct Rule {
    least: usize,
    most: usize,
    /// The load of a server, in percent, above which there shall be more of them, and below which fewer.
    high: f64,
    low: f64,
    /// How long after a change the next one may be made.
    rest: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Nothing,
    Up(usize),
    Down(usize),
}

/// What is to be done: `load` is that of all servers together, in percent of one.
fn decide(rule: &Rule, servers: usize, load: f64, quiet_for: Option<Duration>) -> Change {
    if servers < rule.least {
        return Change::Up(rule.least - servers);
    }
    if servers > rule.most {
        return Change::Down(servers - rule.most);
    }
    if quiet_for.is_some_and(|quiet| quiet < rule.rest) {
        return Change::Nothing;
    }
    let each = |servers: usize| load / f64::from(u32::try_from(servers.max(1)).unwrap_or(u32::MAX));
    if each(servers) > rule.high {
        let needed = (servers..=rule.most).find(|servers| each(*servers) <= rule.high).unwrap_or(rule.most);
        return if needed > servers { Change::Up(needed - servers) } else { Change::Nothing };
    }
    // One at a time, and only if the others can carry the load.
    let may_shrink = servers > rule.least && each(servers) < rule.low && each(servers - 1) <= rule.high;
    if may_shrink { Change::Down(1) } else { Change::Nothing }
}

/// A group of servers, and what is remembered of it. What servers there are is asked anew each time.
struct Autoscaler {
    upcloud: Client,
    group: String,
    rule: Rule,
    zone: String,
    plan: String,
    template: Uuid,
    changed_at: Option<Duration>,
    /// What is said of each create of many: how long its pauses are, for example.
    say: fn(CreateAll) -> CreateAll,
}

impl Autoscaler {
    /// Looks once and does what is to be done; `now` is the time since any beginning. A change that fails in part is told as
    /// an error, after which the next look sees what there is.
    async fn look(&mut self, now: Duration, load: f64) -> Result<Change, Box<dyn Error>> {
        let servers = self.servers().await?;
        let quiet_for = self.changed_at.map(|at| now.saturating_sub(at));
        let change = decide(&self.rule, servers.len(), load, quiet_for);
        if change != Change::Nothing {
            self.changed_at = Some(now);
        }
        match change {
            Change::Nothing => {}
            Change::Up(count) => drop(self.grow(&servers, count).await.into_result()?),
            Change::Down(count) => drop(self.shrink(&servers, count).await.into_result()?),
        }
        Ok(change)
    }

    /// The servers of the group, oldest first.
    async fn servers(&self) -> Result<Vec<ServerSummary>, upcloud::Error> {
        let list = self.upcloud.servers().list().label(LABEL, &self.group).await?;
        let mut servers = list.complete()?;
        servers.sort_by_key(|server| (server.created, self.number(server)));
        Ok(servers)
    }

    fn number(&self, server: &ServerSummary) -> Option<u32> {
        let rest = server.hostname.strip_prefix(&self.group)?.strip_prefix('-')?;
        rest.split('.').next()?.parse().ok()
    }

    async fn grow(&self, servers: &[ServerSummary], count: usize) -> Outcome<CreateServer, upcloud::Server> {
        let last = servers.iter().filter_map(|server| self.number(server)).max().unwrap_or(0);
        let wanted = (last + 1..).take(count).map(|number| {
            CreateServer::from_template(format!("{}-{number}.example.net", self.group), &self.zone, self.template)
                .plan(&self.plan)
                .metadata(true)
                .ssh_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE autoscaler")
                .label(LABEL, &self.group)
        });
        (self.say)(self.upcloud.servers().create_all(wanted)).and_wait().await
    }

    /// Deletes the youngest.
    async fn shrink(&self, servers: &[ServerSummary], count: usize) -> Outcome<Uuid> {
        let youngest = servers.iter().rev().take(count).map(|server| server.uuid);
        self.upcloud.servers().delete_all(youngest, Some(BackupDeletion::Delete)).await
    }

    /// Deletes all.
    async fn close(&self) -> Result<(), Box<dyn Error>> {
        let servers = self.servers().await?;
        self.shrink(&servers, servers.len()).await.into_result()?;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let place =
        common::open("Makes and deletes servers as a load asks for it.", "1 to 4 servers.", Fake::builder()).await?;
    let templates = place.upcloud.catalog().templates().await?;
    let template = templates.iter().find(|template| template.is_cloud_init()).ok_or("there is no template")?.uuid;
    let rule = Rule { least: 1, most: 4, high: 75.0, low: 30.0, rest: MINUTE * 2 };
    let mut scaler = Autoscaler {
        upcloud: place.upcloud.clone(),
        group: "web".to_owned(),
        rule,
        zone: place.zone.clone(),
        plan: place.plan.clone(),
        template,
        changed_at: None,
        say: |fleet| fleet,
    };
    let result = day(&mut scaler).await;
    scaler.close().await?;
    println!("All are deleted.");
    result
}

/// The load of a day in short; a real program would measure it and sleep in between.
async fn day(scaler: &mut Autoscaler) -> Result<(), Box<dyn Error>> {
    for (minute, load) in [20.0, 60.0, 180.0, 290.0, 290.0, 200.0, 90.0, 50.0, 30.0, 20.0, 20.0].into_iter().enumerate()
    {
        let now = MINUTE * u32::try_from(minute)?;
        let change = match scaler.look(now, load).await {
            Ok(Change::Nothing) => "nothing".to_owned(),
            Ok(Change::Up(count)) => format!("{count} more"),
            Ok(Change::Down(count)) => format!("{count} less"),
            // The next look will see what there is.
            Err(error) => format!("failed: {error}"),
        };
        let servers = scaler.servers().await?.len();
        println!("minute {minute:>2}: load {load:>3} %, {change}, {servers} servers");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use upcloud::{ErrorCode, ServerState, calls::Operation, fake::NATIVE_TEMPLATE, fleet::Refusals};

    use super::*;

    const RULE: Rule = Rule { least: 1, most: 4, high: 75.0, low: 30.0, rest: Duration::from_secs(120) };

    fn scaler(fake: &Fake) -> Autoscaler {
        Autoscaler {
            upcloud: fake.client(),
            group: "web".to_owned(),
            rule: RULE,
            zone: "de-fra1".to_owned(),
            plan: "1xCPU-1GB".to_owned(),
            template: NATIVE_TEMPLATE,
            changed_at: None,
            say: |fleet| {
                fleet.when_refused(Refusals::default().pauses_of(Duration::from_millis(1), Duration::from_millis(1)))
            },
        }
    }

    fn names(fake: &Fake) -> Vec<String> {
        fake.servers().into_iter().map(|server| server.hostname).collect()
    }

    #[test]
    fn the_decision() {
        let long = Some(Duration::from_secs(600));
        for (servers, load, quiet_for, change) in [
            (0, 0.0, None, Change::Up(1)),
            (1, 70.0, long, Change::Nothing),
            (1, 80.0, long, Change::Up(1)),
            (1, 290.0, long, Change::Up(3)),
            (1, 900.0, long, Change::Up(3)),
            (4, 900.0, long, Change::Nothing),
            (6, 0.0, None, Change::Down(2)),
            (2, 50.0, long, Change::Down(1)),
            (2, 50.0, Some(Duration::from_secs(119)), Change::Nothing),
            (1, 0.0, long, Change::Nothing),
        ] {
            assert_eq!(decide(&RULE, servers, load, quiet_for), change, "{servers} servers, {load} %");
        }
    }

    #[tokio::test]
    async fn it_grows_and_deletes_the_youngest() {
        let fake = Fake::start().await;
        let other = fake.add_server("other.example.net");
        let mut scaler = scaler(&fake);
        assert_eq!(scaler.look(MINUTE, 10.0).await.expect("one"), Change::Up(1));
        assert_eq!(scaler.look(MINUTE * 2, 200.0).await.expect("too soon"), Change::Nothing);
        assert_eq!(scaler.look(MINUTE * 3, 200.0).await.expect("two more"), Change::Up(2));
        assert_eq!(names(&fake).len(), 4);
        assert!(fake.servers().iter().all(|server| server.state == ServerState::Started));
        assert_eq!(scaler.look(MINUTE * 5, 60.0).await.expect("one less"), Change::Down(1));
        assert!(!names(&fake).contains(&"web-3.example.net".to_owned()), "{:?}", names(&fake));
        scaler.close().await.expect("all gone");
        assert_eq!(fake.servers().iter().map(|server| server.uuid).collect::<Vec<_>>(), [other]);
    }

    #[tokio::test]
    async fn a_limit_that_passes_is_waited_out_and_a_full_zone_is_told() {
        let fake = Fake::start().await;
        let mut scaler = scaler(&fake);
        fake.fail_times(Operation::CreateServer, ErrorCode::ServerCreatingLimitReached, 3);
        assert_eq!(scaler.look(MINUTE, 10.0).await.expect("one"), Change::Up(1));
        fake.fail_next(Operation::CreateServer, ErrorCode::ServerResourcesUnavailable);
        let error = scaler.look(MINUTE * 9, 200.0).await.expect_err("one of two has no room");
        assert!(error.to_string().starts_with("1 of 2 done, 1 failed"), "{error}");
        assert_eq!(scaler.look(MINUTE * 19, 200.0).await.expect("the other"), Change::Up(1));
        assert_eq!(names(&fake).len(), 3);
    }
}
