//! One call of the API: its limits, its spans, and what becomes of each attempt.

#[cfg(test)]
mod tests;

use std::{
    pin::pin,
    task::{Context, Waker},
    time::Duration,
};

use http::StatusCode;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use super::{
    ABOUT_ANOTHER, Behavior, Options, Response, Verified,
    attempts::{Rules, Tries, drive},
    pause::after,
    span,
};
use crate::{
    error::{Class, Error, LostCreate, Received, from_generated, from_timeout},
    model::Idempotency,
    transport::{Attempt, Hooks, Query, Shared},
    wire::{Carried, Secret, told_by},
};

const ATTEMPT: Duration = Duration::from_secs(60);
const TOTAL: Duration = Duration::from_secs(300);
/// What a total limit leaves for waits and further attempts beside one whole attempt.
const SPARE: Duration = Duration::from_secs(60);

/// An answer that is handed through all layers of a call: boxed, so that they do not move its value each time.
type Boxed<T> = Box<Response<T>>;

pub(crate) async fn send<C: Behavior>(call: C) -> Result<Boxed<C::Output>, Error> {
    let span = span::call(&call);
    // Pinned first, a future of this size is not moved into what is put around it.
    let result = pin!(run(&call)).instrument(span.clone()).await;
    if let Err(error) = &result {
        span.record("upcloud.attempts", error.attempts());
    }
    if let Ok(response) = &result {
        span::made::<C>(&span, &response.value);
    }
    span::end(&span, result.as_ref().map(|response| response.status));
    result
}

async fn run<C: Behavior>(call: &C) -> Result<Boxed<C::Output>, Error> {
    let options = call.options();
    let begin = Instant::now();
    let idempotency = call.idempotency();
    let reads = idempotency == Idempotency::Safe;
    let refused =
        |error: Error| error.during(C::OPERATION, reads, begin.elapsed()).repeating(idempotency).named(call.name());
    options.check().map_err(refused)?;
    if options.checks {
        call.check().map_err(refused)?;
    }
    let query = (!options.query.is_empty()).then(|| options.query.as_slice().into());
    let lost = call.lost().map(LostCreate::sent_now);
    let shared = options.connection.shared();
    let (attempt, total) = limits(options, shared, call.patience());
    let end = after(begin, total);
    let rules = Rules {
        policy: options.retry.as_ref().unwrap_or(&shared.retry),
        budget: &shared.budget,
        idempotency,
        attempt,
        deadline: options.deadline.unwrap_or(end).min(end),
        chance: fastrand::f64,
    };
    let mut sending = Sending { call, options, query, reads, hooks: None, span: Span::none(), number: 0, begin };
    drive(&rules, &mut sending).await.map_err(|error| {
        let lost = lost.filter(|_| error.may_have_taken_effect());
        error.took(begin.elapsed()).repeating(idempotency).losing(lost).named(call.name())
    })
}

/// How long an attempt and the whole call may take.
fn limits(options: &Options, shared: &Shared, patience: Option<Duration>) -> (Duration, Duration) {
    let attempt = options.attempt.or(shared.attempt).unwrap_or(patience.unwrap_or(ATTEMPT));
    let total = options.total.or(shared.total).unwrap_or(TOTAL.max(attempt.saturating_add(SPARE)));
    (attempt, total)
}

struct Sending<'a, C> {
    call: &'a C,
    options: &'a Options,
    query: Option<Query>,
    reads: bool,
    /// Those of the last attempt.
    hooks: Option<Hooks>,
    /// Its span, its number and its beginning; the attempt itself cannot tell of being given up.
    span: Span,
    number: u32,
    begin: Instant,
}

impl<C: Behavior> Sending<'_, C> {
    fn response(&self, value: C::Output) -> Response<C::Output> {
        let received = self.hooks.as_ref().map(Hooks::take_received).unwrap_or_default();
        Response { value, status: received.status.unwrap_or(StatusCode::OK), headers: received.headers }
    }

    /// Writes into the span how the attempt ended, and tells the program.
    fn end(&self, result: Result<StatusCode, &Error>) {
        span::end(&self.span, result);
        let shared = self.options.connection.shared();
        let (Some(on_attempt), Some(hooks)) = (&shared.on_attempt, &self.hooks) else { return };
        on_attempt(&Attempt {
            operation: C::OPERATION,
            method: self.call.method(),
            number: self.number,
            elapsed: self.begin.elapsed(),
            result,
            exchange: &hooks.take_exchange(),
            carried: Carried::told_by(&|| self.secrets()),
        });
    }

    /// The secrets of the request, and what of it the crate does not know.
    fn secrets(&self) -> Vec<Secret> {
        secrets(self.call, self.query.as_deref())
    }
}

fn secrets<C: Behavior>(call: &C, query: Option<&[(String, String)]>) -> Vec<Secret> {
    let mut secrets = call.options().connection.shared().credentials.secrets();
    secrets.extend(told_by(query.unwrap_or_default(), || build(call)));
    secrets
}

/// Builds the request once more, for what it tells while it is written. It has no address, so nothing is sent: the client
/// refuses a scheme that is not of HTTP.
fn build<C: Behavior>(call: &C) {
    let mut api = call.options().connection.api(None, None, Span::none());
    "nowhere://nowhere".clone_into(&mut api.baseurl);
    let sending = pin!(call.send(api));
    // The first poll builds the request and refuses it.
    let _ = sending.poll(&mut Context::from_waker(Waker::noop()));
}

impl<C: Behavior> Tries for Sending<'_, C> {
    type Output = Boxed<C::Output>;

    async fn attempt(&mut self, number: u32) -> Result<Self::Output, Error> {
        let (call, options, query) = (self.call, self.options, self.query.as_deref());
        let shared = options.connection.shared();
        (self.number, self.begin) = (number, Instant::now());
        self.span = span::attempt(call, shared, number);
        let mut api = options.connection.api(self.query.clone(), options.max_response_size, self.span.clone());
        // What a create has made is told even if its answer breaks off.
        api.inner.keeps_body = call.idempotency() == Idempotency::Creates && C::OPERATION.is_some();
        let tell = || secrets(call, query);
        let hooks = api.inner.clone();
        self.hooks = Some(hooks.clone());
        let reads = self.reads;
        let result = async {
            match call.send(api).await {
                Ok(response) => {
                    let (status, Received { headers, .. }) = (response.status(), hooks.take_received());
                    let value = C::output(response.into_inner());
                    if !call.is_answered_by(&value) {
                        let error = Error::new(Class::Decode, ABOUT_ANOTHER);
                        return Err(error.during(C::OPERATION, reads, Duration::ZERO));
                    }
                    Ok(Box::new(Response { value, status, headers }))
                }
                Err(error) => {
                    let place = shared.place();
                    let received = || hooks.take_received();
                    let error = Box::pin(from_generated(error, &place, received, Carried::told_by(&tell))).await;
                    Err(error.during(C::OPERATION, reads, Duration::ZERO))
                }
            }
        };
        let result = pin!(result).instrument(self.span.clone()).await;
        self.end(result.as_ref().map(|response| response.status));
        result
    }

    fn timed_out(&self, limit: Duration) -> Error {
        let error = match &self.hooks {
            Some(hooks) => from_timeout(limit, &hooks.take_received(), Carried::told_by(&|| self.secrets())),
            None => Error::new(Class::Timeout, format!("no answer within {limit:?}")),
        };
        let error = error.during(C::OPERATION, self.reads, Duration::ZERO);
        self.end(Err(&error));
        error
    }

    fn can_verify(&self) -> bool {
        C::CAN_VERIFY
    }

    async fn verify(&mut self) -> Verified<Self::Output> {
        // Query pairs of the caller belong to the request, not to the look.
        let span = span::verify();
        let api = self.options.connection.api(None, self.options.max_response_size, span.clone());
        let hooks = &*self.hooks.insert(api.inner.clone());
        let looked = self.call.verify(api).instrument(span.clone()).await;
        if let Some(status) = hooks.status() {
            span.record("http.response.status_code", status.as_u16());
        }
        match looked {
            Verified::Done(value) => Verified::Done(Box::new(self.response(value))),
            Verified::NotDone => Verified::NotDone,
            Verified::Unknown => Verified::Unknown,
        }
    }

    fn done_by(&self, refusal: &Error) -> Option<Self::Output> {
        Some(Box::new(self.response(self.call.done_by(refusal)?)))
    }
}
