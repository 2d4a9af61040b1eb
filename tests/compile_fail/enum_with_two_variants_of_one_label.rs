//! Two variants that are stored alike.

#[derive(orm::DbEnum, Clone)]
enum Status {
    Draft,
    #[orm(value = "draft")]
    Sketch,
}

fn main() {}
