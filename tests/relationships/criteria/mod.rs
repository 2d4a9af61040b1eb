//! Criteria: what they hold in (`reading`, `writing`), what they do to objects that are there
//! (`objects`), what is sent (`texts`), which places leave them out (`places`).
//!
//! The rows that are to be hidden have a name that begins with `HIDDEN`.

mod objects;
mod places;
mod plain_ways;
mod reading;
mod texts;
mod ways;
mod writing;

use crate::common::run;
use orm::prelude::*;
use orm_test_support::TestDatabase;

#[derive(Model, Clone, Debug)]
#[orm(table = "writers")]
pub struct Writer {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(default = false)]
    pub hidden: bool,
    #[orm(back_populates = writer, cascade(all), order_by = name)]
    pub papers: Many<Paper>,
    #[orm(back_populates = writer, cascade(all))]
    pub card: One<Card>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "papers")]
pub struct Paper {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(default = false)]
    pub hidden: bool,
    pub writer: Ref<Writer>,
    pub editor: Option<Ref<Writer>>,
    #[orm(secondary = "paper_topics", back_populates = papers, order_by = name)]
    pub topics: Many<Topic>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "topics")]
pub struct Topic {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(default = false)]
    pub hidden: bool,
    #[orm(secondary = "paper_topics", back_populates = topics, order_by = name)]
    pub papers: Many<Paper>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "cards")]
pub struct Card {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(default = false)]
    pub hidden: bool,
    #[orm(unique)]
    pub writer: Ref<Writer>,
}

/// The criterion of all four models.
pub const SHOWN: &str = "shown";

/// An engine whose criteria hide rows: of Ann's three papers one, Bo, one of two topics, a card.
pub fn hiding(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url())
        .models(Schema::of((Writer, Paper, Topic, Card)))
        .criterion(SHOWN, Writer, |writer| !writer.hidden)
        .criterion(SHOWN, Paper, |paper| !paper.hidden)
        .criterion(SHOWN, Topic, |topic| !topic.hidden)
        .criterion(SHOWN, Card, |card| !card.hidden)
        .build()?;
    engine.create_all()?;
    run(
        &engine,
        &[
            "INSERT INTO writers (name, hidden) VALUES ('Ann', false), ('HIDDEN Bo', true), ('Cy', false)",
            "INSERT INTO papers (name, hidden, writer_id, editor_id) VALUES ('a', false, 1, NULL), ('HIDDEN b', true, 1, 3), ('c', false, 2, 3), ('d', false, 1, 2)",
            "INSERT INTO topics (name, hidden) VALUES ('x', false), ('HIDDEN y', true)",
            "INSERT INTO paper_topics (paper_id, topic_id) VALUES (1, 1), (1, 2), (2, 1), (4, 2)",
            "INSERT INTO cards (name, hidden, writer_id) VALUES ('HIDDEN card', true, 1), ('card', false, 3)",
        ],
    );
    Ok(engine)
}
