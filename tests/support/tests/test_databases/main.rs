//! The test databases keep what the rest of the suite relies on: one per test, from a server that is always there and
//! never left behind.

mod databases;
mod runs;
mod servers;
mod users;
