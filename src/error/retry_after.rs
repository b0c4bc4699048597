//! What the header `Retry-After` says, in both of its forms.

use std::time::{Duration, SystemTime};

/// How long to wait as of `now`: seconds, or the time until a date, which is none if the date has passed.
pub(crate) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        return value.parse().ok().map(Duration::from_secs);
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}
