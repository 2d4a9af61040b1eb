//! The remedy of `collection_that_takes_what_is_added`.

use orm_doc_models::*;

pub fn remedy(session: &mut Session) -> Result<()> {
    let ezz = session.add(Author::new("Ezz"));
    let article = session.push(ezz, Author.articles, Article::new("slug", "title", ezz))?;
    assert_eq!(ezz.articles(session)?, [article]);
    Ok(())
}
