//! A blog as a JSON API, on axum: async outside, blocking inside.
//!
//! `models` says what is kept, `api` what is answered, `error` what is answered where that fails.
//! `main.rs` starts it and ends it; the tests start it too, on each database.

mod api;
mod error;
pub mod models;

pub use api::router;

use models::{Article, Author, Tag};
use orm::prelude::*;
use std::time::Duration;

/// The database of a URL, with its tables. A request that finds all connections in use waits for
/// one, and is told to come again after five seconds.
pub fn engine(url: &str) -> orm::Result<Engine> {
    let engine = Engine::builder(url)
        .models((Author, Article, Tag))
        .pool_size(8)
        .pool_timeout(Duration::from_secs(5))
        .build()?;
    engine.create_all()?;
    Ok(engine)
}
