//! The door: an address of one's choice, in front of the fake and its controls. What must not reach them is refused here:
//! foreign names, and bodies that are too long.

use std::{sync::Arc, time::Duration};

use http::{
    HeaderMap, Method, Request, Response, StatusCode,
    header::{self, HeaderValue},
};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    body::{Bytes, Incoming},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use upcloud::fake::Fake;

use crate::{
    control::{self, Controls},
    exchanges::Replay,
    guard::{Guard, values},
    log::{Line, Log},
};

/// The longest saved state that is taken: one of as many servers as a fake can have.
const MOST_STATE: usize = 512 << 20;
/// How long the rest of a refused body is read, so that its sender gets to see the answer.
const REST: Duration = Duration::from_secs(10);

type Body = Full<Bytes>;
type Failure = Box<dyn std::error::Error + Send + Sync>;

pub(crate) struct Door {
    pub(crate) fake: Arc<Fake>,
    pub(crate) controls: Controls,
    pub(crate) guard: Arc<Guard>,
    pub(crate) log: Option<Arc<Log>>,
    /// What answers in the place of the fake.
    pub(crate) replay: Option<Replay>,
}

impl Door {
    /// Answers requests until the task is dropped.
    pub(crate) async fn open(self, listener: TcpListener) {
        let door = Arc::new(self);
        loop {
            match listener.accept().await {
                Ok((client, _)) => {
                    let door = Arc::clone(&door);
                    // Trouble with one connection is that of its client.
                    tokio::spawn(async move { drop(door.serve(client).await) });
                }
                // Too many open files, perhaps: some may be closed soon.
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn serve(self: Arc<Self>, client: TcpStream) -> Result<(), Failure> {
        client.set_nodelay(true)?;
        let service = service_fn(|request| self.answer(request));
        let mut http = hyper::server::conn::http1::Builder::new();
        http.half_close(true).serve_connection(TokioIo::new(client), service).await?;
        Ok(())
    }

    /// An error closes the connection.
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Failure> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        let named = parts.uri.authority().map(http::uri::Authority::as_str);
        if let Err(message) = self.guard.check_host(values(&parts.headers, header::HOST).chain(named)) {
            return Ok(self.refuse(&parts, StatusCode::MISDIRECTED_REQUEST, "INVALID_REQUEST", &message));
        }
        if parts.method == Method::CONNECT {
            return Ok(self.refuse(&parts, StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", "There is nothing here."));
        }
        let most = if path == control::STATE { MOST_STATE } else { Fake::MOST_BODY };
        let Some(body) = read(&parts.headers, body, most).await? else {
            let message = format!("The body is longer than {most} bytes, which is the limit of the fake.");
            return Ok(self.refuse(&parts, StatusCode::PAYLOAD_TOO_LARGE, "INVALID_REQUEST", &message));
        };
        if control::is_control(path) {
            return Ok(self.controls.answer(&parts, &body).map(Full::new));
        }
        if let Some(replay) = &self.replay {
            let answer = replay.answer(&parts.method, &parts.uri, &body);
            if let Some(log) = &self.log {
                log.line(Line { code: "-", ..Line::of(&parts.method, path, answer.status().as_u16()) });
            }
            return Ok(answer.map(Full::new));
        }
        let answer = self.fake.respond(Request::from_parts(parts, body)).await;
        Ok(answer.ok_or("a test wants the connection closed")?.map(|body| Full::new(body.into())))
    }

    fn refuse(&self, request: &http::request::Parts, status: StatusCode, code: &str, message: &str) -> Response<Body> {
        if let Some(log) = &self.log {
            log.line(Line { code, ..Line::of(&request.method, request.uri.path(), status.as_u16()) });
        }
        let body = json!({ "error": { "error_code": code, "error_message": message } });
        let mut answer = Response::new(Full::new(format!("{body}\n").into()));
        *answer.status_mut() = status;
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        answer
    }
}

/// The body, unless it is longer than that; then the rest is read and forgotten.
async fn read(headers: &HeaderMap, mut body: Incoming, most: usize) -> Result<Option<Vec<u8>>, hyper::Error> {
    let announced = hyper::body::Body::size_hint(&body).lower();
    let mut kept = Vec::new();
    let mut fits = announced <= most as u64;
    if !fits && headers.contains_key(header::EXPECT) {
        // The sender waits for a word before it sends.
        return Ok(None);
    }
    let reading = async {
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            fits = fits && kept.len() + data.len() <= most;
            if fits {
                kept.extend_from_slice(&data);
            } else {
                kept = Vec::new();
            }
        }
        Ok::<_, hyper::Error>(())
    };
    if announced <= most as u64 {
        reading.await?;
    } else {
        let _ = timeout(REST, reading).await;
    }
    Ok(fits.then_some(kept))
}
