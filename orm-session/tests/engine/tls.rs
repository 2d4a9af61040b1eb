//! Encrypted connections, as `sslmode` says.

use orm_core::error::ErrorKind;
use orm_session::engine::{Engine, text};
use orm_test_support::server;
use std::net::{SocketAddr, TcpListener, TcpStream};

/// The URL by TCP with these options.
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
    // the certificate is for localhost and 127.0.0.1; 127.0.0.2 leads to the same server
    let url = url("sslmode=MODE&sslrootcert=") + &root;
    let (before, rest) = url.split_once('@').unwrap();
    let (place, after) = rest.split_once('/').unwrap();
    let other = Forward::to(place).to_string();
    let by_other_name = |mode| format!("{before}@{other}/{after}").replace("MODE", mode);
    assert!(encrypted(by_other_name("verify-ca")).unwrap());
    let error = encrypted(by_other_name("verify-full")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error:?}");
}

/// A door at 127.0.0.2 to a server elsewhere.
struct Forward;

impl Forward {
    fn to(server: &str) -> SocketAddr {
        let server = server.to_owned();
        let listener = TcpListener::bind("127.0.0.2:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&server) else { return };
                for (mut from, mut to) in
                    [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)]
                {
                    std::thread::spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(std::net::Shutdown::Both);
                    });
                }
            }
        });
        address
    }
}
