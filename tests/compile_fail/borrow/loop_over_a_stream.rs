//! An iterator would keep the session borrowed; a stream is none.

use orm_doc_models::*;

fn print(session: &mut Session) -> Result<()> {
    for article in select(Article).stream(session)? {
        println!("{}", article.title);
    }
    Ok(())
}

fn main() {}
