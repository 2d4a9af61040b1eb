//! The PostgreSQL server of this process: the one in the environment, or else the shared throw-away one.
//!
//! Called by `database` and by tests that need more than a database: the password, TCP, TLS. The throw-away server
//! offers all of it; a server of the user's is asked for by what its URLs say.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use postgres::Config;
use postgres::config::Host;

use crate::address::Address;
use crate::random;
use crate::run::{Run, explain};
use crate::throwaway::{self, Throwaway};

/// A running PostgreSQL server and how to reach it.
pub struct Server {
    address: Address,
    socket_dir: Option<PathBuf>,
    user: String,
    password: Option<String>,
    /// Keeps a throw-away server alive.
    _throwaway: Option<Throwaway>,
}

/// The server all PostgreSQL tests of this process run on.
///
/// # Panics
/// When there is none and none can be started; the message says what to do.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| match Address::from_environment() {
        Some(address) => Server::at(address, None),
        None => Server::from(Throwaway::shared().unwrap_or_else(|error| panic!("{error}"))),
    })
}

impl Server {
    /// The URL of the maintenance database: by socket and without a password on the throw-away server.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.address.url
    }

    /// The same database by TCP, as a user with a password.
    ///
    /// # Panics
    /// When `TEST_DATABASE_URL` goes through a socket or has no password, and `TEST_DATABASE_TCP_URL` is unset.
    #[must_use]
    pub fn tcp_url(&self) -> &str {
        self.address.tcp_url.as_deref().expect(
            "this test needs the server of TEST_DATABASE_URL by TCP and with a password: set TEST_DATABASE_TCP_URL to \
             postgresql://user:password@host:port/database as well",
        )
    }

    /// The password in [`Server::tcp_url`].
    ///
    /// # Panics
    /// As [`Server::tcp_url`].
    #[must_use]
    pub fn password(&self) -> &str {
        self.password
            .as_deref()
            .unwrap_or_else(|| panic!("there is no password in {}", self.tcp_url()))
    }

    /// The user in [`Server::url`]; on the throw-away server a superuser.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The folder of the server's socket, if [`Server::url`] goes through one.
    #[must_use]
    pub fn socket_dir(&self) -> Option<&Path> {
        self.socket_dir.as_deref()
    }

    /// The root certificate (PEM) that the server's own is signed with, if it speaks TLS and we know it.
    ///
    /// The throw-away server's certificate is valid for `localhost` and `127.0.0.1`; it has none on machines
    /// without `openssl`.
    #[must_use]
    pub fn certificate(&self) -> Option<&Path> {
        self.address.certificate.as_deref()
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    fn at(mut address: Address, throwaway: Option<Throwaway>) -> Server {
        let config = parse(&address.url);
        let by_tcp = config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(_)));
        if address.tcp_url.is_none() && by_tcp && config.get_password().is_some() {
            address.tcp_url = Some(address.url.clone());
        }
        let socket_dir = config.get_hosts().iter().find_map(|host| match host {
            Host::Unix(folder) => Some(folder.clone()),
            Host::Tcp(_) => None,
        });
        let password = address.tcp_url.as_deref().map(parse).and_then(|config| {
            config.get_password().map(|password| String::from_utf8_lossy(password).into_owned())
        });
        let user = config.get_user().unwrap_or_default().to_owned();
        Server { address, socket_dir, user, password, _throwaway: throwaway }
    }
}

impl From<Throwaway> for Server {
    fn from(throwaway: Throwaway) -> Server {
        Server::at(throwaway.address().clone(), Some(throwaway))
    }
}

/// A server held for the processes below this one: what `with-postgres` keeps while its command runs.
pub struct Lease {
    variables: Vec<(&'static str, String)>,
    _run: Option<Run>,
    _throwaway: Option<Throwaway>,
}

impl Lease {
    /// The server in the environment, with a run of its own on it, or else a throw-away one for this lease alone.
    ///
    /// # Errors
    /// The message to show when there is no server.
    pub fn take() -> Result<Lease, String> {
        let Some(mut address) = Address::from_environment() else {
            return Ok(Lease::from(Throwaway::private()?));
        };
        let run = Run::begin(&address.url, random::hex(12)).map_err(|error| explain(&error))?;
        address.run = Some(run.id().to_owned());
        Ok(Lease { variables: address.variables(), _run: Some(run), _throwaway: None })
    }

    /// The throw-away server that test processes share when nobody handed them one.
    ///
    /// # Errors
    /// The message to show when there is no server.
    pub fn take_shared() -> Result<Lease, String> {
        Throwaway::shared().map(Lease::from)
    }

    /// The folder of the PostgreSQL programs that a throw-away server would be started from.
    ///
    /// # Errors
    /// The message that tells where they were looked for.
    pub fn programs() -> Result<PathBuf, String> {
        throwaway::programs()
    }

    /// The environment that hands the server down.
    #[must_use]
    pub fn variables(&self) -> &[(&'static str, String)] {
        &self.variables
    }
}

impl From<Throwaway> for Lease {
    fn from(throwaway: Throwaway) -> Lease {
        Lease {
            variables: throwaway.address().variables(),
            _run: None,
            _throwaway: Some(throwaway),
        }
    }
}

fn parse(url: &str) -> Config {
    url.parse().unwrap_or_else(|error| {
        panic!("the URL of the tests' PostgreSQL server cannot be read: {error}")
    })
}
