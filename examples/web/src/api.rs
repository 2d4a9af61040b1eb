//! The routes. A handler takes a request apart, and does the rest on a thread that may block: with
//! a connection of its own where it reads, with a session of its own where it writes.

use crate::error::Problem;
use crate::models::{Article, Author, Tag};
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use orm::ErrorKind;
use orm::chrono::Utc;
use orm::prelude::*;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;

/// How often a transaction is run again that others got in the way of.
const AGAIN: u32 = 5;

pub fn router(engine: Engine) -> Router {
    Router::new()
        .route("/articles", get(list).post(create))
        .route("/articles/{slug}", get(read).patch(update).delete(remove))
        .with_state(engine)
}

/// Runs what blocks on a thread that is there for it. It ends its work even if the client has gone.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Problem::internal())) // it panicked, and has said so
}

#[derive(Deserialize)]
#[serde(default)]
struct Listing {
    page: u64,
    per_page: u64,
    tag: Option<String>,
}

impl Default for Listing {
    fn default() -> Listing {
        Listing { page: 1, per_page: 20, tag: None }
    }
}

#[derive(Serialize)]
struct Page {
    total: i64,
    page: u64,
    per_page: u64,
    articles: Vec<Article>,
}

/// `GET /articles?page=2&per_page=10&tag=rust`: four statements, however many articles there are.
async fn list(
    State(engine): State<Engine>,
    listing: Result<Query<Listing>, QueryRejection>,
) -> Result<Json<Page>, Problem> {
    let Query(Listing { page, per_page, tag }) = listing?;
    let (page, per_page) = (page.max(1), per_page.clamp(1, 100));
    blocking(move || {
        let mut connection = engine.connect()?;
        let mut found = select(Article);
        if let Some(tag) = tag {
            found = found.filter(Article.tags.any(|it| it.name.eq(tag)));
        }
        let total = found.count(&mut connection)?;
        let articles = found
            .include((Article.author, Article.tags))
            .order_by((Article.created_at.desc(), Article.id.desc()))
            .offset((page - 1).saturating_mul(per_page))
            .limit(per_page)
            .all(&mut connection)?;
        Ok(Json(Page { total, page, per_page, articles }))
    })
    .await
}

/// `GET /articles/clean-rust`
async fn read(
    State(engine): State<Engine>,
    Path(slug): Path<String>,
) -> Result<Json<Article>, Problem> {
    blocking(move || {
        let article = select(Article)
            .filter(Article.slug.eq(slug))
            .include((Article.author, Article.tags))
            .one(&mut engine.connect()?)?;
        Ok(Json(article))
    })
    .await
}

#[derive(Deserialize)]
struct NewArticle {
    slug: String,
    title: String,
    content: Option<String>,
    author: By,
    #[serde(default)]
    tags: BTreeSet<String>,
}

/// `7`, or `{"name": "Ezz", "email": "ezz@example.com"}`
#[derive(Deserialize)]
#[serde(untagged)]
enum By {
    Known(i64),
    New { name: String, email: String },
}

impl By {
    fn author(&self) -> Ref<Author> {
        match self {
            By::Known(id) => (*id).into(),
            By::New { name, email } => Author::new(name, email).into(),
        }
    }
}

/// `POST /articles`: the article, its links to tags and, where that is a new one, its author, in one
/// flush.
async fn create(
    State(engine): State<Engine>,
    new: Result<Json<NewArticle>, JsonRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Json(new) = new?;
    blocking(move || {
        let article = engine.retry(AGAIN).transaction(|session| {
            let tags = tags(session, &new.tags)?;
            let article = session.add(Article {
                content: new.content.clone(),
                tags: tags.into(),
                ..Article::new(&new.slug, &new.title, new.author.author())
            });
            session.flush()?;
            article.author(session)?; // one that is known is read, to be told as well
            session.detached(article)
        })?;
        let place = format!("/articles/{}", article.slug);
        Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(article)))
    })
    .await
}

/// What is left out stays as it is; `"content": null` takes the content away.
#[derive(Deserialize)]
struct Patch {
    /// The version that the client has seen.
    version: i64,
    title: Option<String>,
    #[serde(default, deserialize_with = "given")]
    content: Option<Option<String>>,
    tags: Option<BTreeSet<String>>,
}

/// Tells null from a field that is left out.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// `PATCH /articles/clean-rust`: 409 unless the client has seen the version that there is.
async fn update(
    State(engine): State<Engine>,
    Path(slug): Path<String>,
    patch: Result<Json<Patch>, JsonRejection>,
) -> Result<Json<Article>, Problem> {
    let Json(patch) = patch?;
    blocking(move || {
        let by_slug = select(Article).filter(Article.slug.eq(&slug));
        let done = engine.retry(AGAIN).transaction(|session| {
            let found = by_slug.clone().include((Article.author, Article.tags)).for_update();
            let article = found.one(session)?;

            let mut value = session.detached(article)?;
            value.version = patch.version;
            value.updated_at = Utc::now(); // other tags alone are a new version, too
            if let Some(title) = &patch.title {
                value.title.clone_from(title);
            }
            if let Some(content) = &patch.content {
                value.content.clone_from(content);
            }
            session.merge(value)?; // `Stale`, where the row has another version

            if let Some(names) = &patch.tags {
                session[article].tags = tags(session, names)?.into();
            }
            session.flush()?;
            session.detached(article)
        });
        match done {
            Err(error) if error.kind() == ErrorKind::Stale => {
                let now = by_slug.one(&mut engine.connect()?)?;
                Err(Problem::conflict(now.version))
            }
            done => Ok(Json(done?)),
        }
    })
    .await
}

/// `DELETE /articles/clean-rust`: one statement; its links to tags go with it.
async fn remove(
    State(engine): State<Engine>,
    Path(slug): Path<String>,
) -> Result<StatusCode, Problem> {
    blocking(move || {
        let by_slug = select(Article).filter(Article.slug.eq(slug));
        match engine.retry(AGAIN).transaction(|session| by_slug.delete(session))? {
            0 => Err(Problem::not_found()),
            _ => Ok(StatusCode::NO_CONTENT),
        }
    })
    .await
}

/// The tags of these names, in their order; those that are not there yet are made. Two requests may
/// make the same tag at once, which is nobody's mistake.
fn tags(session: &mut Session, names: &BTreeSet<String>) -> orm::Result<Vec<Handle<Tag>>> {
    let insert = text("INSERT INTO tags (name) VALUES (:name) ON CONFLICT DO NOTHING");
    session.execute(insert.bind_rows(["name"], names.iter().map(|name| (name.as_str(),))))?;
    select(Tag).filter(Tag.name.in_(names)).order_by(Tag.name).all(session)
}
