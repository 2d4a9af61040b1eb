//! Reading a URL. No message shows what stands where a password may stand.

use super::url::Url;
use crate::driver::{PostgresTarget, SqliteTarget, SslMode, Target};
use orm_core::error::{Error, ErrorKind, Result};
use percent_encoding::percent_decode_str;
use std::str::FromStr;
use std::time::Duration;

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
        Ok(Url::of(target))
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
    // what is far from all of them was meant for none
    let near = |option: &&&str| distance(name, option) <= name.len().max(option.len()) / 3;
    let nearest = known.iter().min_by_key(|option| distance(name, option)).filter(near);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_like_none_gets_no_suggestion() {
        let known = ["sslmode", "connect_timeout", "application_name"];
        let said = |name| unknown_option(name, &known).to_string();
        assert!(said("sslmod").contains("did you mean `sslmode`?"));
        assert!(said("conect_timeout").contains("did you mean `connect_timeout`?"));
        for far in ["x", "pool", "charset"] {
            assert!(!said(far).contains("did you mean"), "{}", said(far));
            assert!(said(far).contains("there are sslmode, connect_timeout"), "{}", said(far));
        }
    }
}
