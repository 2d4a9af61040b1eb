//! Enums over models: several structs in one table, told apart by a column. Each case is written once and
//! run on PostgreSQL and on SQLite.

// what a case sets up is a tuple, what it shows a list: named types would hide both
#![allow(clippy::type_complexity)]

#[path = "../common/mod.rs"]
#[allow(dead_code)] // other suites look for panics
mod common;
mod models;

mod changing;
mod queries;
mod related;
mod schema;
