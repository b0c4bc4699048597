//! Who can log in to a new server, and what it runs first.

use crate::model::types::{CreateServer, LoginUser};

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

    /// All public keys, 32 at most: they take the place of those that were named before.
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
    /// As [`CreateServer::ssh_key`].
    #[must_use]
    pub fn ssh_key(mut self, key: impl Into<String>) -> Self {
        self.ssh_keys.get_or_insert_default().push(key.into());
        self
    }
}
