//! Three levels of relationships on PostgreSQL: 100 authors with 10 articles of 10 comments each,
//! against one statement per level by the `postgres` client, put together by hand.

use crate::rounds::{Gate, Outcome, Report, Variant, check, timed};
use orm::prelude::*;
use orm_test_support::server;
use postgres::{Client, NoTls};
use std::collections::HashMap;

const AUTHORS: usize = 100;
const OF_EACH: usize = 10;

/// The first level.
#[derive(Model, Clone, Debug)]
#[orm(table = "tree_authors")]
pub struct Author {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(back_populates = author, order_by = id)]
    pub articles: Many<Article>,
}

/// The second level.
#[derive(Model, Clone, Debug)]
#[orm(table = "tree_articles")]
pub struct Article {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub title: String,
    pub author: Ref<Author>,
    #[orm(back_populates = article, order_by = id)]
    pub comments: Many<Comment>,
}

/// The third level.
#[derive(Model, Clone, Debug)]
#[orm(table = "tree_comments")]
pub struct Comment {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub body: String,
    pub article: Ref<Article>,
}

struct RawAuthor {
    name: String,
    articles: Vec<RawArticle>,
}

struct RawArticle {
    title: String,
    comments: Vec<RawComment>,
}

struct RawComment {
    id: i64,
    body: String,
}

/// Rows of all levels, ids of the last, lengths of all texts.
#[derive(Default, Debug, PartialEq, Eq)]
struct Sum(usize, i64, usize);

impl Sum {
    fn text(&mut self, text: &str) {
        self.0 += 1;
        self.2 += text.len();
    }

    fn comment(&mut self, id: i64, body: &str) {
        self.1 += id;
        self.text(body);
    }
}

pub fn measure(report: &mut Report) -> Outcome<()> {
    let what = "tree of 100 × 10 × 10";
    if !report.wants(what) {
        return Ok(());
    }
    let models = Schema::of((Author, Article, Comment));
    let engine = Engine::builder(server().tcp_url()).models(models).build()?;
    fill(&engine)?;
    let mut client = Client::connect(server().tcp_url(), NoTls)?;
    client.batch_execute("VACUUM ANALYZE")?;
    let statements = [
        client.prepare("SELECT id, name FROM tree_authors ORDER BY id")?,
        client.prepare(
            "SELECT id, title, author_id FROM tree_articles WHERE author_id = ANY($1) ORDER BY id",
        )?,
        client.prepare(
            "SELECT id, body, article_id FROM tree_comments WHERE article_id = ANY($1) ORDER BY id",
        )?,
    ];
    let whole = sum_of(&by_hand(&mut client, &statements)?);
    check(whole.0 == AUTHORS * (1 + OF_EACH * (1 + OF_EACH)), "rows")?;
    let mut connection = engine.connect()?;
    // the transaction is open before anything is timed
    select(Author).count(&mut connection)?;
    report.compare(
        what,
        1,
        vec![
            Variant::new("postgres", Gate::None, || {
                let (time, sum) = timed(|| Ok(sum_of(&by_hand(&mut client, &statements)?)))?;
                check(sum == whole, "checksum")?;
                Ok(time)
            }),
            Variant::new("connection, plain values", Gate::Ratio(1.05), || {
                let (time, sum) = timed(|| plain(&mut connection))?;
                check(sum == whole, "checksum")?;
                Ok(time)
            }),
            Variant::new("fresh session, handles", Gate::None, || {
                let (time, sum) = timed(|| tracked(&mut engine.session()))?;
                check(sum == whole, "checksum")?;
                Ok(time)
            }),
        ],
    )
}

fn fill(engine: &Engine) -> Outcome<()> {
    engine.drop_all()?;
    engine.create_all()?;
    let mut session = engine.session();
    for author in 0..AUTHORS {
        let articles = (0..OF_EACH).map(|article| {
            let comments = (0..OF_EACH)
                .map(|comment| Comment {
                    id: Auto::Unset,
                    body: format!("Comment {comment} on article {article} of {author}"),
                    article: Ref::default(),
                })
                .collect::<Vec<_>>();
            Article {
                id: Auto::Unset,
                title: format!("Article {article} of {author}"),
                author: Ref::default(),
                comments: comments.into(),
            }
        });
        let articles = articles.collect::<Vec<_>>();
        session
            .add(Author { articles: articles.into(), ..Author::new(format!("Author {author}")) });
    }
    session.commit()?;
    Ok(())
}

fn by_hand(
    client: &mut Client,
    [authors, articles, comments]: &[postgres::Statement; 3],
) -> Outcome<Vec<RawAuthor>> {
    let mut transaction = client.transaction()?;
    let rows = transaction.query(authors, &[])?;
    let ids: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    let article_rows = transaction.query(articles, &[&ids])?;
    let article_ids: Vec<i64> = article_rows.iter().map(|row| row.get(0)).collect();
    let comment_rows = transaction.query(comments, &[&article_ids])?;
    let mut of_articles: HashMap<i64, Vec<RawComment>> = HashMap::with_capacity(article_ids.len());
    for row in &comment_rows {
        let comment = RawComment { id: row.get(0), body: row.get(1) };
        of_articles.entry(row.get(2)).or_default().push(comment);
    }
    let mut of_authors: HashMap<i64, Vec<RawArticle>> = HashMap::with_capacity(ids.len());
    for row in &article_rows {
        let comments = of_articles.remove(&row.get::<_, i64>(0)).unwrap_or_default();
        let article = RawArticle { title: row.get(1), comments };
        of_authors.entry(row.get(2)).or_default().push(article);
    }
    let with_articles = |row: &postgres::Row| RawAuthor {
        name: row.get(1),
        articles: of_authors.remove(&row.get::<_, i64>(0)).unwrap_or_default(),
    };
    let authors = rows.iter().map(with_articles).collect();
    transaction.rollback()?;
    Ok(authors)
}

fn sum_of(authors: &[RawAuthor]) -> Sum {
    let mut sum = Sum::default();
    for author in authors {
        sum.text(&author.name);
        for article in &author.articles {
            sum.text(&article.title);
            article.comments.iter().for_each(|comment| sum.comment(comment.id, &comment.body));
        }
    }
    sum
}

fn plain(connection: &mut orm::Connection) -> Outcome<Sum> {
    let authors = select(Author)
        .include(Author.articles.then(Article.comments))
        .order_by(Author.id)
        .all(connection)?;
    let mut sum = Sum::default();
    for author in &authors {
        sum.text(&author.name);
        for article in author.articles.values()? {
            sum.text(&article.title);
            for comment in article.comments.values()? {
                sum.comment(comment.id.get().copied().unwrap_or_default(), &comment.body);
            }
        }
    }
    Ok(sum)
}

fn tracked(session: &mut Session) -> Outcome<Sum> {
    let authors = select(Author)
        .include(Author.articles.then(Article.comments))
        .order_by(Author.id)
        .all(session)?;
    let mut sum = Sum::default();
    for &author in &authors {
        sum.text(&session[author].name);
        for &article in session[author].articles.get()? {
            sum.text(&session[article].title);
            for &comment in session[article].comments.get()? {
                let comment = &session[comment];
                sum.comment(comment.id.get().copied().unwrap_or_default(), &comment.body);
            }
        }
    }
    Ok(sum)
}
