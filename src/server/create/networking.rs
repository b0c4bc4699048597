//! The interfaces of a new server and their addresses.

use std::net::IpAddr;

use uuid::Uuid;

use crate::model::{
    AddressFamily, NetworkType,
    types::{CreateInterface, CreateIpAddress, CreateServer},
};

/// The interfaces, 1 to 10.
impl CreateServer {
    /// Adds an interface. The first one that is named takes the place of all
    /// [defaults](Self::with_default_interfaces), so that each interface of the server has to be named then.
    #[must_use]
    pub fn interface(mut self, interface: CreateInterface) -> Self {
        self.networking.interfaces.push(interface);
        self
    }

    /// Adds interfaces.
    #[must_use]
    pub fn interfaces(mut self, interfaces: impl IntoIterator<Item = CreateInterface>) -> Self {
        self.networking.interfaces.extend(interfaces);
        self
    }

    /// Adds the public IPv4, the utility IPv4 and the public IPv6 interface if none is named, and asks for one free IPv4
    /// address on each interface that names none: what is left out and must be in the request. Sending does this by
    /// itself; call it to add to the defaults, or to see the request as it will be sent.
    ///
    /// ```
    /// use upcloud::{CreateServer, types::{CreateInterface, CreateServerRequest}};
    /// # let (template, network) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
    /// let server = CreateServer::from_template("web-1.example.net", "de-fra1", template)
    ///     .with_default_interfaces()
    ///     .interface(CreateInterface::private(network).address([10, 20, 30, 40]));
    /// assert_eq!(server.networking.interfaces.len(), 4);
    ///
    /// let body = serde_json::to_value(CreateServerRequest::new(server.with_default_interfaces())).expect("plain JSON");
    /// assert_eq!(body["server"]["networking"]["interfaces"]["interface"][1]["type"], "utility");
    /// ```
    #[must_use]
    pub fn with_default_interfaces(mut self) -> Self {
        if self.networking.interfaces.is_empty() {
            self.networking.interfaces = vec![
                CreateInterface::public(AddressFamily::IPv4),
                CreateInterface::utility(),
                CreateInterface::public(AddressFamily::IPv6),
            ];
        }
        for interface in self.networking.interfaces.iter_mut().filter(|interface| interface.ip_addresses.is_empty()) {
            interface.ip_addresses.push(CreateIpAddress::any(AddressFamily::IPv4));
        }
        self
    }
}

/// What an interface joins, and with which addresses.
///
/// ```
/// use upcloud::types::{CreateInterface, CreateIpAddress};
/// # let network = uuid::Uuid::from_u128(1);
///
/// let gateway = CreateInterface::private(network)
///     .ip(CreateIpAddress::at([10, 20, 30, 1]).dhcp_provided(true))
///     .address([10, 20, 30, 2])
///     .source_ip_filtering(false);
/// assert_eq!(gateway.ip_addresses.len(), 2);
/// ```
impl CreateInterface {
    /// An interface to the internet with one free address of this family.
    #[must_use]
    pub fn public(family: AddressFamily) -> Self {
        Self::new(NetworkType::Public, vec![CreateIpAddress::any(family)])
    }

    /// An interface to the utility network with one free IPv4 address.
    #[must_use]
    pub fn utility() -> Self {
        Self::new(NetworkType::Utility, vec![CreateIpAddress::any(AddressFamily::IPv4)])
    }

    /// An interface to this private network. Where no address is named, one free IPv4 address is asked for.
    #[must_use]
    pub fn private(network: Uuid) -> Self {
        Self { network: Some(network), ..Self::new(NetworkType::Private, Vec::new()) }
    }

    /// Adds this address. On public and utility interfaces that takes special privileges.
    #[must_use]
    pub fn address(self, address: impl Into<IpAddr>) -> Self {
        self.ip(CreateIpAddress::at(address))
    }

    /// Adds these addresses; the DHCP server offers the first one of the interface.
    #[must_use]
    pub fn addresses(mut self, addresses: impl IntoIterator<Item = impl Into<IpAddr>>) -> Self {
        self.ip_addresses.extend(addresses.into_iter().map(CreateIpAddress::at));
        self
    }

    /// Adds an address with all that can be said about it.
    #[must_use]
    pub fn ip(mut self, address: CreateIpAddress) -> Self {
        self.ip_addresses.push(address);
        self
    }
}

/// An address that is asked for.
impl CreateIpAddress {
    /// The next free address of this family. IPv6 is for public interfaces only.
    #[must_use]
    pub fn any(family: AddressFamily) -> Self {
        Self::new(family)
    }

    /// This address, which must belong to the network of the interface.
    ///
    /// ```
    /// let address = "10.20.30.40".parse::<std::net::IpAddr>()?;
    /// assert_eq!(upcloud::types::CreateIpAddress::at(address).address.as_deref(), Some("10.20.30.40"));
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    #[must_use]
    pub fn at(address: impl Into<IpAddr>) -> Self {
        let address = address.into();
        let family = if address.is_ipv4() { AddressFamily::IPv4 } else { AddressFamily::IPv6 };
        Self { address: Some(address.to_string()), ..Self::new(family) }
    }
}
