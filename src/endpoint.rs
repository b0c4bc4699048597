//! Any other endpoint of the UpCloud API, with the same credentials and errors.

use std::fmt;

use http::Method;
use progenitor_client::{ClientHooks as _, ClientInfo as _, OperationInfo, ResponseValue};
use serde_json::Value;

use crate::{
    Client, Error, OperationClass,
    generated::{self, Operation},
    request::{Prepared, Request, Sent},
    secret::{Outgoing, Unknown},
    transport::ENDPOINT,
};

/// A call of an endpoint that the description does not have, from [`Client::endpoint`].
#[derive(Clone)]
pub struct Endpoint {
    method: Method,
    path: String,
    body: Option<Value>,
}

impl Client {
    /// Calls any endpoint of the API: `path` begins with a slash and stands below the version. The answer is JSON, `null`
    /// where there is none. `GET` and other safe methods are [retried](crate::RetryPolicy) as reads, `PUT` and `DELETE` as
    /// repeatable requests, and the rest as creates.
    ///
    /// ```
    /// use http::Method;
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// let zones = upcloud.endpoint(Method::GET, "/zone").await?;
    /// assert!(zones["zones"]["zone"].is_array());
    /// # Ok(()) }
    /// ```
    pub fn endpoint(&self, method: Method, path: impl Into<String>) -> Request<Endpoint> {
        Request::new(self, Endpoint { method, path: path.into(), body: None })
    }
}

impl Request<Endpoint> {
    /// Sends this JSON along. A value of this crate with a [`Secret`](crate::Secret) has to be [`Exposed`](crate::Exposed) on
    /// its way into JSON; a body that holds `[redacted]` is refused.
    pub fn json(mut self, body: Value) -> Self {
        self.prepared.body = Some(body);
        self
    }
}

impl fmt::Debug for Endpoint {
    /// Without the body, which may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

impl Prepared for Endpoint {
    type Answer = Value;
    type Body = Value;
    const OPERATION: Option<Operation> = None;

    fn class(&self) -> OperationClass {
        match self.method {
            ref method if method.is_safe() => OperationClass::Read,
            Method::PUT | Method::DELETE => OperationClass::Repeatable,
            _ => OperationClass::Create,
        }
    }

    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn settled(&self, refusal: &Error) -> Option<Value> {
        (self.method == Method::DELETE && refusal.is_not_found()).then_some(Value::Null)
    }

    fn check(&self) -> Result<(), Error> {
        let outside = !self.path.starts_with('/') || self.path.split(['/', '?', '#']).any(|s| s == ".." || s == ".");
        if outside || self.path.contains(['?', '#']) {
            return Err(Error::configuration(format!(
                "the path {:?} is not allowed: it begins with a slash, stays below the version, and has no query (add \
                 one with `query`)",
                self.path
            )));
        }
        Ok(())
    }

    async fn send(self, api: generated::Client) -> Sent<Value> {
        let mut request = api.client().request(self.method, format!("{}{}", api.baseurl(), self.path));
        if let Some(body) = &self.body {
            request = request.json(&Outgoing(&Unknown(body)));
        }
        let response = api.exec(request.build()?, &OperationInfo { operation_id: ENDPOINT }).await?;
        if !response.status().is_success() {
            return Err(progenitor_client::Error::UnexpectedResponse(response));
        }
        let status = response.status();
        let body = response.bytes().await.map_err(progenitor_client::Error::ResponseBodyError)?;
        let value = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body).map_err(|e| progenitor_client::Error::InvalidResponsePayload(body, e))?
        };
        Ok(ResponseValue::new(value, status, http::HeaderMap::new()))
    }

    fn unwrap(body: Value) -> Value {
        body
    }
}
