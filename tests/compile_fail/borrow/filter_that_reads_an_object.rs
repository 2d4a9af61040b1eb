//! The short form has borrowed the session before its condition reads from it.

use orm_doc_models::*;

fn same_title(session: &mut Session, a: Handle<Article>) -> Result<Vec<Handle<Article>>> {
    session.query(Article).filter(Article.title.eq(&session[a].title)).all()
}

fn main() {}
