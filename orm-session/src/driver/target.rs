//! Where a database is: what a URL says once it is taken apart.

use std::path::PathBuf;
use std::time::Duration;

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A PostgreSQL server.
    Postgres(PostgresTarget),
    /// An SQLite database.
    Sqlite(SqliteTarget),
}

/// A PostgreSQL database and how to get in. Not `Debug`: it holds the password.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct PostgresTarget {
    pub user: Option<String>,
    pub password: Option<String>,
    /// A host name, an address, or the folder of a socket if it begins with `/`.
    pub host: Option<String>,
    pub port: Option<u16>,
    pub database: Option<String>,
    pub ssl_mode: SslMode,
    pub ssl_root_cert: Option<PathBuf>,
    pub connect_timeout: Option<Duration>,
    pub application_name: Option<String>,
    pub options: Option<String>,
}

/// An SQLite database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SqliteTarget {
    /// In memory, gone with its engine.
    Memory,
    /// A file, made if it is not there.
    File(PathBuf),
}

/// How much a connection to PostgreSQL is protected by TLS, as libpq's `sslmode` says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SslMode {
    /// Never TLS.
    Disable,
    /// TLS if the server offers it and this program was built with it.
    #[default]
    Prefer,
    /// TLS or no connection; the server's certificate is checked only if `sslrootcert` is given.
    Require,
    /// TLS with a certificate signed by a trusted authority.
    VerifyCa,
    /// TLS with a certificate signed by a trusted authority for the host of the URL.
    VerifyFull,
}

impl SslMode {
    /// The names and meanings, as a URL writes them.
    pub(crate) const ALL: [(&'static str, SslMode); 5] = [
        ("disable", SslMode::Disable),
        ("prefer", SslMode::Prefer),
        ("require", SslMode::Require),
        ("verify-ca", SslMode::VerifyCa),
        ("verify-full", SslMode::VerifyFull),
    ];

    /// The name, as a URL writes it.
    pub fn name(self) -> &'static str {
        match self {
            SslMode::Disable => "disable",
            SslMode::Prefer => "prefer",
            SslMode::Require => "require",
            SslMode::VerifyCa => "verify-ca",
            SslMode::VerifyFull => "verify-full",
        }
    }
}
