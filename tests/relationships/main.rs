//! Relationships: what is written of them and how they are read, each theme in a file, each case written
//! once and run on PostgreSQL and on SQLite.

// what a case sets up is a tuple, what it shows a list: named types would hide both
#![allow(clippy::type_complexity, clippy::too_many_lines)]

#[path = "../common/mod.rs"]
mod common;
mod models;

mod afterwards;
mod both_sides;
mod criteria;
mod deferred;
mod deleting;
mod foreign_handles;
mod graphs;
mod inspection;
mod joined;
mod lazy_loads;
mod leaving;
mod links;
mod links_deleted;
mod loading;
mod matrix;
mod merging;
mod moving;
mod orphans;
mod parts;
mod passive_deletes;
mod plans;
mod positions;
mod queries;
mod reading_again;
mod savepoints;
mod set_based;
mod trees;
mod unique;
mod view_only;
mod volume;
