//! The type of a field is told once, wherever the struct is embedded.

use orm::prelude::*;

#[derive(Clone, Debug)]
struct Color;

#[derive(orm::Embed, Clone, Debug)]
struct Paint {
    name: String,
    color: Color,
}

#[derive(orm::Embed, Clone, Debug)]
struct Coat {
    #[orm(embed)]
    paint: Paint,
    #[orm(embed)]
    under: Option<Paint>,
}

#[derive(Model, Clone, Debug)]
struct House {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(embed)]
    coat: Coat,
    #[orm(embed, prefix = "door_")]
    door: Option<Paint>,
}

fn main() {
    let _ = select(House).filter(House.coat.paint.name.eq("red"));
}
