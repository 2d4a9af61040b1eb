//! A primary key is made of fields of the model.

use orm::prelude::*;

#[derive(orm::Embed, Clone, Debug)]
struct Place {
    row: i64,
    column: i64,
}

#[derive(Model, Clone, Debug)]
struct Cell {
    #[orm(embed, primary_key)]
    place: Place,
    text: String,
}

fn main() {}
