//! An embedded struct has no table.
//! errors: 2

#[derive(orm::Embed, Clone, Debug)]
#[orm(table = "addresses")]
struct Address {
    city: String,
}

#[derive(orm::Embed, Clone, Debug)]
#[orm(construktor = none)]
struct Place {
    north: f64,
}

fn main() {}
