//! A door at an address of one's choice: httpmock opens only ports that the system chooses, on 127.0.0.1, so requests are
//! passed on to it. What must not reach it is refused here: foreign names, long bodies, and what httpmock offers besides.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use http::{
    HeaderMap, HeaderName, Method, Request, Response, StatusCode,
    header::{self, HeaderValue},
};
use http_body_util::{BodyExt as _, Full, combinators::BoxBody};
use hyper::{
    body::{Bytes, Incoming},
    client::conn::http1::SendRequest,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Mutex,
    time::{sleep, timeout},
};
use upcloud::fake::Fake;

use crate::{
    control,
    guard::{Guard, values},
    log::{Log, now},
};

/// The longest saved state that is taken: one of as many servers as a fake can have.
const MOST_STATE: usize = 512 << 20;
/// Bodies above this are not left in the memory of httpmock, which keeps the last hundred requests.
const LARGE_BODY: usize = 64 << 10;
/// How long the rest of a refused body is read, so that its sender gets to see the answer.
const REST: Duration = Duration::from_secs(10);
/// Where httpmock has its own controls, which show requests with their credentials.
const MOCK_CONTROLS: &str = "/__httpmock__";
/// What is about one connection only, and not passed on.
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::EXPECT,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

type Body = BoxBody<Bytes, hyper::Error>;

pub(crate) struct Door {
    pub(crate) fake: SocketAddr,
    pub(crate) guard: Arc<Guard>,
    pub(crate) log: Option<Arc<Log>>,
}

impl Door {
    /// Passes requests on until the task is dropped.
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

    /// Each connection has its own to the fake, because a dropped one is an answer too.
    async fn serve(self: Arc<Self>, client: TcpStream) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let behind = TcpStream::connect(self.fake).await?;
        client.set_nodelay(true)?;
        behind.set_nodelay(true)?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(behind)).await?;
        tokio::spawn(connection);
        let sender = Mutex::new(sender);
        let service = service_fn(|request| self.answer(request, &sender));
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(client), service).await?;
        Ok(())
    }

    /// An error closes the connection, as the fake has done with its own.
    async fn answer(
        &self,
        request: Request<Incoming>,
        behind: &Mutex<SendRequest<Full<Bytes>>>,
    ) -> Result<Response<Body>, hyper::Error> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        let named = parts.uri.authority().map(http::uri::Authority::as_str);
        if let Err(message) = self.guard.check_host(values(&parts.headers, header::HOST).chain(named)) {
            return Ok(self.refuse(&parts, StatusCode::MISDIRECTED_REQUEST, "INVALID_REQUEST", &message));
        }
        if parts.method == Method::CONNECT || path.starts_with(MOCK_CONTROLS) {
            return Ok(self.refuse(&parts, StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", "There is nothing here."));
        }
        let most = if path == control::STATE { MOST_STATE } else { Fake::MOST_BODY };
        let Some(body) = read(&parts.headers, body, most).await? else {
            let message = format!("The body is longer than {most} bytes, which is the limit of the fake.");
            return Ok(self.refuse(&parts, StatusCode::PAYLOAD_TOO_LARGE, "INVALID_REQUEST", &message));
        };
        let is_large = body.len() > LARGE_BODY;
        let mut passed = Request::new(Full::new(body));
        *passed.method_mut() = parts.method;
        *passed.uri_mut() = parts.uri.into_parts().path_and_query.map_or_else(Default::default, Into::into);
        *passed.headers_mut() = end_to_end(parts.headers);

        let mut behind = behind.lock().await;
        let mut answer = behind.send_request(passed).await?;
        *answer.headers_mut() = end_to_end(std::mem::take(answer.headers_mut()));
        if !is_large {
            return Ok(answer.map(Body::new));
        }
        // Only when the answer is there, and read, can the next request go the same way.
        let (head, body) = answer.into_parts();
        let body = body.collect().await?.to_bytes();
        forget_history(&mut behind).await?;
        Ok(Response::from_parts(head, whole(body)))
    }

    fn refuse(&self, request: &http::request::Parts, status: StatusCode, code: &str, message: &str) -> Response<Body> {
        if let Some(log) = &self.log {
            log.line(format!("{} {} {} {} - {code}", now(), request.method, request.uri.path(), status.as_u16()));
        }
        let body = json!({ "error": { "error_code": code, "error_message": message } });
        let mut answer = Response::new(whole(format!("{body}\n").into()));
        *answer.status_mut() = status;
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        answer
    }
}

fn whole(body: Bytes) -> Body {
    Full::new(body).map_err(|never| match never {}).boxed()
}

fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    headers
}

/// The body, unless it is longer than that; then the rest is read and forgotten.
async fn read(headers: &HeaderMap, mut body: Incoming, most: usize) -> Result<Option<Bytes>, hyper::Error> {
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
    Ok(fits.then(|| kept.into()))
}

/// Makes httpmock forget the bodies of the last requests.
async fn forget_history(behind: &mut SendRequest<Full<Bytes>>) -> Result<(), hyper::Error> {
    let mut request = Request::new(Full::default());
    *request.method_mut() = Method::DELETE;
    *request.uri_mut() = http::Uri::from_static("/__httpmock__/history");
    request.headers_mut().insert(header::HOST, HeaderValue::from_static("localhost"));
    behind.ready().await?;
    behind.send_request(request).await?.into_body().collect().await.map(drop)
}
