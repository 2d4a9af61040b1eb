//! What was borrowed from an object is used after a call that changes the session.

use orm_doc_models::*;

fn print(session: &mut Session, a: Handle<Article>) -> Result<()> {
    let title = &session[a].title;
    session.flush()?;
    println!("{title}");
    Ok(())
}

fn main() {}
