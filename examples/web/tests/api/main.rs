//! The API as its clients see it: each case starts the server at a port of its own, on a database of
//! its own, and speaks HTTP with it.

mod articles;
mod concurrent;
mod ending;
mod pages;
mod refusals;
mod server;
