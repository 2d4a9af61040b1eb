//! Our mapper against the drivers under it, each used as well as it can be.
//!
//! `cargo run --release` measures everything, `cargo run --release -- insert` the rows whose names
//! contain `insert`. `README.md` says how the figures are taken.

mod growth;
mod models;
mod postgres;
mod rounds;
mod sqlite;
mod trees;

use rounds::{Outcome, Report};

fn main() -> Outcome<()> {
    let mut report = Report::new(std::env::args().skip(1).collect());
    postgres::measure(&mut report)?;
    sqlite::measure(&mut report)?;
    trees::measure(&mut report)?;
    growth::measure(&mut report)?;
    report.finish()
}
