//! Columns that are read on demand: [`Deferred`](orm::Deferred).

mod reading;
mod states;
mod writing;

use orm::prelude::*;
use orm_test_support::TestDatabase;

/// Has stories, and a cover that few want to see.
#[derive(Model, Clone, Debug)]
#[orm(table = "magazines")]
struct Magazine {
    #[orm(primary_key)]
    id: Auto<i64>,
    cover: Deferred<Option<Vec<u8>>>,
    name: String,
    #[orm(back_populates = magazine, cascade(all, delete_orphan), order_by = title)]
    stories: Many<Story>,
}

/// Two deferred columns, one of them between others.
#[derive(Model, Clone, Debug)]
#[orm(table = "stories")]
struct Story {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    #[orm(length = 1000, comment = "what is read")]
    body: Deferred<String>,
    magazine: Ref<Magazine>,
    notes: Deferred<Option<String>>,
    #[orm(default = 0)]
    words: i64,
}

/// A key of two columns behind a deferred one, and a version behind both.
#[derive(Model, Clone, Debug)]
#[orm(table = "sheets")]
struct Sheet {
    scan: Deferred<String>,
    #[orm(primary_key, length = 10)]
    book: String,
    #[orm(primary_key)]
    number: i32,
    #[orm(version)]
    version: i32,
    title: String,
}

/// What the database fills in, and a column that a model may look at.
#[derive(Model, Clone, Debug)]
#[orm(table = "drafts", index(size))]
struct Draft {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(server_default = "'empty'")]
    text: Deferred<String>,
    data: Deferred<Option<serde_json::Value>>,
    #[orm(column = "bytes", check = "bytes >= 0", default = 3)]
    size: Deferred<i64>,
}

/// A view with a column that is read on demand.
#[derive(Model, Clone, Debug)]
#[orm(view = "long_stories", query = "SELECT id, title, body FROM stories WHERE words > 100")]
struct LongStory {
    #[orm(primary_key)]
    id: i64,
    title: String,
    body: Deferred<String>,
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let models = Schema::of((Magazine, Story, Sheet, Draft, LongStory));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.create_all()?;
    Ok(engine)
}

/// Two magazines, one with two stories and one with one.
fn filled(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = ready(db)?;
    let mut session = engine.session();
    for (name, stories) in [("one", ["a", "b"].as_slice()), ("two", &["c"])] {
        let stories: Vec<Story> = stories
            .iter()
            .map(|title| Story {
                notes: format!("notes of {title}").into(),
                ..Story::new(*title, format!("body of {title}"), Ref::unset())
            })
            .collect();
        session.add(Magazine {
            cover: vec![1, 2].into(),
            stories: stories.into(),
            ..Magazine::new(name)
        });
    }
    session.commit()?;
    Ok(engine)
}
