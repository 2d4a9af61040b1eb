//! Starts the API, and ends it cleanly.
//!
//! ```sh
//! cargo run                                       # SQLite, in the file blog.db
//! DATABASE_URL=postgresql://… cargo run           # PostgreSQL
//! ```
//!
//! It listens at 127.0.0.1:3000 unless `ADDRESS` names another place.

use std::env;
use std::error::Error;
use std::future::Future;
use std::io;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:blog.db".to_owned());
    let address = env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());

    let engine = web::engine(&url)?; // it blocks, so it is done before the runtime begins
    let runtime = Runtime::new()?;
    runtime.block_on(async {
        let asked_to_end = asked_to_end()?;
        let listener = TcpListener::bind(address).await?;
        println!("http://{}/articles", listener.local_addr()?);
        let server = axum::serve(listener, web::router(engine.clone()));
        server.with_graceful_shutdown(asked_to_end).await // what was asked is still answered
    })?;
    drop(runtime); // waits for the work of clients that have gone
    engine.close();
    Ok(())
}

/// Ready when somebody presses Ctrl-C or sends SIGTERM. They are listened for from the call on.
#[cfg(unix)]
fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    Ok(async { tokio::signal::ctrl_c().await.unwrap_or_default() })
}
