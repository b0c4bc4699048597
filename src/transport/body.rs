//! Bodies of answers: how large they may be, and what is kept of one that does not come as a whole.

use std::{
    error::Error as StdError,
    mem,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use http::StatusCode;
use http_body::{Body, Frame};
use reqwest::ResponseBuilderExt as _;

use super::attempt::Seen;
use crate::error::{Received, TooLarge};

/// What failures have to say is short.
const FAILURE_SIZE: u64 = 1024 * 1024;

/// How large the body of an answer with this status may be, where a success may have so many bytes.
pub(crate) fn max_response_size(success: u64, status: StatusCode) -> u64 {
    if status.is_success() { success } else { success.min(FAILURE_SIZE) }
}

/// Below this a body may come in pieces as small as its sender likes.
const SMALL: u64 = 1024 * 1024;

/// So much of a body that is to be kept is read even if it is larger than it may be: the answer of a create is smaller, and
/// its identifier may stand at its end.
const KEPT: usize = 64 * 1024;

/// The answer with a body that fails with [`TooLarge`] before more than `most` bytes of it are read. A small answer that
/// says its length, as nearly all do, is left as it is. A body that does not come as a whole is `kept` there; one that does
/// is told to whoever wants to have `seen` it.
pub(crate) fn bounded(
    response: reqwest::Response,
    most: u64,
    kept: Option<Arc<Mutex<Received>>>,
    seen: Option<Seen>,
) -> reqwest::Response {
    let length = response.content_length();
    if kept.is_none() && seen.is_none() && length.is_some_and(|length| length <= most.min(SMALL)) {
        return response;
    }
    let url = response.url().clone();
    let (mut parts, body) = http::Response::from(response).into_parts();
    let too_large = length.is_some_and(|length| length > most);
    let body = reqwest::Body::wrap(Bounded { body: Some(body), read: Vec::new(), most, too_large, kept, seen });
    // The address of an answer is kept in a place that only a builder can fill.
    if let Ok(place) = http::response::Builder::new().url(url).body(()) {
        parts.extensions.extend(place.into_parts().0.extensions);
    }
    http::Response::from_parts(parts, body).into()
}

/// A body that is read as a whole: whoever collects its pieces would pay for each of them, and a piece may be one byte.
struct Bounded {
    body: Option<reqwest::Body>,
    read: Vec<u8>,
    most: u64,
    /// May be known before anything is read.
    too_large: bool,
    kept: Option<Arc<Mutex<Received>>>,
    seen: Option<Seen>,
}

impl Bounded {
    fn tell(&self, whole: &[u8]) {
        let Some(seen) = &self.seen else { return };
        let mut exchange = seen.exchange.lock().unwrap_or_else(PoisonError::into_inner);
        exchange.received = Some(whole.len());
        exchange.response = seen.bodies.then(|| whole.to_vec());
    }

    /// How much of a body that is too large is read all the same.
    fn left_to_keep(&self) -> usize {
        if self.kept.is_some() { KEPT.saturating_sub(self.read.len()) } else { 0 }
    }
}

/// Whoever gives up a body drops it, at a time limit as well. Of one that was read as a whole there is nothing left.
impl Drop for Bounded {
    fn drop(&mut self) {
        let Some(kept) = self.kept.as_deref().filter(|_| self.too_large || !self.read.is_empty()) else { return };
        let mut record = kept.lock().unwrap_or_else(PoisonError::into_inner);
        record.arrived = mem::take(&mut self.read);
        record.too_large = self.too_large.then_some(self.most);
    }
}

impl Body for Bounded {
    type Data = <reqwest::Body as Body>::Data;
    type Error = Box<dyn StdError + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        loop {
            let this = &mut *self;
            let left = this.left_to_keep();
            let Some(body) = this.body.as_mut().filter(|_| !this.too_large || left > 0) else {
                let failed = this.body.take().map(|_| Err(TooLarge(this.most).into()));
                return Poll::Ready(failed);
            };
            match ready!(Pin::new(body).poll_frame(context)) {
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    let length = this.read.len().saturating_add(data.len()) as u64;
                    this.too_large |= length > this.most;
                    let wanted = if this.too_large { left.min(data.len()) } else { data.len() };
                    this.read.extend_from_slice(&data[..wanted]);
                }
                Some(Err(error)) if !this.too_large => {
                    this.body = None;
                    return Poll::Ready(Some(Err(error.into())));
                }
                None if !this.too_large => {
                    this.body = None;
                    let whole = mem::take(&mut this.read);
                    this.tell(&whole);
                    return Poll::Ready((!whole.is_empty()).then(|| Ok(Frame::data(whole.into()))));
                }
                _ => {
                    this.body = None;
                    return Poll::Ready(Some(Err(TooLarge(this.most).into())));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    /// A body of so many pieces of one byte, which says its length or not.
    struct Pieces(u64, bool);

    impl Body for Pieces {
        type Data = <reqwest::Body as Body>::Data;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
            let Some(left) = self.0.checked_sub(1) else { return Poll::Ready(None) };
            self.0 = left;
            Poll::Ready(Some(Ok(Frame::data("x".into()))))
        }

        fn size_hint(&self) -> http_body::SizeHint {
            if self.1 { http_body::SizeHint::with_exact(self.0) } else { http_body::SizeHint::default() }
        }
    }

    fn answer(pieces: Pieces) -> reqwest::Response {
        let url = url::Url::parse("http://127.0.0.1/x").expect("a URL");
        let answer = http::Response::builder().url(url).status(202).header("x-test", "kept");
        answer.body(reqwest::Body::wrap(pieces)).expect("an answer").into()
    }

    #[tokio::test]
    async fn nothing_is_read_beyond_the_limit_and_pieces_are_not_kept() {
        for (length, known, most, read, whole) in [
            (100, true, 100, true, false),
            (SMALL, true, u64::MAX, true, false),
            (SMALL + 1, true, u64::MAX, true, true),
            (100, false, 100, true, true),
            (0, false, 100, true, false),
            (100, false, u64::MAX, true, true),
            (101, true, 100, false, false),
            (101, false, 100, false, false),
            (u64::MAX, true, u64::MAX - 1, false, false),
            (u64::MAX, false, 10_000, false, false),
        ] {
            let bounded = || bounded(answer(Pieces(length, known)), most, None, None);
            let answer = bounded();
            assert_eq!((answer.status().as_u16(), answer.url().as_str()), (202, "http://127.0.0.1/x"));
            assert_eq!(answer.headers()["x-test"], "kept");
            let case = format!("{length} of {most}");
            match answer.bytes().await {
                Ok(body) => assert!(read && body.len() as u64 == length, "{case}"),
                Err(error) => {
                    let innermost = std::iter::successors(StdError::source(&error), |e| StdError::source(*e)).last();
                    let most_told = innermost.and_then(|e| e.downcast_ref()).map(|TooLarge(most)| *most);
                    assert!(!read && most_told == Some(most), "{case}: {error:?}");
                }
            }
            if whole {
                let mut body = http::Response::from(bounded()).into_body();
                let first = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await.expect("a piece");
                let first = first.expect("no error").into_data().expect("data");
                assert_eq!(first.len() as u64, length, "{case} comes in one piece");
            }
        }
    }

    #[tokio::test]
    async fn what_has_come_is_kept_and_nothing_of_a_whole_body() {
        let kept = KEPT as u64;
        for (length, known, most, arrived, too_large) in [
            (100, true, 100, 0, None),
            (100, false, 100, 0, None),
            (0, true, 100, 0, None),
            (100, true, 99, 100, Some(99)),
            (100, false, 99, 100, Some(99)),
            (u64::MAX, true, 99, kept, Some(99)),
            (u64::MAX, false, 99, kept, Some(99)),
            (u64::MAX, true, 2 * kept, kept, Some(2 * kept)),
            (u64::MAX, false, 2 * kept, 2 * kept, Some(2 * kept)),
        ] {
            let record = Arc::default();
            let read = bounded(answer(Pieces(length, known)), most, Some(Arc::clone(&record)), None).bytes().await;
            let record = record.lock().expect("no panic");
            let case = format!("{length} of {most}");
            assert_eq!(read.is_ok(), too_large.is_none(), "{case}");
            assert_eq!((record.arrived.len() as u64, record.too_large), (arrived, too_large), "{case}");
        }
    }
}
