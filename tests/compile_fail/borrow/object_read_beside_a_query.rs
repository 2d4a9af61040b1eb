//! One line prints an object and what a query finds.

use orm_doc_models::*;

fn print(session: &mut Session, a: Handle<Article>) -> Result<()> {
    println!("{} of {}", session[a].title, select(Article).count(session)?);
    Ok(())
}

fn main() {}
