//! Connecting: lazily, with a typed cause told at once, within the timeout.

use crate::printed;
use orm_core::error::{Error, ErrorKind};
use orm_session::engine::{Engine, Url, text};
use orm_test_support::{TestDatabase, on_each_database, server};
use std::error::Error as _;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// The error of the first use, and how long it took.
fn failing(engine: &Engine) -> (Error, Duration) {
    let start = Instant::now();
    let error = engine.ping().unwrap_err();
    (error, start.elapsed())
}

on_each_database! {
    fn building_an_engine_connects_to_nothing(db: &TestDatabase) {
        let engine = Engine::new(db.url()).unwrap();
        assert_eq!(engine.pool_status().open, 0);
        engine.ping().unwrap();
        assert_eq!((engine.pool_status().open, engine.statistics().connects), (1, 1));
    }

    fn a_closed_engine_says_so(db: &TestDatabase) {
        let engine = Engine::new(db.url()).unwrap();
        let mut used = engine.connect().unwrap();
        engine.ping().unwrap();
        engine.close();
        assert_eq!(engine.connect().unwrap_err().kind(), ErrorKind::Closed);
        used.execute(text("SELECT 1")).unwrap();
        drop(used);
        assert_eq!(engine.pool_status().open, 0);
    }
}

#[test]
fn a_wrong_password_is_told_at_once_on_postgres() {
    let url = server().tcp_url().replace(server().password(), "wr0ngs3cret");
    let (error, took) = failing(&Engine::new(&url).unwrap());
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error:?}");
    assert_eq!(error.sqlstate(), Some("28P01"));
    assert!(error.to_string().contains("password authentication failed"), "{error}");
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert!(!printed(&error).contains("wr0ngs3cret"));
}

#[test]
fn a_missing_password_is_told_at_once_on_postgres() {
    let url = server().tcp_url().replace(&format!(":{}@", server().password()), "@");
    let (error, _) = failing(&Engine::new(&url).unwrap());
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error:?}");
    assert!(error.to_string().contains("password missing"), "{error}");
}

#[test]
fn an_unknown_database_is_told_at_once_on_postgres() {
    let db = TestDatabase::postgres();
    let url = db.url().replace('?', "x_not_there?");
    let url = if url == db.url() { format!("{url}x_not_there") } else { url };
    let (error, took) = failing(&Engine::new(&url).unwrap());
    assert_eq!(error.kind(), ErrorKind::UnknownDatabase, "{error:?}");
    assert!(error.to_string().contains("does not exist"), "{error}");
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn an_unknown_host_is_told_at_once_on_postgres() {
    let (error, took) = failing(&Engine::new("postgresql://u@no-such-host.invalid/d").unwrap());
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error:?}");
    assert!(error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn a_refused_connection_is_tried_until_the_timeout_on_postgres() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = Url::postgres().user("u").host("127.0.0.1").port(free).database("d");
    let engine = Engine::builder(url).connect_timeout(Duration::from_millis(600)).build().unwrap();
    let (error, took) = failing(&engine);
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error:?}");
    assert!(
        error.to_string().contains(&format!("127.0.0.1:{free} could not be reached")),
        "{error}"
    );
    let cause = error.source().and_then(|cause| cause.downcast_ref::<std::io::Error>());
    assert_eq!(cause.unwrap().kind(), std::io::ErrorKind::ConnectionRefused);
    assert!(took > Duration::from_millis(200) && took < Duration::from_millis(900), "{took:?}");
}

#[test]
fn a_server_that_never_answers_ends_with_the_timeout_on_postgres() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("postgresql://u@127.0.0.1:{port}/d?sslmode=disable");
    let engine = Engine::builder(url).connect_timeout(Duration::from_millis(300)).build().unwrap();
    let (error, took) = failing(&engine);
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error:?}");
    assert!(error.to_string().contains("did not answer within 300ms"), "{error}");
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn a_server_that_comes_up_within_the_timeout_is_waited_for_on_postgres() {
    let later = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = later.local_addr().unwrap().port();
    drop(later);
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        let server = TcpListener::bind(("127.0.0.1", port)).unwrap();
        drop(server.accept().unwrap()); // no PostgreSQL: it hangs up
    });
    let engine = Engine::builder(format!("postgresql://u@127.0.0.1:{port}/d?sslmode=disable"))
        .connect_timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    let (error, took) = failing(&engine);
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error:?}");
    assert!(took >= Duration::from_millis(300), "{took:?}");
    thread.join().unwrap();
}

/// A server that says it is starting up, as PostgreSQL does.
fn starting_up(listener: &TcpListener) {
    let (mut client, _) = listener.accept().unwrap();
    let mut startup = [0; 8];
    client.read_exact(&mut startup).unwrap();
    let fields = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0";
    let length = u32::try_from(fields.len() + 4).unwrap();
    client.write_all(&[b"E", &length.to_be_bytes()[..], fields].concat()).unwrap();
}

#[test]
fn a_server_that_is_starting_up_is_tried_until_the_timeout_on_postgres() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || (0..2).for_each(|_| starting_up(&listener)));
    let engine = Engine::builder(format!("postgresql://u@127.0.0.1:{port}/d?sslmode=disable"))
        .connect_timeout(Duration::from_millis(400))
        .build()
        .unwrap();
    let (error, _) = failing(&engine);
    thread.join().unwrap(); // it was asked twice
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error:?}");
}

#[test]
fn a_folder_that_is_not_there_is_told_on_sqlite() {
    let (error, _) = failing(&Engine::new("sqlite:/no/such/folder/x.db").unwrap());
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error:?}");
    assert!(error.to_string().contains("/no/such/folder/x.db"), "{error}");
}

#[test]
#[cfg(not(feature = "tls"))]
fn encryption_is_never_left_out_silently_on_postgres() {
    for mode in ["require", "verify-ca", "verify-full"] {
        let error = Engine::new(format!("postgresql://u@h/d?sslmode={mode}")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls, "{error:?}");
        assert!(error.to_string().contains("feature `tls`"), "{error}");
    }
    Engine::new("postgresql://u@h/d?sslmode=prefer").unwrap();
}
