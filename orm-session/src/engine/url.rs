//! Where a database is: read from a URL, or built from parts; printed with the password masked.
//!
//! `postgresql://user:password@host:5432/database?sslmode=require` (also `postgres://`; the host may
//! be the folder of a socket, as `%2Ftmp%2Fsock` or `?host=/tmp/sock`), `sqlite::memory:`,
//! `sqlite:relative.db`, `sqlite:///absolute/path.db`. No message shows a password, whole or in part.

use crate::driver::{PostgresTarget, SqliteTarget, SslMode, Target};
use orm_core::error::{Error, ErrorKind, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Where a database is and how to get in.
///
/// ```
/// # use orm_session::engine::Url;
/// let url: Url = "postgresql://sa:sa1234@localhost:5432/inventorydb".parse()?;
/// assert_eq!(url.to_string(), "postgresql://sa:***@localhost:5432/inventorydb");
///
/// let built = Url::postgres().user("sa").password("p@ss/word%").host("/tmp").database("inventorydb");
/// assert_eq!(Url::from(built).to_string(), "postgresql://sa:***@/inventorydb?host=/tmp");
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

impl From<PostgresUrl> for Url {
    fn from(parts: PostgresUrl) -> Url {
        Url { target: Target::Postgres(parts.0) }
    }
}

/// What an engine can be built from: a URL, its text, or its parts.
pub trait IntoUrl {
    /// The URL, or [`ErrorKind::Configuration`] if it is none.
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

impl FromStr for Url {
    type Err = Error;

    fn from_str(text: &str) -> Result<Url> {
        let Some((scheme, rest)) = text.split_once(':') else {
            return Err(wrong("the URL has no scheme; begin it with `postgresql://` or `sqlite:`"));
        };
        let target = match scheme {
            "postgresql" | "postgres" => Target::Postgres(postgres(rest)?),
            "sqlite" => Target::Sqlite(sqlite(rest)?),
            other => return Err(unknown_scheme(other)),
        };
        Ok(Url { target })
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

fn unknown_scheme(scheme: &str) -> Error {
    // what stands before the first colon may be anything, a secret too
    let is_name = scheme.len() <= 30
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte));
    let shown = if is_name { format!(" `{scheme}`") } else { String::new() };
    wrong(format!(
        "the URL's scheme{shown} is unknown; there are `postgresql`, `postgres` and `sqlite`"
    ))
}

/// `//[user[:password]@][host[:port]][/database][?options]`
fn postgres(rest: &str) -> Result<PostgresTarget> {
    let Some(rest) = rest.strip_prefix("//") else {
        return Err(wrong("a PostgreSQL URL begins with `postgresql://`"));
    };
    let (place, options) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = place.split_once('/').unwrap_or((place, ""));
    if database.contains(['@', '/']) || options.contains('@') && !authority.contains('@') {
        return Err(wrong(
            "the URL has an unescaped `/`, `?` or `@` in its user, password or database; write them `%2F`, `%3F`, `%40`",
        ));
    }
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let mut target = PostgresTarget::default();
    if let Some(user) = user {
        let (user, password) =
            user.split_once(':').map_or((user, None), |(user, password)| (user, Some(password)));
        target.user = given(&decoded(user, "user")?);
        target.password = password.map(|password| decoded(password, "password")).transpose()?;
    }
    host_and_port(host, &mut target)?;
    target.database = given(&decoded(database, "database")?);
    for option in options.split('&').filter(|option| !option.is_empty()) {
        postgres_option(option, &mut target)?;
    }
    Ok(target)
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn host_and_port(text: &str, target: &mut PostgresTarget) -> Result<()> {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, "")) => (address, None),
        Some((address, rest)) => (address, rest.strip_prefix(':')),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    target.host = given(&decoded(host, "host")?);
    target.port = port.filter(|port| !port.is_empty()).map(read_port).transpose()?;
    Ok(())
}

fn read_port(text: &str) -> Result<u16> {
    // the text is not shown: it is part of the password where that holds an unescaped `/`
    text.parse().map_err(|_| {
        wrong("the URL's port is no number from 1 to 65535 (a `/`, `?` or `@` in the password is written `%2F`, `%3F`, `%40`)")
    })
}

const OPTIONS: [&str; 8] = [
    "host",
    "port",
    "sslmode",
    "sslrootcert",
    "connect_timeout",
    "application_name",
    "options",
    "user",
];

fn postgres_option(option: &str, target: &mut PostgresTarget) -> Result<()> {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    let value = decoded(value, "option")?;
    match name {
        "host" => target.host = given(&value),
        "port" => target.port = Some(read_port(&value)?),
        "user" => target.user = given(&value),
        "sslmode" => target.ssl_mode = ssl_mode(&value)?,
        "sslrootcert" => target.ssl_root_cert = Some(value.into()),
        "connect_timeout" => {
            let seconds = value
                .parse()
                .map_err(|_| wrong("the URL's connect_timeout is no whole number of seconds"))?;
            target.connect_timeout = Some(Duration::from_secs(seconds));
        }
        "application_name" => target.application_name = Some(value),
        "options" => target.options = Some(value),
        other => return Err(unknown_option(other, &OPTIONS)),
    }
    Ok(())
}

fn ssl_mode(value: &str) -> Result<SslMode> {
    SslMode::ALL.iter().find(|(name, _)| *name == value).map(|(_, mode)| *mode).ok_or_else(|| {
        let names: Vec<&str> = SslMode::ALL.iter().map(|(name, _)| *name).collect();
        wrong(format!("the URL's sslmode is none of {}", names.join(", ")))
    })
}

fn unknown_option(name: &str, known: &[&str]) -> Error {
    let is_name = !name.is_empty()
        && name.len() <= 40
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name {
        return wrong(
            "the URL has an option that is no name; a `?` in the password is written `%3F`",
        );
    }
    let nearest = known.iter().min_by_key(|option| distance(name, option));
    let hint = nearest.map_or_else(String::new, |nearest| format!("; did you mean `{nearest}`?"));
    wrong(format!("the URL's option `{name}` is unknown{hint} (there are {})", known.join(", ")))
}

/// The number of letters to add, drop or change between two words.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (place, other) in right.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

fn decoded(text: &str, part: &str) -> Result<String> {
    let bytes = text.as_bytes();
    let is_hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    for (at, _) in text.match_indices('%') {
        if !(is_hex(at + 1) && is_hex(at + 2)) {
            return Err(wrong(format!(
                "the URL's {part} has a `%` that begins no escape; a percent sign is written `%25`"
            )));
        }
    }
    let plain = percent_decode_str(text).decode_utf8();
    let plain = plain.map_err(|_| wrong(format!("the URL's {part} is not valid UTF-8")))?;
    if plain.contains('\0') {
        return Err(wrong(format!("the URL's {part} holds a NUL character")));
    }
    Ok(plain.into_owned())
}

/// `:memory:`, `relative.db`, `/absolute.db`, `///absolute.db`
fn sqlite(rest: &str) -> Result<SqliteTarget> {
    let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
    if let Some(option) = options.split('&').find(|option| !option.is_empty()) {
        let name = option.split('=').next().unwrap_or_default();
        return Err(wrong(format!("an SQLite URL has no options (found `{name}`)")));
    }
    match path {
        ":memory:" => Ok(SqliteTarget::Memory),
        "" | "//" => Err(wrong(
            "the SQLite URL names no database; write `sqlite::memory:` or `sqlite:file.db`",
        )),
        path => {
            let path = match path.strip_prefix("//") {
                None => path,
                Some(path) if path.starts_with('/') => path,
                Some(_) => {
                    return Err(wrong(
                        "a relative SQLite file is written `sqlite:file.db`, an absolute one `sqlite:///folder/file.db`",
                    ));
                }
            };
            Ok(SqliteTarget::File(decoded(path, "path")?.into()))
        }
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
