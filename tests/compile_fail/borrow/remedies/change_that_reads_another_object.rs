//! The remedy of `change_that_reads_another_object`.

use orm_doc_models::*;

#[allow(clippy::assigning_clones)] // `clone_from` would borrow both objects, which is the case refused
pub fn remedy(session: &mut Session) -> Result<()> {
    let a = session.add(Article::new("a", "A by ", 1));
    let b = session.add(Author::new("Ann"));
    let name = session[b].name.clone();
    session[a].title.push_str(&name);
    assert_eq!(session[a].title, "A by Ann");
    session[a].title = session[b].name.clone(); // an assignment reads first: it needs no `let`
    assert_eq!(session[a].title, "Ann");
    Ok(())
}
