//! Every kind of error as an exit code of a program, with what its reader can do about it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people talks to the terminal")]

mod common;

use std::process::ExitCode;

use upcloud::{Error, ErrorCode, ErrorKind, calls::Operation, fake::Fake, types::Uuid};

/// Codes as `sysexits.h` has them, where it has one.
fn exit_code(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::InvalidInput | ErrorKind::MissingInput => 65,
        ErrorKind::NotFound => 66,
        ErrorKind::Authentication | ErrorKind::Forbidden | ErrorKind::AccountNeeded => 77,
        ErrorKind::Credits | ErrorKind::Quota | ErrorKind::TrialLimit => 70,
        ErrorKind::State | ErrorKind::Conflict => 73,
        ErrorKind::Configuration => 78,
        ErrorKind::Connect | ErrorKind::Certificate => 68,
        ErrorKind::Decode | ErrorKind::UnexpectedAnswer => 76,
        // Something may have happened: a script must look before it does anything again.
        ErrorKind::OutcomeUnknown => 3,
        // The same command may do later.
        ErrorKind::Capacity | ErrorKind::Unavailable | ErrorKind::Connection | ErrorKind::Timeout | ErrorKind::Wait => {
            75
        }
        // Kinds of later versions.
        _ => 1,
    }
}

fn report(error: &Error) -> u8 {
    println!("error: {error}");
    if let Some(code) = error.code() {
        println!("  code {code}: {}", code.description().unwrap_or("not known to this version"));
    }
    println!("  exit code {}, may have taken effect: {}", exit_code(error), error.may_have_taken_effect());
    exit_code(error)
}

#[tokio::main]
async fn main() -> Result<ExitCode, Error> {
    let does = "Meets several errors and says with which code a program would end.";
    let place =
        common::open(does, "Nothing is created: it asks for a server that is not there.", Fake::builder()).await?;
    let servers = place.upcloud.servers();
    let Some(fake) = &place.fake else {
        return Ok(servers.get(Uuid::nil()).await.map_or_else(|error| report(&error).into(), |_| ExitCode::SUCCESS));
    };
    let uuid = fake.add_server("web-1.example.net");
    report(&servers.get(Uuid::nil()).await.expect_err("there is no such server"));
    report(&servers.start(uuid).await.expect_err("it runs"));
    fake.fail_next(Operation::StopServer, ErrorCode::ServerForbidden);
    report(&servers.stop(uuid, upcloud::StopMode::Hard).await.expect_err("not ours"));
    let elsewhere = upcloud::Client::builder().token("ucat_example").base_url("http://127.0.0.1:1");
    let elsewhere = elsewhere.retry(upcloud::RetryPolicy::off()).build()?;
    report(&elsewhere.servers().list().await.expect_err("nobody is there"));
    report(&upcloud::Client::builder().token(" ").build().expect_err("no token"));
    Ok(ExitCode::SUCCESS)
}
