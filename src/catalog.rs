//! What a create needs to know first: templates, CD-ROMs, plans, zones and time zones.

use crate::{
    Client, List,
    generated::{
        TemplateType,
        types::{Plan, PlansResponse, Storage, StoragesResponse, TimezonesResponse, Zone, ZonesResponse},
    },
    request::{Request, prepared, wire_docs},
};

/// The look-ups, from [`Client::catalog`].
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
    client: Client,
}

/// A look-up: its type, its method, its answer.
macro_rules! look_up {
    ($(#[doc = $doc:literal] $id:literal $method:ident, $type:ident, $operation:ident, $call:ident, $body:ty => $item:ty, $member:ident;)+) => {
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
                pub fn $method(&self) -> Request<$type> {
                    Request::new(&self.client, $type)
                }
            )+
        }

        $(
            #[doc = concat!("The request of [`Catalog::", stringify!($method), "`].")]
            #[derive(Clone, Copy, Debug)]
            pub struct $type;

            prepared!($type, $operation, $body => List<$item>,
                |_this, api| async move { api.$call().await },
                |body| body.$member);
        )+
    };
}

look_up! {
    #[doc = "Lists the templates that a server can be created from. [`Storage::is_cloud_init`] tells which need `metadata` and SSH keys."]
    "listStorageTemplates" templates, ListTemplates, ListStorageTemplates, list_storage_templates, StoragesResponse => Storage, storages;
    #[doc = "Lists the CD-ROMs that an operating system can be installed from."]
    "listStorageCdroms" cdroms, ListCdroms, ListStorageCdroms, list_storage_cdroms, StoragesResponse => Storage, storages;
    #[doc = "Lists the pricing plans."]
    "listPlans" plans, ListPlans, ListPlans, list_plans, PlansResponse => Plan, plans;
    #[doc = "Lists the zones that servers can be hosted in."]
    "listZones" zones, ListZones, ListZones, list_zones, ZonesResponse => Zone, zones;
    #[doc = "Lists the names of time zones that a server can be set to."]
    "listTimezones" timezones, ListTimezones, ListTimezones, list_timezones, TimezonesResponse => String, timezones;
}

impl Catalog {
    pub(crate) fn new(client: &Client) -> Self {
        Self { client: client.clone() }
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
