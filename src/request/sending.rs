//! One call of the API: its limits, its spans, and what becomes of each attempt.

#[cfg(test)]
mod tests;

use std::{pin::pin, time::Duration};

use http::StatusCode;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use super::{
    Answer, Carried, Looked, Lost, Options, Prepared, Request,
    attempts::{Plan, Tries, after, drive},
    carried, span,
};
use crate::{
    Client, Error, OperationClass,
    error::{Class, from_generated, from_timeout},
    transport::{Call, Query, Record, Shared},
};

const ATTEMPT: Duration = Duration::from_secs(60);
const TOTAL: Duration = Duration::from_secs(300);
/// What a total limit leaves for waits and further attempts beside one whole attempt.
const SPARE: Duration = Duration::from_secs(60);

/// An answer that is handed through all layers of a call: boxed, so that they do not move its value each time.
pub(super) type Boxed<P> = Box<Answer<<P as Prepared>::Answer>>;

pub(super) async fn send<P: Prepared>(request: Request<P>) -> Result<Boxed<P>, Error> {
    let span = span::call(&request.prepared);
    // Pinned first, a future of this size is not moved into what is put around it.
    let result = pin!(run(request)).instrument(span.clone()).await;
    if let Err(error) = &result {
        span.record("upcloud.attempts", error.attempts());
    }
    if let Ok(answer) = &result {
        span::made(&span, &answer.value);
    }
    span::end(&span, result.as_ref().map(|answer| answer.status));
    result
}

async fn run<P: Prepared>(request: Request<P>) -> Result<Boxed<P>, Error> {
    let Request { client, prepared, query, checks, options } = request;
    let begin = Instant::now();
    let class = prepared.class();
    let reads = class == OperationClass::Read;
    let refused =
        |error: Error| error.during(P::OPERATION, reads, begin.elapsed()).repeating(class).named(prepared.name());
    options.check().map_err(refused)?;
    if checks {
        prepared.check().map_err(refused)?;
    }
    let query = (!query.is_empty()).then(|| query.into());
    let lost = prepared.lost().map(Lost::sent_now);
    let shared = client.shared();
    let (attempt, total) = limits(&options, &shared, prepared.patience());
    let end = after(begin, total);
    let plan = Plan {
        policy: options.retry.as_ref().unwrap_or(&shared.retry),
        budget: &shared.budget,
        class,
        attempt,
        deadline: options.deadline.unwrap_or(end).min(end),
        chance: fastrand::f64,
    };
    let size = options.max_response_size;
    let mut sending =
        Sending { client: &client, prepared: &prepared, query, size, reads, call: None, span: Span::none() };
    drive(&plan, &mut sending).await.map_err(|error| {
        let lost = lost.filter(|_| error.may_have_taken_effect());
        error.took(begin.elapsed()).repeating(class).losing(lost).named(prepared.name())
    })
}

/// How long an attempt and the whole call may take.
fn limits(options: &Options, shared: &Shared, patience: Option<Duration>) -> (Duration, Duration) {
    let attempt = options.attempt.or(shared.attempt).unwrap_or(patience.unwrap_or(ATTEMPT));
    let total = options.total.or(shared.total).unwrap_or(TOTAL.max(attempt.saturating_add(SPARE)));
    (attempt, total)
}

struct Sending<'a, P> {
    client: &'a Client,
    prepared: &'a P,
    query: Option<Query>,
    size: Option<u64>,
    reads: bool,
    /// The last attempt.
    call: Option<Call>,
    /// Its span; the attempt itself cannot tell of being given up.
    span: Span,
}

impl<P: Prepared> Sending<'_, P> {
    fn answer(&self, value: P::Answer) -> Answer<P::Answer> {
        let record = self.call.as_ref().map(Call::take_record).unwrap_or_default();
        Answer { value, status: record.status.unwrap_or(StatusCode::OK), headers: record.headers }
    }
}

impl<P: Prepared> Tries for Sending<'_, P> {
    type Output = Boxed<P>;

    async fn attempt(&mut self, number: u32) -> Result<Self::Output, Error> {
        self.span = span::attempt(self.prepared, &self.client.shared(), number);
        let mut api = self.client.api(self.query.clone(), self.size, self.span.clone());
        // What a create has made is told even if its answer breaks off.
        api.inner.keeps_body = P::OPERATION.is_some_and(|operation| operation.class() == OperationClass::Create);
        let (client, prepared, query) = (self.client, self.prepared, self.query.as_deref());
        let tell = || carried::secrets(client, prepared, query);
        let call = &*self.call.insert(api.inner.clone());
        let result = pin!(async {
            match self.prepared.clone().send(api).await {
                Ok(response) => {
                    let (status, Record { headers, .. }) = (response.status(), call.take_record());
                    Ok(Box::new(Answer { value: P::unwrap(response.into_inner()), status, headers }))
                }
                Err(error) => {
                    let error = Box::pin(from_generated(error, call, Carried::told_by(&tell))).await;
                    Err(error.during(P::OPERATION, self.reads, Duration::ZERO))
                }
            }
        });
        let result = result.instrument(self.span.clone()).await;
        span::end(&self.span, result.as_ref().map(|answer| answer.status));
        result
    }

    fn timed_out(&self, limit: Duration) -> Error {
        let error = match &self.call {
            Some(call) => {
                let tell = || carried::secrets(self.client, self.prepared, self.query.as_deref());
                from_timeout(limit, call, Carried::told_by(&tell))
            }
            None => Error::new(Class::Timeout, format!("no answer within {limit:?}")),
        };
        let error = error.during(P::OPERATION, self.reads, Duration::ZERO);
        span::end(&self.span, Err(&error));
        error
    }

    fn can_look(&self) -> bool {
        P::LOOKS
    }

    async fn look(&mut self) -> Looked<Self::Output> {
        // Query pairs of the caller belong to the request, not to the look.
        let span = span::look();
        let api = self.client.api(None, self.size, span.clone());
        let call = &*self.call.insert(api.inner.clone());
        let looked = self.prepared.clone().look(api).instrument(span.clone()).await;
        if let Some(status) = call.status() {
            span.record("http.response.status_code", status.as_u16());
        }
        match looked {
            Looked::Done(value) => Looked::Done(Box::new(self.answer(value))),
            Looked::NotDone => Looked::NotDone,
            Looked::Unknown => Looked::Unknown,
        }
    }

    fn settled(&self, refusal: &Error) -> Option<Self::Output> {
        Some(Box::new(self.answer(self.prepared.settled(refusal)?)))
    }
}
