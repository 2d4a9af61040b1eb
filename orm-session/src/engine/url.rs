//! Where a database is: read from a URL, or built from parts; printed with the password masked.
//!
//! `postgresql://user:password@host:5432/database?sslmode=require` (also `postgres://`; the host may
//! be the folder of a socket, as `%2Ftmp%2Fsock` or `?host=/tmp/sock`), `sqlite::memory:`,
//! `sqlite:relative.db`, `sqlite:///absolute/path.db`. No message shows a password, whole or in part.

use crate::driver::{PostgresTarget, SqliteTarget, SslMode, Target};
use orm_core::error::Result;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt;
use std::path::PathBuf;

/// Where a database is and how to get in.
///
/// ```
/// # use orm_session::engine::Url;
/// let url: Url = "postgresql://sa:sa1234@localhost:5432/inventorydb".parse()?;
/// assert_eq!(url.to_string(), "postgresql://sa:***@localhost:5432/inventorydb");
///
/// let built = Url::postgres().user("sa").password("p@ss/word%").host("/tmp").database("inventorydb");
/// assert_eq!(built.to_string(), "postgresql://sa:***@/inventorydb?host=/tmp");
/// # Ok::<(), orm_core::error::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Url {
    target: Target,
}

impl Url {
    /// A PostgreSQL URL to be built from parts, which need no escaping.
    pub fn postgres() -> PostgresUrl {
        PostgresUrl(PostgresTarget::default())
    }

    /// An SQLite database in memory: one per engine, gone with it.
    pub fn sqlite_memory() -> Url {
        Url { target: Target::Sqlite(SqliteTarget::Memory) }
    }

    /// An SQLite database in a file, which is made if it is not there.
    pub fn sqlite_file(path: impl Into<PathBuf>) -> Url {
        Url { target: Target::Sqlite(SqliteTarget::File(path.into())) }
    }

    pub(super) fn of(target: Target) -> Url {
        Url { target }
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }
}

/// A PostgreSQL URL being built from parts. Parts not given are libpq's: host `localhost`, port
/// 5432, the user of the operating system, the database of the user's name, `sslmode` prefer.
#[derive(Clone)]
pub struct PostgresUrl(PostgresTarget);

impl PostgresUrl {
    /// The user.
    pub fn user(mut self, user: impl Into<String>) -> PostgresUrl {
        self.0.user = Some(user.into());
        self
    }

    /// The password, as it is: nothing in it is escaped.
    pub fn password(mut self, password: impl Into<String>) -> PostgresUrl {
        self.0.password = Some(password.into());
        self
    }

    /// A host name, an address, or the folder of a socket (beginning with `/`).
    pub fn host(mut self, host: impl Into<String>) -> PostgresUrl {
        self.0.host = Some(host.into());
        self
    }

    /// The port.
    pub fn port(mut self, port: u16) -> PostgresUrl {
        self.0.port = Some(port);
        self
    }

    /// The database.
    pub fn database(mut self, database: impl Into<String>) -> PostgresUrl {
        self.0.database = Some(database.into());
        self
    }

    /// How much the connection is protected.
    pub fn ssl_mode(mut self, mode: SslMode) -> PostgresUrl {
        self.0.ssl_mode = mode;
        self
    }

    /// The file of the authorities that may have signed the server's certificate (PEM).
    pub fn ssl_root_cert(mut self, file: impl Into<PathBuf>) -> PostgresUrl {
        self.0.ssl_root_cert = Some(file.into());
        self
    }
}

impl fmt::Display for PostgresUrl {
    /// As the URL that it becomes, with the password as `***`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Url::from(self.clone()).fmt(f)
    }
}

impl From<PostgresUrl> for Url {
    fn from(parts: PostgresUrl) -> Url {
        Url { target: Target::Postgres(parts.0) }
    }
}

/// What an engine can be built from: a URL, its text, or its parts.
pub trait IntoUrl {
    /// The URL, or [`Configuration`](orm_core::error::ErrorKind::Configuration) if it is none.
    fn into_url(self) -> Result<Url>;
}

impl IntoUrl for Url {
    fn into_url(self) -> Result<Url> {
        Ok(self)
    }
}

impl IntoUrl for &Url {
    fn into_url(self) -> Result<Url> {
        Ok(self.clone())
    }
}

impl IntoUrl for PostgresUrl {
    fn into_url(self) -> Result<Url> {
        Ok(self.into())
    }
}

impl IntoUrl for &str {
    fn into_url(self) -> Result<Url> {
        self.parse()
    }
}

impl IntoUrl for String {
    fn into_url(self) -> Result<Url> {
        self.parse()
    }
}

impl IntoUrl for &String {
    fn into_url(self) -> Result<Url> {
        self.parse()
    }
}

/// What stays as it is in a printed URL.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b',');

impl fmt::Display for Url {
    /// The URL with the password as `***`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Target::Postgres(target) => print_postgres(target, f),
            Target::Sqlite(SqliteTarget::Memory) => f.write_str("sqlite::memory:"),
            Target::Sqlite(SqliteTarget::File(path)) if path.is_absolute() => {
                write!(f, "sqlite://{}", path.display())
            }
            Target::Sqlite(SqliteTarget::File(path)) => write!(f, "sqlite:{}", path.display()),
        }
    }
}

fn print_postgres(target: &PostgresTarget, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let escaped = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
    f.write_str("postgresql://")?;
    if let Some(user) = &target.user {
        f.write_str(&escaped(user).replace('/', "%2F"))?;
    }
    if target.password.is_some() {
        f.write_str(":***")?;
    }
    if target.user.is_some() || target.password.is_some() {
        f.write_str("@")?;
    }
    let host = target.host.as_deref().unwrap_or_default();
    let socket = host.starts_with('/');
    if host.contains(':') {
        write!(f, "[{host}]")?;
    } else if !socket {
        f.write_str(&escaped(host))?;
    }
    if let Some(port) = target.port {
        write!(f, ":{port}")?;
    }
    f.write_str("/")?;
    f.write_str(&escaped(target.database.as_deref().unwrap_or_default()).replace('/', "%2F"))?;
    let mut options = Vec::new();
    if socket {
        options.push(("host", escaped(host)));
    }
    if target.ssl_mode != SslMode::default() {
        options.push(("sslmode", target.ssl_mode.name().to_owned()));
    }
    if let Some(file) = &target.ssl_root_cert {
        options.push(("sslrootcert", escaped(&file.to_string_lossy())));
    }
    if let Some(timeout) = target.connect_timeout {
        options.push(("connect_timeout", timeout.as_secs().to_string()));
    }
    if let Some(name) = &target.application_name {
        options.push(("application_name", escaped(name)));
    }
    if let Some(text) = &target.options {
        options.push(("options", escaped(text)));
    }
    for (index, (name, value)) in options.iter().enumerate() {
        write!(f, "{}{name}={value}", if index == 0 { '?' } else { '&' })?;
    }
    Ok(())
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({self})")
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({})", Url::from(self.clone()))
    }
}
