//! Listing servers.

use crate::{
    generated::types::{ServerSummary, ServersResponse},
    request::{Request, prepared},
};

/// The request of [`Servers::list`](super::Servers::list).
#[derive(Clone, Debug, Default)]
pub struct ListServers {
    labels: Vec<String>,
}

prepared!(ListServers, ListServers, ServersResponse => Vec<ServerSummary>,
    |this, api| async move {
        let labels = Some(&this.labels).filter(|labels| !labels.is_empty());
        api.list_servers(labels, None, None).await
    },
    |body| body.servers);

impl Request<ListServers> {
    /// Only servers that have this label. Given several times, all must match. Keys are compared without regard to case.
    pub fn label(mut self, key: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.prepared.labels.push(format!("{}={}", key.as_ref(), value.as_ref()));
        self
    }

    /// Only servers that have a label with this key, whatever its value.
    pub fn label_key(mut self, key: impl Into<String>) -> Self {
        self.prepared.labels.push(key.into());
        self
    }
}
