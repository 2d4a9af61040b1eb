//! What the library promises, each case written once and run on PostgreSQL and on SQLite.
//!
//! One module per theme. Differences between databases are asked as capabilities of the dialect,
//! never by name. `models` has the few tables that all themes share.

// what a case sets up is a tuple, what it shows a list: named types would hide both
#![allow(clippy::type_complexity, clippy::too_many_lines)]

#[path = "../common/mod.rs"]
mod common;
mod models;
mod setup;

mod attributes;
mod concurrent;
mod debug_view;
mod detached;
mod embedded;
mod enums;
mod errors;
mod existing;
mod expressions;
mod extremes;
mod flush;
mod gone_rows;
mod handed_on;
mod handed_on_indexes;
mod hooks;
mod keys;
mod keys_changed;
mod keys_followed;
mod keys_versioned;
mod killed;
mod killed_within;
mod locks;
mod logging;
mod moves;
mod names;
mod nested;
mod newtypes;
mod query;
mod ranges;
mod refused;
mod rings;
mod rollback;
mod row_switch;
mod rows;
mod schema;
mod secrets;
mod sessions;
mod sql_text;
mod statements;
mod states;
mod streams;
mod triggered_keys;
mod triggers;
mod types;
mod values;
mod versions;
