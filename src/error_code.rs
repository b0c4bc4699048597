//! What an error code means: its kind and the facts that the description gives for it. The codes themselves and the
//! table come from `openapi.yaml`.
pub enum ErrorKind { InvalidInput, MissingInput, NotFound, Forbidden, Authentication, Credits, Quota, TrialLimit, State, Conflict, Capacity, AccountNeeded, Unavailable }
pub(crate) struct CodeFacts { pub kind: ErrorKind, pub attribute: Option<&'static str>, pub description: &'static str, pub waiting_may_help: bool, pub rows: &'static [(crate::generated::Operation, u16)] }
pub(crate) struct OperationFacts { pub id: &'static str, pub method: &'static str, pub path: &'static str, pub sections: &'static [&'static str] }
