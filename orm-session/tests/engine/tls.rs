//! Encrypted connections, as `sslmode` says.

use orm_core::error::ErrorKind;
use orm_session::engine::{Engine, text};
use orm_test_support::server;

/// The URL by TCP with these options, or `None` where the server speaks no TLS.
fn url(options: &str) -> String {
    let url = server().tcp_url();
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{options}")
}

fn encrypted(url: String) -> orm_core::error::Result<bool> {
    let mut connection = Engine::new(url)?.connect()?;
    connection.execute(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))?.scalar()
}

#[test]
fn connections_are_encrypted_as_asked_on_postgres() {
    let root = server().certificate().expect("the test server speaks TLS").display().to_string();
    assert!(!encrypted(url("sslmode=disable")).unwrap());
    assert!(encrypted(url("sslmode=prefer")).unwrap());
    assert!(encrypted(url("sslmode=require")).unwrap());
    for mode in ["require", "verify-ca", "verify-full"] {
        assert!(encrypted(url(&format!("sslmode={mode}&sslrootcert={root}"))).unwrap(), "{mode}");
    }
}

#[test]
fn certificates_that_are_not_trusted_are_refused_on_postgres() {
    for mode in ["verify-ca", "verify-full"] {
        let error = encrypted(url(&format!("sslmode={mode}"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls, "{error:?}");
    }
    let error = encrypted(url("sslmode=verify-full&sslrootcert=/no/such.pem")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error:?}");
    assert!(error.to_string().contains("/no/such.pem"), "{error}");
}

#[test]
fn the_host_is_checked_by_verify_full_only_on_postgres() {
    let root = server().certificate().expect("the test server speaks TLS").display().to_string();
    let by_other_name = |mode: &str| {
        let url = url(&format!("sslmode={mode}&sslrootcert={root}"));
        url.replace("@localhost", "@127.0.0.2").replace("@127.0.0.1", "@127.0.0.2")
    };
    let error = encrypted(by_other_name("verify-full")).unwrap_err();
    if error.kind() == ErrorKind::Unreachable {
        return; // the server listens on one address only
    }
    assert_eq!(error.kind(), ErrorKind::Tls, "{error:?}");
    assert!(encrypted(by_other_name("verify-ca")).unwrap());
}
