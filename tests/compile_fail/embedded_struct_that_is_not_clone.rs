//! What is embedded can be copied, as a model can.

#[derive(orm::Embed, Debug)]
struct Address {
    city: String,
}

fn main() {}
