//! Attributes that speak of the table: the database enforces what they say.

mod lists;
mod names;
