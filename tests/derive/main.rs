//! What `#[derive(Model)]` makes of a struct: metadata, constructors, rows, names. No database.
//!
//! The mistakes it tells are in `tests/compile_fail`.
#![deny(missing_docs, missing_debug_implementations, unused, clippy::all, clippy::pedantic)]

mod cascades;
mod constructors;
mod deferred;
mod everyday_names;
mod hostile_names;
mod hostile_places;
mod metadata;
mod models;
mod related;
mod relationships;
mod rows;
#[cfg(all(feature = "serde", feature = "json", feature = "uuid", feature = "decimal"))]
mod serial;
