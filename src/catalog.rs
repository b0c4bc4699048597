//! What a create needs to know first: templates, CD-ROMs, plans, zones and time zones.

use crate::{
    call::Behavior,
    docs::wire_docs,
    model::{TemplateType, types::Storage},
    operations::{ListPlansCall, ListStorageCdromsCall, ListStorageTemplatesCall, ListTimezonesCall, ListZonesCall},
    transport::Connection,
};

/// The look-ups, from [`Client::catalog`](crate::Client::catalog).
///
/// ```
/// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
/// # let fake = upcloud::fake::Fake::start().await;
/// # let upcloud = fake.client();
/// let catalog = upcloud.catalog();
/// for template in catalog.templates().await? {
///     let needs = if template.is_cloud_init() { "metadata and SSH keys" } else { "nothing" };
///     println!("{} needs {needs}", template.title);
/// }
/// let zones = catalog.zones().await?;
/// assert!(zones.iter().any(|zone| zone.public == Some(true)));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Catalog {
    connection: Connection,
}

/// A look-up: its operation, its method, its call.
macro_rules! look_up {
    ($(#[doc = $doc:literal] $id:literal $method:ident, $call:ident;)+) => {
        impl Catalog {
            $(
                #[doc = $doc]
                #[doc = ""]
                #[doc = concat!(
                    "```\n# #[tokio::main] async fn main() -> Result<(), upcloud::Error> {\n",
                    "# let fake = upcloud::fake::Fake::start().await;\n# let upcloud = fake.client();\n",
                    "let found = upcloud.catalog().", stringify!($method), "().await?;\nassert!(!found.is_empty());\n# Ok(()) }\n```"
                )]
                #[doc = ""]
                #[doc = wire_docs!($id)]
                pub fn $method(&self) -> $call {
                    $call::new(&self.connection)
                }
            )+
        }

        $(impl Behavior for $call {})+
    };
}

look_up! {
    #[doc = "Lists the templates that a server can be created from. [`Storage::is_cloud_init`] tells which need `metadata` and SSH keys."]
    "listStorageTemplates" templates, ListStorageTemplatesCall;
    #[doc = "Lists the CD-ROMs that an operating system can be installed from."]
    "listStorageCdroms" cdroms, ListStorageCdromsCall;
    #[doc = "Lists the pricing plans."]
    "listPlans" plans, ListPlansCall;
    #[doc = "Lists the zones that servers can be hosted in."]
    "listZones" zones, ListZonesCall;
    #[doc = "Lists the names of time zones that a server can be set to."]
    "listTimezones" timezones, ListTimezonesCall;
}

impl Catalog {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection }
    }
}

impl Storage {
    /// Whether it is a cloud-init template: a server made from it needs `metadata` switched on and at least one SSH key,
    /// and gets no password.
    #[must_use]
    pub fn is_cloud_init(&self) -> bool {
        self.template_type == Some(TemplateType::CloudInit)
    }
}
