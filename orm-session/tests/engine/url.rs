//! URLs: read, built, printed without the password, refused with what to write instead.

use orm_core::error::ErrorKind;
use orm_session::engine::{Engine, SslMode, Url};

fn printed(url: &str) -> String {
    url.parse::<Url>().unwrap().to_string()
}

/// The message, after making sure that nothing of the secret is in it.
fn refused(url: &str) -> String {
    let error = url.parse::<Url>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let all = crate::printed(&error);
    assert!(!all.contains("s3cr"), "{all}");
    error.to_string()
}

#[test]
fn a_url_prints_with_its_password_masked() {
    assert_eq!(
        printed("postgresql://sa:sa1234@localhost:5432/inventorydb"),
        "postgresql://sa:***@localhost:5432/inventorydb"
    );
    assert_eq!(
        printed("postgres://sa@db/x?sslmode=require"),
        "postgresql://sa@db/x?sslmode=require"
    );
    assert_eq!(printed("postgresql://u:p%40%3A%2F%25@[::1]:1/d"), "postgresql://u:***@[::1]:1/d");
    let engine = Engine::new("postgresql://sa:sa1234@localhost:5432/inventorydb").unwrap();
    assert_eq!(engine.to_string(), "Engine(postgresql://sa:***@localhost:5432/inventorydb)");
    assert!(!format!("{engine:?} {:?}", engine.url()).contains("sa1234"));
}

#[test]
fn sockets_are_named_in_the_host_or_by_an_option() {
    let by_option = printed("postgresql://user@/db?host=/tmp/sock");
    assert_eq!(by_option, "postgresql://user@/db?host=/tmp/sock");
    assert_eq!(printed("postgresql://user@%2Ftmp%2Fsock/db"), by_option);
    assert_eq!(printed("postgresql:///db?host=%2Ftmp%2Fsock"), "postgresql:///db?host=/tmp/sock");
}

#[test]
fn a_url_is_built_from_parts_that_need_no_escaping() {
    let built = Url::from(
        Url::postgres()
            .user("a@b")
            .password("s3cr@:/?#%t")
            .host("localhost")
            .port(5433)
            .database("my db/x")
            .ssl_mode(SslMode::VerifyFull)
            .ssl_root_cert("/etc/root.pem"),
    );
    assert_eq!(
        built.to_string(),
        "postgresql://a%40b:***@localhost:5433/my%20db%2Fx?sslmode=verify-full&sslrootcert=/etc/root.pem"
    );
    let read: Url = "postgresql://a%40b:s3cr%40%3A%2F%3F%23%25t@localhost:5433/my%20db%2Fx?sslmode=verify-full&sslrootcert=/etc/root.pem".parse().unwrap();
    assert_eq!(built, read);
    assert!(!format!("{built:?}").contains("s3cr"));
}

#[test]
fn sqlite_urls_name_memory_or_a_file() {
    assert_eq!(printed("sqlite::memory:"), "sqlite::memory:");
    assert_eq!(printed("sqlite:relative.db"), "sqlite:relative.db");
    assert_eq!(printed("sqlite:///abs/path.db"), "sqlite:///abs/path.db");
    assert_eq!("sqlite:/abs".parse::<Url>().unwrap(), "sqlite:///abs".parse().unwrap());
    assert!(refused("sqlite:").contains("sqlite::memory:"));
    assert!(refused("sqlite://relative.db").contains("sqlite:file.db"));
}

#[test]
fn an_unknown_scheme_is_told_with_those_there_are() {
    let message = refused("mysql://root:s3cret@localhost/db");
    assert_eq!(
        message,
        "the URL's scheme `mysql` is unknown; there are `postgresql`, `postgres` and `sqlite`"
    );
    refused("postgresql+psycopg2://sa:s3cret@localhost/db");
    refused("s3cret nonsense");
    refused("s3cret nonsense: more");
}

#[test]
fn an_unknown_option_is_told_with_the_nearest() {
    let message = refused("postgresql://u:s3cret@h/d?ssl_mode=require");
    assert!(message.contains("`ssl_mode` is unknown; did you mean `sslmode`?"), "{message}");
    assert!(refused("postgresql://u@h/d?sslmode=maybe").contains("verify-full"));
}

#[test]
fn unescaped_passwords_are_refused_without_being_shown() {
    for url in [
        "postgresql://u:s3cr/et@h/d",
        "postgresql://u:s3cr?et@h/d",
        "postgresql://u:1/s3cr@h/d",
        "postgresql://u:1?s3cr@h/d",
        "postgresql://u:s3cr%et@h/d",
        "postgresql://u:s3cr%C0t@h/d",
        "postgresql://u:pw@h:s3cr/d",
        "postgresql://u:pw@h/d?s3cr%t=1",
        "postgresql:/u:s3cr@h/d",
    ] {
        refused(url);
    }
}

#[test]
fn a_raw_at_sign_in_a_password_is_taken_as_part_of_it() {
    assert_eq!(printed("postgresql://sa:sa@1234@db/x"), "postgresql://sa:***@db/x");
}
