//! An inventory of coordinates: an engine, a connection and SQL text, without models.
//!
//! ```sh
//! cargo run --example inventory                 # the engine, and a greeting from the database
//! cargo run --example inventory -- create       # a table with two rows
//! cargo run --example inventory -- read         # and what is in it
//! ```
//!
//! `DATABASE_URL` says where; unless it is set, an SQLite file in the temporary folder. `compose.yaml`
//! starts the PostgreSQL server of the first step:
//!
//! ```sh
//! docker compose up --detach --wait
//! export DATABASE_URL=postgresql://sa:sa1234@localhost:5432/inventorydb
//! ```
//!
//! What the engine sends is echoed to standard error.

use orm::prelude::*;
use orm::{IsolationLevel, Url};
use std::process::ExitCode;

fn main() -> orm::Result<ExitCode> {
    let action = std::env::args().nth(1);

    let engine = Engine::builder(database()?)
        .isolation_level(IsolationLevel::Serializable)
        .echo(true)
        .build()?;
    eprintln!("{engine}");

    match action.as_deref() {
        None => hello(&engine)?,
        Some("create") => create(&engine)?,
        Some("read") => read(&engine)?,
        Some(other) => {
            eprintln!("`{other}` is no action; there are `create` and `read`");
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The database to work on.
fn database() -> orm::Result<Url> {
    match std::env::var("DATABASE_URL") {
        Ok(url) => url.parse(),
        Err(_) => Ok(Url::sqlite_file(std::env::temp_dir().join("orm-inventory.db"))),
    }
}

/// A URL from its parts, and a statement that needs no table.
fn hello(engine: &Engine) -> orm::Result<()> {
    // Parts need no escaping, and a password is never printed.
    let server = Url::postgres()
        .user("sa")
        .password("sa1234")
        .host("localhost")
        .port(5432)
        .database("inventorydb");
    println!("{server}");

    // The first statement begins a transaction; dropping the connection rolls it back.
    let mut connection = engine.connect()?;
    let result = connection.execute(text("select 'hello world'"))?;
    println!("{result:?}");
    Ok(())
}

/// Makes the table and fills it. Nothing is kept until `commit`.
fn create(engine: &Engine) -> orm::Result<()> {
    let mut connection = engine.connect()?;
    connection.execute(text("DROP TABLE IF EXISTS coordinates"))?;
    connection.execute(text("CREATE TABLE coordinates (x int, y int)"))?;
    connection.execute(
        text("INSERT INTO coordinates (x, y) VALUES (:x, :y)")
            .bind_rows(["x", "y"], [(1, 1), (2, 4)]),
    )?;
    connection.commit()
}

/// Reads it, columns by name.
fn read(engine: &Engine) -> orm::Result<()> {
    let mut connection = engine.connect()?;
    for row in connection.execute(text("SELECT x, y FROM coordinates"))? {
        println!("x: {} y: {}", row.get::<i32>("x")?, row.get::<i32>("y")?);
    }
    Ok(())
}
