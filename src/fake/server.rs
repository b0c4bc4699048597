//! The port of a fake: a thread that speaks HTTP/1.1 and hands each request to the fake.

use std::{
    convert::Infallible,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    thread,
    time::Duration,
};

use http::{HeaderMap, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    body::{Body as _, Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    runtime,
    sync::oneshot,
    time::{sleep, timeout},
};

use super::{Fake, requests::Sent, shared::Shared};

/// How long the rest of a body is read that is too long, so that its sender gets to see the answer.
const REST: Duration = Duration::from_secs(10);

/// A port that is open until this is dropped. Each fake has a thread of its own for it, so that a test which stops in the
/// middle of one request, in an observer, does not stop other fakes.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) place: SocketAddr,
    /// What the thread waits for; nothing is ever sent, to be dropped is enough.
    _open: oneshot::Sender<Infallible>,
}

impl Listener {
    pub(super) fn open(shared: Arc<Shared>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let place = listener.local_addr()?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (open, closed) = oneshot::channel::<Infallible>();
        thread::Builder::new().name("upcloud-fake".to_owned()).spawn(move || {
            runtime.block_on(async {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                // It ends together with the runtime.
                tokio::spawn(accept(listener, shared));
                let _ = closed.await;
            });
        })?;
        Ok(Self { place, _open: open })
    }
}

async fn accept(listener: tokio::net::TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((client, _)) => {
                let shared = Arc::clone(&shared);
                // Trouble with one connection is that of its client.
                tokio::spawn(async move { drop(serve(client, shared).await) });
            }
            // Too many open files, perhaps: some may be closed soon.
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve(client: TcpStream, shared: Arc<Shared>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    client.set_nodelay(true)?;
    let service = service_fn(|request| answer(&shared, request));
    http1::Builder::new().half_close(true).serve_connection(TokioIo::new(client), service).await?;
    Ok(())
}

/// An error closes the connection without an answer.
async fn answer(shared: &Shared, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, io::Error> {
    let (parts, body) = request.into_parts();
    let body = read(&parts.headers, body).await.map_err(io::Error::other)?;
    let answer = shared.answer(Request::from_parts(parts, body)).await;
    answer.map(|answer| answer.map(Full::new)).ok_or_else(|| io::ErrorKind::ConnectionAborted.into())
}

async fn read(headers: &HeaderMap, mut body: Incoming) -> Result<Sent, hyper::Error> {
    let most = Fake::MOST_BODY;
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > most && headers.contains_key(header::EXPECT) {
        // The sender waits for a word before it sends.
        return Ok(Sent::TooLong);
    }
    let mut kept = Vec::new();
    let mut fits = announced <= most;
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
    if announced <= most {
        reading.await?;
    } else {
        let _ = timeout(REST, reading).await;
    }
    Ok(if fits { Sent::Whole(kept.into()) } else { Sent::TooLong })
}
