//! The tables that the themes share: few, tiny, named by the shape of their relationships.

use chrono::{DateTime, Utc};
use orm::prelude::*;

/// A row that others point to.
#[derive(Model, Clone, Debug)]
#[orm(table = "parents")]
pub struct Parent {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    #[orm(unique, length = 50)]
    pub name: String,
    pub note: Option<String>,
}

/// A row that points to its parent.
#[derive(Model, Clone, Debug)]
#[orm(table = "children")]
pub struct Child {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    pub age: i32,
    pub parent: Ref<Parent>,
}

/// A row of a tree.
#[derive(Model, Clone, Debug)]
#[orm(table = "nodes")]
pub struct Node {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    pub parent: Option<Ref<Node>>,
}

/// One of two tables that point to one another; a ring of rows can be broken.
#[derive(Model, Clone, Debug)]
#[orm(table = "lefts")]
pub struct Left {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub right: Option<Ref<Right>>,
}

/// The other one.
#[derive(Model, Clone, Debug)]
#[orm(table = "rights")]
pub struct Right {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub left: Option<Ref<Left>>,
}

/// One of two tables that point to one another; a ring of rows can't be broken.
#[derive(Model, Clone, Debug)]
#[orm(table = "hens")]
pub struct Hen {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub egg: Ref<Egg>,
}

/// The other one.
#[derive(Model, Clone, Debug)]
#[orm(table = "eggs")]
pub struct Egg {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub hen: Ref<Hen>,
}

/// A row whose key the program gives.
#[derive(Model, Clone, Debug)]
#[orm(table = "countries")]
pub struct Natural {
    #[orm(primary_key, length = 20)]
    pub code: String,
    pub label: String,
}

/// A row that points to a natural key and follows it.
#[derive(Model, Clone, Debug)]
#[orm(table = "cities")]
pub struct NaturalChild {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(on_update = cascade, on_delete = set_null)]
    pub country: Option<Ref<Natural>>,
}

/// A row with a key of two columns.
#[derive(Model, Clone, Debug)]
#[orm(table = "pairs")]
pub struct Pair {
    #[orm(primary_key)]
    pub number: i32,
    #[orm(primary_key)]
    pub letter: String,
    pub label: String,
}

/// A row that points to a key of two columns.
#[derive(Model, Clone, Debug)]
#[orm(table = "pair_children")]
pub struct PairChild {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub pair: Ref<Pair>,
    pub other: Option<Ref<Pair>>,
}

/// A row that says when it changed.
#[derive(Model, Clone, Debug)]
#[orm(table = "stamped")]
pub struct Stamped {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub title: String,
    pub body: Option<String>,
    #[orm(default = now)]
    pub created_on: DateTime<Utc>,
    #[orm(default = now, on_update = now)]
    pub updated_on: DateTime<Utc>,
}

/// A row that is nothing but its generated key.
#[derive(Model, Clone, Debug)]
#[orm(table = "lonely")]
pub struct Lonely {
    #[orm(primary_key)]
    pub id: Auto<i64>,
}

/// A row of a large number and a truth.
#[derive(Model, Clone, Debug)]
#[orm(table = "bigs")]
pub struct Big {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub n: i64,
    pub flag: bool,
}
