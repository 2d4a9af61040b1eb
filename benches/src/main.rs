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
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [growth::RESIDENT, way, url] =
        arguments.iter().map(String::as_str).collect::<Vec<_>>()[..]
    {
        return growth::tell_resident(way, url);
    }
    let mut report = Report::new(arguments);
    postgres::measure(&mut report)?;
    sqlite::measure(&mut report)?;
    trees::measure(&mut report)?;
    growth::measure(&mut report)?;
    report.finish()
}
