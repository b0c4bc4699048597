//! Who can log in to a new server, and what it runs first.

use crate::{
    Secret,
    model::{
        PasswordDelivery,
        types::{CreateServer, LoginUser},
    },
};

/// The account and the first script; Linux templates alone look at them.
///
/// ```
/// use upcloud::{CreateServer, types::PasswordDelivery};
/// # let template = uuid::Uuid::from_u128(1);
///
/// let server = CreateServer::from_template("web-1.example.net", "de-fra1", template)
///     .username("deploy")
///     .password(true)
///     .password_delivery(PasswordDelivery::None)
///     .user_data("#!/bin/sh\necho ready > /etc/motd\n");
/// assert!(!format!("{server:?}").contains("motd"));
/// ```
impl CreateServer {
    /// The account to set up, with all that can be said about it.
    #[must_use]
    pub fn login_user(mut self, user: LoginUser) -> Self {
        self.login_user = Some(user);
        self
    }

    /// The name of the account; `root` unless told otherwise. Any other becomes a normal user with sudo rights
    /// ([`InvalidUsername`](crate::ErrorCode::InvalidUsername) for a reserved one).
    #[must_use]
    pub fn username(self, name: impl Into<String>) -> Self {
        self.with_user(|user| user.username(name))
    }

    /// Adds a public key in OpenSSH format. With a key there is no one-time password; cloud-init templates need one.
    #[must_use]
    pub fn ssh_key(self, key: impl Into<String>) -> Self {
        self.with_user(|user| user.ssh_key(key))
    }

    /// Adds public keys, 32 at most.
    #[must_use]
    pub fn ssh_keys(self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with_user(|user| user.ssh_keys(keys))
    }

    /// Whether a one-time password is made, which only the answer to the create request has. It cannot go together with
    /// keys ([`CreatePasswordInvalid`](crate::ErrorCode::CreatePasswordInvalid)).
    #[must_use]
    pub fn password(self, yes: bool) -> Self {
        self.with_user(|user| user.password(yes))
    }

    /// How else the password reaches its owner; by e-mail unless told otherwise.
    #[must_use]
    pub fn password_delivery(mut self, delivery: PasswordDelivery) -> Self {
        self.password_delivery = Some(delivery);
        self
    }

    /// A script to run as root when the server initialises, or the address of one. It must come from a trusted place and
    /// may hold secrets, so no form of `Debug` shows it.
    #[must_use]
    pub fn user_data(mut self, script: impl Into<Secret>) -> Self {
        self.user_data = Some(script.into());
        self
    }

    fn with_user(mut self, change: impl FnOnce(LoginUser) -> LoginUser) -> Self {
        self.login_user = Some(change(self.login_user.unwrap_or_default()));
        self
    }
}

/// An account to set up.
///
/// ```
/// use upcloud::types::LoginUser;
///
/// let user = LoginUser::default().username("deploy").ssh_keys(["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE ops"]);
/// assert_eq!(user.create_password, None);
/// ```
impl LoginUser {
    /// As [`CreateServer::username`].
    #[must_use]
    pub fn username(mut self, name: impl Into<String>) -> Self {
        self.username = Some(name.into());
        self
    }

    /// As [`CreateServer::ssh_key`].
    #[must_use]
    pub fn ssh_key(self, key: impl Into<String>) -> Self {
        self.ssh_keys([key])
    }

    /// As [`CreateServer::ssh_keys`].
    #[must_use]
    pub fn ssh_keys(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.ssh_keys.get_or_insert_default().extend(keys.into_iter().map(Into::into));
        self
    }

    /// As [`CreateServer::password`].
    #[must_use]
    pub fn password(mut self, yes: bool) -> Self {
        self.create_password = Some(yes);
        self
    }
}
