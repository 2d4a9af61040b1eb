//! The databases the tests of `orm` run on.
//!
//! A test asks for a [`TestDatabase`] of its own, or lets [`on_each_database!`] run one case on every database the
//! mapper speaks to. PostgreSQL is the server named by `TEST_DATABASE_URL`; where that is unset, a throw-away server
//! is started from the binaries on the machine, shared by all test processes and gone when the last of them is.
//! A missing server fails the test with what to do about it; nothing is ever skipped.
//!
//! The modules, each importing only from those before it: `random`, `address`, `run`, `throwaway`, `server`,
//! `database`, `proxy`, `cases`. Unix only: sockets, named pipes and file locks carry it.

mod random;

mod address;

mod run;

mod throwaway;

mod server;

mod database;

mod proxy;

mod cases;

pub use database::{Backend, TestDatabase, shared_postgres};
pub use proxy::{Cut, Proxy};
pub use server::{Lease, Server, server};
