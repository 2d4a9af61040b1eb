//! People, companies, and who works where: a table between two others, with columns of its own.

use chrono::{DateTime, Utc};
use orm::prelude::*;

/// The constructor takes what is said here, in this order.
#[derive(Model, Clone, Debug)]
#[orm(table = "people", constructor(full_name, address, country, created_at))]
pub struct Person {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub full_name: String,
    pub address: String,
    pub country: String,
    pub created_at: DateTime<Utc>,
}

/// Unless it is said, the constructor takes all fields that must be given: here the same ones.
#[derive(Model, Clone, Debug)]
#[orm(table = "companies")]
pub struct Company {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    pub address: String,
    pub country: String,
    pub created_at: DateTime<Utc>,
}

/// One person in one company.
#[derive(Model, Clone, Debug)]
#[orm(table = "employees")]
pub struct Employee {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub card_id: i32,
    pub person: Ref<Person>,
    pub company: Ref<Company>,
    pub created_at: DateTime<Utc>,
}
