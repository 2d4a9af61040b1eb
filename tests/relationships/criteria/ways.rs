//! Every way in which a session reads rows: what each of them sees.

use super::*;
use orm::Handle;

pub type Names = orm::Result<Vec<String>>;

fn names<'s, M: 's>(
    rows: impl IntoIterator<Item = Handle<M>>,
    name: impl Fn(Handle<M>) -> &'s str,
) -> Vec<String> {
    rows.into_iter().map(|row| name(row).to_owned()).collect()
}

pub fn writers(session: &Session, found: &[Handle<Writer>]) -> Vec<String> {
    names(found.iter().copied(), |writer| &session[writer].name)
}

pub fn papers(session: &Session, found: &[Handle<Paper>]) -> Vec<String> {
    names(found.iter().copied(), |paper| &session[paper].name)
}

/// `HIDDEN` as often as there are more than so many.
pub fn more_than(least: i64, count: i64) -> Vec<String> {
    let seen = format!("{count} rows");
    if count > least { vec![seen, "HIDDEN".to_owned()] } else { vec![seen] }
}

/// What each way of a session sees.
pub const WAYS: &[(&str, fn(&mut Session) -> Names)] = &[
    ("all", |session| {
        let found = select(Writer).all(session)?;
        Ok(writers(session, &found))
    }),
    ("session.all", |session| {
        let found = session.all(&select(Writer))?;
        Ok(writers(session, &found))
    }),
    ("query.all", |session| {
        let found = session.query(Paper).all()?;
        Ok(papers(session, &found))
    }),
    ("first", |session| {
        let found: Vec<_> =
            select(Topic).order_by(Topic.id.desc()).first(session)?.into_iter().collect();
        Ok(names(found, |topic| &session[topic].name))
    }),
    ("one_or_none", |session| {
        let found = select(Writer).filter(Writer.id.eq(2)).one_or_none(session)?;
        Ok(found.map_or(vec!["none".to_owned()], |found| writers(session, &[found])))
    }),
    ("one", |session| {
        let found = select(Writer).filter(Writer.id.eq(2)).one(session);
        Ok(found.map_or(vec!["none".to_owned()], |found| writers(session, &[found])))
    }),
    ("count", |session| Ok(more_than(2, select(Writer).count(session)?))),
    ("count of groups", |session| {
        Ok(more_than(2, select((Writer.name, count_all())).group_by(Writer.name).count(session)?))
    }),
    ("count of different values", |session| {
        Ok(more_than(2, select(Writer.name).distinct().count(session)?))
    }),
    ("exists", |session| {
        let there = select(Writer).filter(Writer.id.eq(2)).exists(session)?;
        Ok(more_than(0, i64::from(there)))
    }),
    ("columns", |session| select(Writer.name).all(session)),
    ("columns of an alias", |session| {
        let other = Writer.alias("other");
        select(other.name).all(session)
    }),
    ("two tables", |session| {
        let other = Writer.alias("other");
        let pairs = select((Writer.name, other.name)).cross_join(other).all(session)?;
        Ok(pairs.into_iter().map(|(_, other)| other).collect())
    }),
    ("aggregates", |session| Ok(more_than(2, select(count(Writer.id)).one(session)?))),
    ("a row struct", |session| {
        #[derive(orm::Row)]
        struct Named {
            name: String,
        }
        let rows: Vec<Named> = select(NamedSelect { name: Writer.name }).all(session)?;
        Ok(rows.into_iter().map(|row| row.name).collect())
    }),
    ("for_update", |session| {
        let found = select(Writer).for_update().all(session)?;
        Ok(writers(session, &found))
    }),
    ("populate_existing", |session| {
        let found = select(Writer).populate_existing().all(session)?;
        Ok(writers(session, &found))
    }),
    ("pages", |session| {
        let mut seen = Vec::new();
        let mut pages = select(Writer).include(Writer.papers).pages(session, 2)?;
        while let Some(page) = pages.next(session)? {
            seen.extend(writers(session, &page));
            for writer in page {
                let found = session[writer].papers.get()?.to_vec();
                seen.extend(papers(session, &found));
            }
        }
        Ok(seen)
    }),
    ("stream", |session| {
        let mut seen = Vec::new();
        let mut rows = select(Writer).include(Writer.papers).stream(session)?;
        while let Some(writer) = rows.next(session)? {
            seen.push(writer.name);
            seen.extend(writer.papers.values()?.iter().map(|paper| paper.name.clone()));
        }
        Ok(seen)
    }),
    ("for_each", |session| {
        let mut seen = Vec::new();
        session.for_each(&select(Writer), |_, writer| {
            seen.push(writer.name);
            Ok(())
        })?;
        Ok(seen)
    }),
    ("join", |session| {
        let rows = select((Paper.name, Writer.name)).join(Paper.writer).all(session)?;
        Ok(rows.into_iter().flat_map(|(paper, writer)| [paper, writer]).collect())
    }),
    ("join of an alias", |session| {
        let editor = Writer.alias("editor");
        let rows = select((Paper.name, editor.name)).join(Paper.editor.to(editor)).all(session)?;
        Ok(rows.into_iter().flat_map(|(paper, writer)| [paper, writer]).collect())
    }),
    ("join of many", |session| select(Topic.name).join(Topic.papers).distinct().all(session)),
    ("joined many", |session| {
        let rows = select((Paper.name, Topic.name)).join(Paper.topics).all(session)?;
        Ok(rows.into_iter().flat_map(|(paper, topic)| [paper, topic]).collect())
    }),
    ("left join", |session| {
        let rows = select((Paper, Writer.name.optional())).left_join(Paper.editor).all(session)?;
        let found: Vec<_> = rows.iter().map(|(paper, _)| *paper).collect();
        let mut seen = papers(session, &found);
        seen.extend(rows.into_iter().filter_map(|(_, editor)| editor));
        Ok(seen)
    }),
    ("left join of many", |session| {
        let rows =
            select((Writer.name, Paper.name.optional())).left_join(Writer.papers).all(session)?;
        Ok(rows.into_iter().flat_map(|(writer, paper)| [Some(writer), paper]).flatten().collect())
    }),
    ("left join of links", |session| {
        let rows =
            select((Paper.name, Topic.name.optional())).left_join(Paper.topics).all(session)?;
        Ok(rows.into_iter().flat_map(|(paper, topic)| [Some(paper), topic]).flatten().collect())
    }),
    ("has", |session| {
        let found = select(Paper).filter(Paper.writer.has(|writer| writer.name.contains("Bo")));
        Ok(more_than(0, found.count(session)?))
    }),
    ("any", |session| {
        let found = select(Writer).filter(Writer.papers.any(|paper| paper.name.contains("b")));
        Ok(more_than(0, found.count(session)?))
    }),
    ("any of links", |session| {
        let found = select(Paper).filter(Paper.topics.any(|topic| topic.name.contains("y")));
        Ok(more_than(0, found.count(session)?))
    }),
    ("any within any", |session| {
        let found = Writer.papers.any(|paper| paper.topics.any(|topic| topic.name.contains("y")));
        Ok(more_than(0, select(Writer).filter(found).count(session)?))
    }),
    ("exists of a relationship", |session| {
        Ok(more_than(1, select(Writer).filter(Writer.card.exists()).count(session)?))
    }),
    ("a part", |session| {
        let rows = select((Writer, Writer.papers.filter(Paper.id.gt(0)))).all(session)?;
        let found: Vec<_> = rows.into_iter().flat_map(|(_, papers)| papers).collect();
        Ok(papers(session, &found))
    }),
    ("a part that is limited", |session| {
        let part = Writer.papers.order_by(Paper.id).limit(2).include(Paper.topics);
        let rows = select((Writer, part)).all(session)?;
        let found: Vec<_> = rows.into_iter().flat_map(|(_, papers)| papers).collect();
        let mut seen = papers(session, &found);
        for paper in found {
            let topics = session[paper].topics.get()?.to_vec();
            seen.extend(names(topics, |topic| &session[topic].name));
        }
        Ok(seen)
    }),
    ("a part of links", |session| {
        let rows = select((Paper, Paper.topics.limit(3))).all(session)?;
        let found: Vec<_> = rows.into_iter().flat_map(|(_, topics)| topics).collect();
        Ok(names(found, |topic| &session[topic].name))
    }),
    ("include of many", |session| {
        let found = select(Writer).include(Writer.papers.then(Paper.topics)).all(session)?;
        let mut seen = Vec::new();
        for writer in found {
            for paper in session[writer].papers.get()?.to_vec() {
                seen.push(session[paper].name.clone());
                let topics = session[paper].topics.get()?.to_vec();
                seen.extend(names(topics, |topic| &session[topic].name));
            }
        }
        Ok(seen)
    }),
    ("include of one", |session| {
        let found = select(Writer).include(Writer.card).all(session)?;
        let mut seen = vec!["some".to_owned()];
        for writer in found {
            if let Some(card) = session[writer].card.get()? {
                seen.push(session[card].name.clone());
            }
        }
        Ok(seen)
    }),
    ("include of a reference", |session| {
        let found = select(Paper).include(Paper.writer).all(session)?;
        let mut seen = Vec::new();
        for paper in found {
            seen.push(session[paper].name.clone());
            if let Ok(writer) = session.load(paper, Paper.writer) {
                seen.push(session[writer].name.clone());
            }
        }
        Ok(seen)
    }),
    ("joined include of many", |session| {
        let path = Writer.papers.joined().then(Paper.topics.joined());
        let found = select(Writer).include(path).all(session)?;
        let mut seen = Vec::new();
        for writer in found {
            seen.push(session[writer].name.clone());
            for paper in session[writer].papers.get()?.to_vec() {
                seen.push(session[paper].name.clone());
                let topics = session[paper].topics.get()?.to_vec();
                seen.extend(names(topics, |topic| &session[topic].name));
            }
        }
        Ok(seen)
    }),
    ("joined include of a reference", |session| {
        let found = select(Paper).include(Paper.editor.joined()).all(session)?;
        let mut seen = Vec::new();
        for paper in found {
            seen.push(session[paper].name.clone());
            let editor = session.load(paper, Paper.editor)?;
            seen.extend(editor.map(|editor| session[editor].name.clone()));
        }
        Ok(seen)
    }),
    ("load of many", |session| {
        let Some(ann) = session.get(Writer, 1)? else { return Ok(Vec::new()) };
        let found = session.load(ann, Writer.papers)?;
        Ok(papers(session, &found))
    }),
    ("load of links", |session| {
        let Some(paper) = session.get(Paper, 1)? else { return Ok(Vec::new()) };
        let found = session.load(paper, Paper.topics)?;
        Ok(names(found, |topic| &session[topic].name))
    }),
    ("load of one", |session| {
        let Some(ann) = session.get(Writer, 1)? else { return Ok(Vec::new()) };
        let found = session.load(ann, Writer.card)?;
        Ok(found.map_or(vec!["none".to_owned()], |card| vec![session[card].name.clone()]))
    }),
    ("load of a reference", |session| {
        let Some(paper) = session.get(Paper, 3)? else { return Ok(Vec::new()) };
        let found = session.load(paper, Paper.writer);
        Ok(found.map_or(vec!["none".to_owned()], |found| writers(session, &[found])))
    }),
    ("load of a reference that may be NULL", |session| {
        let Some(paper) = session.get(Paper, 4)? else { return Ok(Vec::new()) };
        let found = session.load(paper, Paper.editor)?;
        Ok(found.map_or(vec!["none".to_owned()], |found| writers(session, &[found])))
    }),
    ("accessors", |session| {
        let Some(ann) = session.get(Writer, 1)? else { return Ok(Vec::new()) };
        let found = ann.papers(session)?;
        Ok(papers(session, &found))
    }),
    ("detached", |session| {
        let Some(ann) = session.get(Writer, 1)? else { return Ok(Vec::new()) };
        ann.papers(session)?;
        let ann = session.detached(ann)?;
        Ok(ann.papers.values()?.iter().map(|paper| paper.name.clone()).collect())
    }),
    ("get", |session| {
        let found = session.get(Writer, 2)?;
        Ok(found.map_or(vec!["none".to_owned()], |found| writers(session, &[found])))
    }),
    ("get_many", |session| {
        let found: Vec<_> = session.get_many(Writer, [1, 2, 3])?.into_iter().flatten().collect();
        Ok(writers(session, &found))
    }),
    ("get_for_update", |session| {
        let found = session.get_for_update(Writer, 2)?;
        Ok(found.map_or(vec!["none".to_owned()], |found| writers(session, &[found])))
    }),
    ("refresh of a collection", |session| {
        let Some(ann) = session.get(Writer, 1)? else { return Ok(Vec::new()) };
        ann.papers(session)?;
        session.refresh(ann)?;
        let found = session[ann].papers.get()?.to_vec();
        Ok(papers(session, &found))
    }),
    ("update", |session| {
        let written = select(Writer).update(session, Writer.name.set(Writer.name))?;
        Ok(more_than(2, i64::try_from(written).unwrap_or(i64::MAX)))
    }),
    ("update by a relationship", |session| {
        let of_bo = Paper.writer.has(|writer| writer.name.contains("Bo"));
        let written = select(Paper).filter(of_bo).update(session, Paper.name.set("HIDDEN"))?;
        Ok(more_than(0, i64::try_from(written).unwrap_or(i64::MAX)))
    }),
    ("delete", |session| {
        let written = select(Card).delete(session)?;
        Ok(more_than(1, i64::try_from(written).unwrap_or(i64::MAX)))
    }),
];
