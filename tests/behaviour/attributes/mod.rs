//! Attributes that speak of the table: the database enforces what they say.

mod defaults;
mod lists;
#[cfg(feature = "uuid")]
mod made_keys;
mod names;
mod schemas;
mod server_made;
#[cfg(feature = "decimal")]
mod sql_types;
mod views;
