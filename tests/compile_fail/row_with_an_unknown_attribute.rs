//! An attribute that no field of a row has.

#[derive(orm::Row)]
struct Stats {
    #[orm(colunm = "name")]
    title: String,
}

fn main() {}
