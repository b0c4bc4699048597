//! From a request to the operation it asks for, and from there to the answer.

use http::StatusCode;
use serde_json::Value;
use uuid::Uuid;

use super::{
    answer::{Fault, Outcome, Reply},
    catalog, input,
    state::State,
};
use crate::{
    model::{ErrorCode, Operation},
    model::{StorageType, types::Storage},
};

/// Where the metadata service is, which asks for no credentials.
pub(super) const METADATA: &str = "/metadata/";

fn is_metadata(operation: Operation) -> bool {
    matches!(operation, Operation::GetMetadata | Operation::ListMetadataFields | Operation::GetMetadataField)
}

/// The operation that a request asks for, if it asks for one.
pub(super) fn operation(method: &str, path: &str) -> Option<Operation> {
    route(method, path).ok().map(|(operation, _)| operation)
}

/// The operation of a path, with what stands in the place of its parameters.
pub(super) fn route<'a>(method: &str, path: &'a str) -> Result<(Operation, Vec<&'a str>), Fault> {
    if let Some(rest) = path.strip_prefix(METADATA) {
        if method != "GET" {
            return Err(Fault::method_not_allowed(&["GET"]));
        }
        let operation = match rest {
            "v1.json" => Operation::GetMetadata,
            "v1/" => Operation::ListMetadataFields,
            _ => Operation::GetMetadataField,
        };
        return Ok((operation, Vec::new()));
    }
    let below = path.strip_prefix("/1.3/").ok_or(ErrorCode::ResourceNotFound)?;
    // One slash at the end does not matter to the API: the vendor's Go client sends it.
    let asked: Vec<&str> = below.strip_suffix('/').unwrap_or(below).split('/').collect();
    let mut methods = Vec::new();
    for operation in Operation::ALL.iter().copied().filter(|operation| !is_metadata(*operation)) {
        let described: Vec<&str> = operation.path().trim_start_matches('/').split('/').collect();
        let fits = |(described, asked): (&&str, &&str)| {
            described == asked || (described.starts_with('{') && !asked.is_empty())
        };
        if described.len() != asked.len() || !described.iter().zip(&asked).all(fits) {
            continue;
        }
        if operation.method() == method {
            let ids = described.iter().zip(&asked).filter(|(described, _)| described.starts_with('{'));
            return Ok((operation, ids.map(|(_, asked)| *asked).collect()));
        }
        methods.push(operation.method());
    }
    Err(if methods.is_empty() { ErrorCode::ResourceNotFound.into() } else { Fault::method_not_allowed(&methods) })
}

/// What an operation is given.
pub(super) struct Input<'a> {
    pub(super) body: Result<Value, Fault>,
    pub(super) query: &'a [(String, String)],
    pub(super) ids: &'a [&'a str],
    pub(super) path: &'a str,
}

impl Input<'_> {
    fn server(&self, position: usize) -> Result<Uuid, Fault> {
        input::uuid(self.ids.get(position).copied().unwrap_or_default(), ErrorCode::ServerInvalid)
    }

    fn group(&self) -> Result<Uuid, Fault> {
        input::uuid(self.ids.first().copied().unwrap_or_default(), ErrorCode::GroupInvalid)
    }

    fn body(&self) -> Result<&Value, Fault> {
        self.body.as_ref().map_err(Clone::clone)
    }
}

impl State {
    pub(super) fn carry_out(&mut self, operation: Operation, input: &Input<'_>) -> Outcome {
        use Operation as O;
        match operation {
            O::GetMetadata | O::ListMetadataFields | O::GetMetadataField => {
                Ok(self.metadata(input.path.strip_prefix(METADATA).unwrap_or_default()))
            }
            O::ListServerConfigurations => Ok(catalog::sizes()),
            O::ListPlans => Ok(catalog::plans()),
            O::ListZones => Ok(catalog::zones()),
            O::ListTimezones => Ok(catalog::timezones()),
            O::ListStorageTemplates => Ok(self.list_storages(&StorageType::Template)),
            O::ListStorageCdroms => Ok(self.list_storages(&StorageType::Cdrom)),
            O::ListServers => self.list(input.query),
            O::CreateServer => self.create(input.body()?),
            O::GetServer => self.get(input.server(0)?),
            O::ModifyServer => self.modify(input.server(0)?, input.body()?),
            O::DeleteServer => self.delete(input.server(0)?, input.query),
            O::StartServer => self.start(input.server(0)?, input.body()?),
            O::StopServer => self.stop(input.server(0)?, input.body()?),
            O::RestartServer => self.restart(input.server(0)?, input.body()?),
            O::CancelServerOperation => self.cancel(input.server(0)?),
            O::ListServerGroups => self.list_groups(input.query),
            O::CreateServerGroup => self.create_group(input.body()?),
            O::GetServerGroup => self.get_group(input.group()?),
            O::ModifyServerGroup => self.modify_group(input.group()?, input.body()?),
            O::DeleteServerGroup => self.delete_group(input.group()?),
            O::ListServersInGroup => self.list_members(input.group()?),
            O::AddServerToGroup => self.add_member(input.group()?, input.body()?),
            O::RemoveServerFromGroup => self.remove_member(input.group()?, input.server(1)?),
        }
    }

    fn list_storages(&self, kind: &StorageType) -> Reply {
        let storages: Vec<&Storage> =
            self.storages.iter().filter(|storage| storage.type_.as_ref() == Some(kind)).collect();
        Reply::json(StatusCode::OK, "storages", serde_json::json!({ "storage": storages }))
    }
}
