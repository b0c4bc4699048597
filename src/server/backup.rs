//! The rule for simple backups, as a value that can only be right.

use std::{fmt, str::FromStr};

use crate::{Error, ErrorCode, shown::Quoted};

/// When the storages of a server are backed up: never, or at a time of day in UTC by one of four rules, which the account
/// and its prices explain.
///
/// It reads and writes the form of the API, so the rule of an existing server can be compared with one that is wanted.
///
/// ```
/// use upcloud::SimpleBackup;
///
/// let rule = SimpleBackup::dailies(4, 30)?;
/// assert_eq!(rule.to_string(), "0430,dailies");
/// assert_eq!("0430,dailies".parse::<SimpleBackup>()?, rule);
/// assert_eq!(SimpleBackup::off().to_string(), "no");
/// assert!(SimpleBackup::dailies(24, 0).is_err());
/// # Ok::<(), upcloud::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SimpleBackup(Option<Rule>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Rule {
    hour: u8,
    minute: u8,
    name: &'static str,
}

const NAMES: [&str; 4] = ["daily", "dailies", "weeklies", "monthlies"];

impl SimpleBackup {
    /// No simple backups.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }

    /// `daily` at this time (UTC).
    ///
    /// # Errors
    ///
    /// [`SimpleBackupInvalid`](ErrorCode::SimpleBackupInvalid) unless the hour is 0 to 23 and the minute 0 to 59.
    pub fn daily(hour: u8, minute: u8) -> Result<Self, Error> {
        Self::at(hour, minute, "daily")
    }

    /// `dailies` at this time (UTC).
    ///
    /// # Errors
    ///
    /// As [`daily`](Self::daily).
    pub fn dailies(hour: u8, minute: u8) -> Result<Self, Error> {
        Self::at(hour, minute, "dailies")
    }

    /// `weeklies` at this time (UTC).
    ///
    /// # Errors
    ///
    /// As [`daily`](Self::daily).
    pub fn weeklies(hour: u8, minute: u8) -> Result<Self, Error> {
        Self::at(hour, minute, "weeklies")
    }

    /// `monthlies` at this time (UTC).
    ///
    /// # Errors
    ///
    /// As [`daily`](Self::daily).
    pub fn monthlies(hour: u8, minute: u8) -> Result<Self, Error> {
        Self::at(hour, minute, "monthlies")
    }

    fn at(hour: u8, minute: u8, name: &'static str) -> Result<Self, Error> {
        if hour > 23 || minute > 59 {
            return Err(refused(&format!("{hour:02}{minute:02},{name}")));
        }
        Ok(Self(Some(Rule { hour, minute, name })))
    }

    /// Whether there are no simple backups.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.0.is_none()
    }

    /// Hour and minute (UTC), unless it is off.
    #[must_use]
    pub fn time(&self) -> Option<(u8, u8)> {
        self.0.map(|rule| (rule.hour, rule.minute))
    }
}

fn refused(given: &str) -> Error {
    Error::check(
        "simple_backup",
        "",
        Quoted(given),
        "`no`, or a time of day from 0000 to 2359, a comma, and daily, dailies, weeklies or monthlies",
        Some(ErrorCode::SimpleBackupInvalid),
    )
}

impl fmt::Display for SimpleBackup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(Rule { hour, minute, name }) => write!(f, "{hour:02}{minute:02},{name}"),
            None => f.write_str("no"),
        }
    }
}

impl FromStr for SimpleBackup {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "no" {
            return Ok(Self::off());
        }
        let rule = text.split_once(',').and_then(|(time, name)| {
            let name = NAMES.into_iter().find(|known| *known == name)?;
            let digits = time.len() == 4 && time.bytes().all(|byte| byte.is_ascii_digit());
            let time: u16 = digits.then(|| time.parse().ok())??;
            Some((u8::try_from(time / 100).ok()?, u8::try_from(time % 100).ok()?, name))
        });
        rule.and_then(|(hour, minute, name)| Self::at(hour, minute, name).ok()).ok_or_else(|| refused(text))
    }
}
