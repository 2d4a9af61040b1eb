//! A value of a trigger in a field that the program fills.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Ticket {
    #[orm(primary_key, server_default = trigger)]
    code: String,
    name: String,
}

fn main() {}
