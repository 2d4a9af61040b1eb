// The guide: each page is a file of `docs/`.
#![doc = include_str!("../docs/guide.md")]
#![doc = concat!("```\n", include_str!("../docs/models.rs"), "```")]

#[doc = include_str!("../docs/start.md")]
pub mod start {}

#[doc = include_str!("../docs/model.md")]
pub mod models {}

#[doc = include_str!("../docs/inheritance.md")]
pub mod inheritance {}

#[doc = include_str!("../docs/relationships.md")]
pub mod relationships {}

#[doc = include_str!("../docs/sessions.md")]
pub mod sessions {}

#[doc = include_str!("../docs/querying.md")]
pub mod querying {}

#[doc = include_str!("../docs/loading.md")]
pub mod loading {}

#[doc = include_str!("../docs/transactions.md")]
pub mod transactions {}

#[doc = include_str!("../docs/errors.md")]
pub mod errors {}

#[doc = include_str!("../docs/borrow-checker.md")]
pub mod borrow_checker {}

#[doc = include_str!("../docs/databases.md")]
pub mod databases {}

#[doc = include_str!("../docs/testing.md")]
pub mod testing {}

#[doc = include_str!("../docs/logging.md")]
pub mod logging {}

#[doc = include_str!("../docs/security.md")]
pub mod security {}

#[doc = include_str!("../docs/derive.md")]
#[doc = concat!("```ignore\n", include_str!("../orm-derive/docs/expansion.rs"), "\n```")]
pub mod derive {}
