//! What everybody asks of a server that was read, so that nobody writes it by hand.

use std::net::IpAddr;

use super::SimpleBackup;
use crate::model::{
    AddressAccess,
    types::{Label, Server, ServerGroup, ServerInterface, ServerSize, ServerSummary},
};

/// Answers to what is asked of a server most.
impl Server {
    /// The address to connect to: a public IPv4 address if there is one, else a public IPv6 address, else a private one,
    /// else one of the utility network, which other servers of the account reach. `None` if the answer tells of no address,
    /// as lists and some answers to a create do.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// let server = upcloud.servers().get(uuid).await?;
    /// assert!(server.address().is_some_and(|address| address.is_ipv4()));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        let of_interfaces = self.interfaces().iter().flat_map(|interface| {
            let network = interface.type_.as_ref().map(AsRef::as_ref);
            interface.ip_addresses.iter().map(move |address| (network, &address.address))
        });
        let of_server = self.ip_addresses.iter().map(|a| (a.access.as_ref().map(AsRef::as_ref), &a.address));
        let known = of_server.chain(of_interfaces);
        let parsed = known.filter_map(|(network, address)| Some((network, address.parse::<IpAddr>().ok()?)));
        parsed.min_by_key(|(network, address)| rank(*network, *address)).map(|(_, address)| address)
    }

    /// The network interfaces; none if the answer does not tell.
    #[must_use]
    pub fn interfaces(&self) -> &[ServerInterface] {
        self.networking.as_ref().map(|networking| networking.interfaces.as_slice()).unwrap_or_default()
    }

    /// The value of the label with this key. Keys are compared without regard to case, as the API does.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        label(&self.labels, key)
    }

    /// The rule for simple backups; `None` if the answer does not tell, or tells one that this version of the crate does not
    /// know. The field of this name has the text.
    #[must_use]
    pub fn simple_backup(&self) -> Option<SimpleBackup> {
        self.simple_backup.as_deref()?.parse().ok()
    }

    /// CPU cores and memory, if the answer tells both.
    #[must_use]
    pub fn size(&self) -> Option<ServerSize> {
        Some(ServerSize::new(self.core_number?, self.memory_amount?))
    }
}

/// Answers to what is asked of a server most.
impl ServerSummary {
    /// As [`Server::label`].
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        label(&self.labels, key)
    }

    /// As [`Server::simple_backup`].
    #[must_use]
    pub fn simple_backup(&self) -> Option<SimpleBackup> {
        self.simple_backup.as_deref()?.parse().ok()
    }

    /// As [`Server::size`].
    #[must_use]
    pub fn size(&self) -> Option<ServerSize> {
        Some(ServerSize::new(self.core_number?, self.memory_amount?))
    }
}

impl ServerGroup {
    /// The value of the label with this key. Keys are compared without regard to case, as the API does.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        label(&self.labels, key)
    }
}

fn label<'a>(labels: &'a [Label], key: &str) -> Option<&'a str> {
    labels.iter().find(|label| label.key.eq_ignore_ascii_case(key)).map(|label| label.value.as_str())
}

/// The lower, the better. Networks and accesses have the same names.
fn rank(network: Option<&str>, address: IpAddr) -> u8 {
    match network.map(AddressAccess::from) {
        Some(AddressAccess::Public) if address.is_ipv4() => 0,
        Some(AddressAccess::Public) => 1,
        Some(AddressAccess::Private) => 2,
        Some(AddressAccess::Utility) => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::model::{NetworkType, ServerState, types};

    fn server(addresses: &[(&str, &str)]) -> Server {
        let mut server = Server::new(Uuid::nil(), ServerState::Started, "web-1", "Web 1", "de-fra1");
        for (access, address) in addresses {
            let mut address = types::IpAddress::new(*address);
            address.access = Some(AddressAccess::from(*access));
            server.ip_addresses.push(address);
        }
        server
    }

    #[test]
    fn the_address_to_connect_to() {
        let all = [
            ("mesh", "192.0.2.5"),
            ("utility", "10.1.0.1"),
            ("private", "10.2.0.1"),
            ("public", "2001:db8::1"),
            ("public", "x.x.x.x"),
            ("public", "192.0.2.1"),
            ("public", "192.0.2.2"),
        ];
        for (number, expected) in
            [(7, "192.0.2.1"), (5, "2001:db8::1"), (3, "10.2.0.1"), (2, "10.1.0.1"), (1, "192.0.2.5")]
        {
            assert_eq!(server(&all[..number]).address(), expected.parse().ok(), "{number}");
        }
        assert_eq!(server(&[]).address(), None);

        // An answer without the list of addresses tells them with the interfaces.
        let mut server = server(&[]);
        let mut interface = ServerInterface { type_: Some(NetworkType::Utility), ..ServerInterface::default() };
        interface.ip_addresses.push(types::InterfaceIpAddress::new("10.1.0.9"));
        let mut networking = types::Networking::default();
        networking.interfaces.push(interface);
        server.networking = Some(networking);
        assert_eq!(server.address(), "10.1.0.9".parse().ok());
    }

    #[test]
    fn labels_backups_and_sizes() {
        let mut server = server(&[]);
        assert_eq!((server.label("env"), server.simple_backup(), server.size()), (None, None, None));
        server.labels.push(Label::new("Env", "prod"));
        server.simple_backup = Some("0430,dailies".to_owned());
        (server.core_number, server.memory_amount) = (Some(2), Some(4096));
        assert_eq!(server.label("env"), Some("prod"));
        assert_eq!(server.simple_backup(), SimpleBackup::dailies(4, 30).ok());
        assert_eq!(server.size(), Some(ServerSize::new(2, 4096)));
        server.simple_backup = Some("whenever".to_owned());
        assert_eq!(server.simple_backup(), None);
    }
}
