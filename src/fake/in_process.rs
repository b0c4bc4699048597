//! The way to the fake that needs no socket: the client hands its requests over. Nothing then happens outside the runtime of
//! the test, so a paused clock moves on only when everything waits for time.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::Request;
use hyper::body::{Body, Bytes, Frame};

use super::{requests::Sent, shared::Shared};
use crate::transport::InProcess;

/// The fake as a client sees it.
pub(super) struct Handover(pub(super) Arc<Shared>);

impl InProcess for Handover {
    fn send(
        &self,
        request: reqwest::Request,
    ) -> Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send>> {
        let shared = Arc::clone(&self.0);
        Box::pin(async move {
            let url = request.url().clone();
            let body = request.body().and_then(reqwest::Body::as_bytes).map(Bytes::copy_from_slice);
            let mut asked = Request::new(Sent::of(body.unwrap_or_default()));
            *asked.method_mut() = request.method().clone();
            *asked.headers_mut() = request.headers().clone();
            // What has made a URL makes a URI.
            *asked.uri_mut() = url.as_str().parse().unwrap_or_default();
            // As an answer over a network would, it lets others go first.
            tokio::task::yield_now().await;
            match shared.answer(asked).await {
                Some(answer) => Ok(answer.map(reqwest::Body::from).into()),
                None => Err(closed().await),
            }
        })
    }
}

/// What a client is told of a connection that was closed. reqwest makes no errors for others, so it is made to meet one.
async fn closed() -> reqwest::Error {
    loop {
        let answer = reqwest::Response::from(http::Response::new(reqwest::Body::wrap(Closed)));
        if let Err(error) = answer.bytes().await {
            return error;
        }
    }
}

/// A body that ends in an error.
struct Closed;

impl Body for Closed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(Err(io::Error::other("connection closed before message completed"))))
    }
}
