// The guide: each page is a file of `docs/`. Links that lead to files there lead to items here, by
// `links.md` before the page; where examples are tested, they have what stands around them in comments.
#![doc = include_str!("links.md")]
#![doc = include_str!("../docs/guide.md")]
#![doc = concat!("```\n", include_str!("../docs/models.rs"), "```")]

macro_rules! page {
    ($file:literal) => {
        concat!(include_str!("links.md"), "\n", include_str!($file))
    };
}

#[cfg_attr(not(doctest), doc = page!("../docs/start.md"))]
#[cfg_attr(doctest, doc = orm_doc_pages::tested!("docs/start.md"))]
pub mod start {}

#[cfg_attr(not(doctest), doc = page!("../docs/model.md"))]
#[cfg_attr(doctest, doc = orm_doc_pages::tested!("docs/model.md"))]
pub mod models {}

#[cfg_attr(not(doctest), doc = page!("../docs/inheritance.md"))]
#[cfg_attr(doctest, doc = orm_doc_pages::tested!("docs/inheritance.md"))]
pub mod inheritance {}

#[cfg_attr(not(doctest), doc = page!("../docs/relationships.md"))]
#[cfg_attr(doctest, doc = orm_doc_pages::tested!("docs/relationships.md"))]
pub mod relationships {}

#[cfg_attr(not(doctest), doc = page!("../docs/sessions.md"))]
#[cfg_attr(doctest, doc = orm_doc_pages::tested!("docs/sessions.md"))]
pub mod sessions {}

#[cfg_attr(not(doctest), doc = page!("../docs/querying.md"))]
#[cfg_attr(doctest, doc = orm_doc_pages::tested!("docs/querying.md"))]
pub mod querying {}

#[cfg_attr(not(doctest), doc = page!("../docs/loading.md"))]
#[cfg_attr(doctest, doc = orm_doc_pages::tested!("docs/loading.md"))]
pub mod loading {}

#[cfg_attr(not(doctest), doc = page!("../docs/transactions.md"))]
#[cfg_attr(doctest, doc = orm_doc_pages::tested!("docs/transactions.md"))]
pub mod transactions {}

#[cfg_attr(not(doctest), doc = page!("../docs/errors.md"))]
#[cfg_attr(doctest, doc = orm_doc_pages::tested!("docs/errors.md"))]
pub mod errors {}

#[cfg_attr(not(doctest), doc = page!("../docs/borrow-checker.md"))]
#[cfg_attr(doctest, doc = orm_doc_pages::tested!("docs/borrow-checker.md"))]
pub mod borrow_checker {}

#[cfg_attr(not(doctest), doc = page!("../docs/databases.md"))]
#[cfg_attr(doctest, doc = orm_doc_pages::tested!("docs/databases.md"))]
pub mod databases {}

#[cfg_attr(not(doctest), doc = page!("../docs/testing.md"))]
#[cfg_attr(doctest, doc = orm_doc_pages::tested!("docs/testing.md"))]
pub mod testing {}

#[cfg_attr(not(doctest), doc = page!("../docs/logging.md"))]
#[cfg_attr(doctest, doc = orm_doc_pages::tested!("docs/logging.md"))]
pub mod logging {}

#[cfg_attr(not(doctest), doc = page!("../docs/security.md"))]
#[cfg_attr(doctest, doc = orm_doc_pages::tested!("docs/security.md"))]
pub mod security {}

#[cfg_attr(not(doctest), doc = page!("../docs/derive.md"))]
#[cfg_attr(doctest, doc = orm_doc_pages::tested!("docs/derive.md"))]
#[doc = concat!("```ignore\n", include_str!("../orm-derive/docs/expansion.rs"), "\n```")]
pub mod derive {}
