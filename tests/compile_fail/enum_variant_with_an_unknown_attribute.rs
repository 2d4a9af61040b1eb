//! An attribute that no variant has.

#[derive(orm::DbEnum, Clone)]
enum Status {
    #[orm(vlaue = "d")]
    Draft,
}

fn main() {}
