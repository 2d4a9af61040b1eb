//! Where the PostgreSQL server of the tests is, as the variables that hand it from process to process.
//!
//! The same names serve twice: as environment of the processes below `./test`, and as lines of the file `address` in
//! the folder of a throw-away server, read by whoever joins it.

use std::path::PathBuf;

const URL: &str = "TEST_DATABASE_URL";
const TCP_URL: &str = "TEST_DATABASE_TCP_URL";
const CERTIFICATE: &str = "TEST_DATABASE_CERTIFICATE";
const RUN: &str = "TEST_DATABASE_RUN";

/// How to reach a server, and the run whose template and shared database are on it already.
#[derive(Clone, Debug)]
pub struct Address {
    pub url: String,
    pub tcp_url: Option<String>,
    pub certificate: Option<PathBuf>,
    pub run: Option<String>,
}

impl Address {
    /// The address in this process's environment, if there is one.
    pub fn from_environment() -> Option<Address> {
        Self::from_lookup(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    /// The address in `NAME=value` lines, as [`Address::to_lines`] writes them.
    pub fn from_lines(lines: &str) -> Option<Address> {
        Self::from_lookup(|wanted| {
            let mut pairs = lines.lines().filter_map(|line| line.split_once('='));
            pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
        })
    }

    pub fn to_lines(&self) -> String {
        let lines = self.variables().into_iter().map(|(name, value)| format!("{name}={value}"));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The variables that say this address, ready for a child's environment.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let certificate = self.certificate.as_ref().map(|path| path.display().to_string());
        [
            (URL, Some(self.url.clone())),
            (TCP_URL, self.tcp_url.clone()),
            (CERTIFICATE, certificate),
            (RUN, self.run.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Option<Address> {
        Some(Address {
            url: lookup(URL)?,
            tcp_url: lookup(TCP_URL),
            certificate: lookup(CERTIFICATE).map(PathBuf::from),
            run: lookup(RUN),
        })
    }
}

/// `url` with its database replaced; user, host, port and options stay.
///
/// # Panics
/// When it is not a URL: the `key=value` form of libpq is not understood here.
pub fn with_database(url: &str, database: &str) -> String {
    let (scheme, rest) = url
        .split_once("://")
        .expect("TEST_DATABASE_URL is of the form postgresql://user@host:port/database");
    let (place, options) = match rest.split_once('?') {
        Some((place, options)) => (place, format!("?{options}")),
        None => (rest, String::new()),
    };
    let authority = place.split('/').next().unwrap_or(place);
    format!("{scheme}://{authority}/{database}{options}")
}

#[cfg(test)]
mod tests {
    use super::{Address, with_database};

    #[test]
    fn the_database_of_a_url_is_replaced_and_nothing_else() {
        for (url, expected) in [
            ("postgresql://sa:pw@localhost:5432/old", "postgresql://sa:pw@localhost:5432/new"),
            ("postgresql://sa@localhost", "postgresql://sa@localhost/new"),
            ("postgres://h/old?sslmode=disable", "postgres://h/new?sslmode=disable"),
            ("postgres://h?connect_timeout=3", "postgres://h/new?connect_timeout=3"),
            ("postgresql://orm@%2Ftmp%2Fx:5433/postgres", "postgresql://orm@%2Ftmp%2Fx:5433/new"),
        ] {
            assert_eq!(with_database(url, "new"), expected);
        }
    }

    #[test]
    fn an_address_survives_being_written_down() {
        let address = Address {
            url: "postgresql://h/db?a=b".into(),
            tcp_url: None,
            certificate: Some("/tmp/x/root.crt".into()),
            run: Some("0123456789ab".into()),
        };
        let read = Address::from_lines(&address.to_lines()).expect("the URL is there");
        assert_eq!(read.variables(), address.variables());
    }
}
