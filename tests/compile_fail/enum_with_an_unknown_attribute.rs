//! An attribute that no enum has.

#[derive(orm::DbEnum, Clone)]
#[orm(nmae = "status")]
enum Status {
    Draft,
}

fn main() {}
