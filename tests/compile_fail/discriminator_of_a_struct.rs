//! A discriminator of a struct.

use orm::prelude::*;

#[derive(Model, Clone, Debug)]
#[orm(discriminator = "kind")]
pub struct Payment {
    #[orm(primary_key)]
    id: Auto<i64>,
}

fn main() {}
