//! Names that bite, all the way: created, written, asked for, changed, linked, dropped. Names too long
//! for the database are cut everywhere alike; names that it would take for one another are told.

use orm::engine::AssertSafe;
use orm::prelude::*;
use orm::{ErrorKind, Result};
use orm_test_support::{TestDatabase, on_each_database};

/// Two models with a link table between them, all of whose names are of one kind.
macro_rules! named {
    ($($case:ident $module:ident $one:literal $two:literal $link:literal: $key:literal $text:literal $number:literal;)*) => {
        $(mod $module {
            use orm::prelude::*;

            #[derive(Model, Clone, Debug)]
            #[orm(table = $one)]
            pub struct One {
                #[orm(primary_key, column = $key)]
                pub id: Auto<i64>,
                #[orm(unique, length = 40, column = $text)]
                pub text: String,
                #[orm(index, column = $number)]
                pub number: Option<i32>,
                #[orm(back_populates = one, order_by = number)]
                pub twos: Many<Two>,
                #[orm(secondary = $link)]
                pub linked: Many<Two>,
            }

            #[derive(Model, Clone, Debug)]
            #[orm(table = $two)]
            pub struct Two {
                #[orm(primary_key, column = $key)]
                pub id: String,
                #[orm(column = $number)]
                pub number: i32,
                #[orm(column = $text)]
                pub one: Option<Ref<One>>,
            }
        }

        on_each_database!($case);

        fn $case(db: &TestDatabase) -> Result<()> {
            use $module::{One, Two};
            let engine = Engine::builder(db.url()).models(Schema::of((One, Two))).build()?;
            engine.create_all()?;
            engine.create_all()?;
            let mut session = engine.session();
            let one = session.add(One { number: Some(7), ..One::new("first") });
            session.add(Two { one: Some(one.into()), ..Two::new("k", 1) });
            let loose = session.add(Two::new($text, 2));
            session.link(one, One.linked, loose)?;
            session.commit()?;
            session[one].number = Some(8);
            session[loose].one = Some(one.into());
            session.commit()?;
            drop(session);

            let mut session = engine.session();
            let joined = select(One).join(One.twos).filter(One.text.in_(["first", "x"]));
            assert_eq!(joined.filter(Two.number.eq(1)).count(&mut session)?, 1);
            let one = select(One).include((One.twos, One.linked)).one(&mut session)?;
            assert_eq!(session[one].number, Some(8));
            assert_eq!(session[one].twos.get()?.len(), 2);
            assert_eq!(session[one].linked.get()?.len(), 1);
            assert_eq!(session[session[one].linked.get()?[0]].id, $text);
            let loose = session.get(Two, $text.to_owned())?.expect("by its key");
            assert_eq!(session[loose].number, 2);

            let alias = One.alias($text);
            let asked = select((alias.text, max(alias.number)))
                .filter(alias.number.gt(1) & alias.twos.any(|two| two.number.eq(2)))
                .group_by(alias.text)
                .order_by(alias.text.desc());
            assert_eq!(asked.all(&mut session)?, [("first".to_owned(), Some(8))]);
            assert_eq!(session.query(Two).filter(Two.one.has(|one| one.number.eq(8))).count()?, 2);
            assert_eq!(select(Two).update(&mut session, Two.number.set(Two.number + 10))?, 2);
            assert_eq!(session[loose].number, 12);

            let name = |column: usize| &One.table().columns[column].name;
            let [number, label] = [name(2), name(1)].map(|name| orm_core::compile::quoted(name));
            let table = orm_core::compile::quoted(&One.table().name);
            let sql = format!(
                "SELECT {number} AS {label} FROM {table} WHERE {number} > :least AND ':x' <> '?'"
            );
            session.commit()?;
            let mut connection = engine.connect()?;
            let rows = connection.execute(text(AssertSafe(sql)).bind("least", 7))?;
            assert_eq!(rows.columns(), [name(1).clone()]);
            assert_eq!(rows.scalar::<i32>()?, 8);
            drop(connection);

            session.add(One::new("first"));
            let error = session.flush().expect_err("it is there already");
            assert_eq!(error.kind(), ErrorKind::UniqueViolation, "{error}");
            session.rollback()?;
            session.delete(one)?;
            let left = session.query(Two).filter(Two.one.is_null()).count()?;
            assert_eq!(left, 2);
            session.commit()?;
            assert_eq!(session.query(One).count()?, 0);
            drop(session);
            engine.drop_all()?;
            engine.drop_all()?;
            engine.create_all()
        })*
    };
}

named! {
    double_quotes_in_names double_quotes "a\"" "\"b" "\"\"": "\"" "\"\"\"" "x\"y";
    single_quotes_in_names single_quotes "a'" "'b" "''": "'" "'''" "x'y";
    percent_signs_in_names percent_signs "a%" "%s" "100%d": "%" "%1$s" "%%";
    colons_in_names colons "a:b" ":x" "a::text": ":" "::" ":least";
    question_marks_in_names question_marks "a?" "?1" "??": "?" "?2" "a?b";
    dollar_signs_in_names dollar_signs "$1" "$$" "a$$b": "$" "$2" "$tag$";
    spaces_in_names spaces " " "a b" " a ": "  " " x" "x ";
    backslashes_in_names backslashes "\\" "a\\b" "\\n": "\\" "\\'" "\\\"";
    dots_and_commas_in_names dots "a.b" "a, b" "x.y, z": "." "a.b, c" ",";
    comments_in_names comments "--" "/* a" "*/": ";" "-- b" "/**/";
    braces_in_names braces "{}" "{0}" "{{": "}" "{text}" "(";
    digits_for_names digits "1" "2" "3": "1" "2" "3";
    other_scripts_in_names scripts "имя" "表" "שם": "ключ" "値🎻" "e\u{301}";
    reserved_words_for_names reserved "order" "select" "group": "table" "user" "from";
    our_own_words_for_names own "counted" "v" "excluded": "c1" "n" "ordinality";
    control_characters_in_names control "a\nb" "a\tb" "\r": "\n" "\u{1}" "\u{7f}";
    longest_names longest
        "a123456789b123456789c123456789d123456789e123456789f123456789xyz"
        "b123456789b123456789c123456789d123456789e123456789f123456789xyz"
        "c123456789b123456789c123456789d123456789e123456789f123456789xyz":
        "k123456789b123456789c123456789d123456789e123456789f123456789xyz"
        "t123456789b123456789c123456789d123456789e123456789f123456789xyz"
        "n123456789b123456789c123456789d123456789e123456789f123456789xyz";
    names_one_byte_too_long too_long
        "a123456789b123456789c123456789d123456789e123456789f123456789wxyz"
        "a123456789b123456789c123456789d123456789e123456789f123456789wxy9"
        "a123456789b123456789c123456789d123456789e123456789f123456789wx99":
        "k123456789b123456789c123456789d123456789e123456789f123456789wxyz"
        "k123456789b123456789c123456789d123456789e123456789f123456789wxy9"
        "k123456789b123456789c123456789d123456789e123456789f123456789wx99";
}

on_each_database!(
    a_schema_of_a_long_name_is_cut_and_found_again,
    aliases_of_long_names_stay_different,
    names_that_differ_in_case_are_different_or_refused,
    a_table_with_the_name_of_the_databases_own_is_made_or_refused,
);

#[derive(Model, Clone, Debug)]
#[orm(schema = "a_schema_whose_name_is_longer_than_the_sixty_three_bytes_that_are_kept")]
struct Distant {
    #[orm(primary_key)]
    id: i32,
}

fn a_schema_of_a_long_name_is_cut_and_found_again(db: &TestDatabase) -> Result<()> {
    let engine = Engine::builder(db.url()).models(Schema::of(Distant)).build()?;
    assert_eq!(Distant.table().schema.as_ref().map(String::len), Some(63));
    if !engine.dialect().features.schemas {
        assert_eq!(engine.create_all().expect_err("no schemas").kind(), ErrorKind::Unsupported);
        return Ok(());
    }
    engine.create_all()?;
    engine.create_all()?;
    let mut session = engine.session();
    session.add(Distant::new(1));
    session.commit()?;
    assert_eq!(session.query(Distant).count()?, 1);
    drop(session);
    engine.drop_all()
}

#[derive(Model, Clone, Debug)]
struct Plain {
    #[orm(primary_key)]
    id: i32,
    before: Option<Ref<Plain>>,
}

fn aliases_of_long_names_stay_different(db: &TestDatabase) -> Result<()> {
    let engine = Engine::builder(db.url()).models(Schema::of(Plain)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    session.add(Plain::new(1));
    session.add(Plain { before: Some(1.into()), ..Plain::new(2) });
    let name = "x".repeat(70);
    let (one, two) = (Plain.alias(&format!("{name}1")), Plain.alias(&format!("{name}2")));
    let pairs = select((one.id, two.id)).join(one.before.to(two));
    assert_eq!(pairs.all(&mut session)?, [(2, 1)]);
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "Letters")]
struct Upper {
    #[orm(primary_key)]
    id: i32,
    #[orm(column = "Value")]
    high: i32,
    #[orm(column = "value")]
    low: i32,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "letters")]
struct Lower {
    #[orm(primary_key)]
    id: i32,
}

fn names_that_differ_in_case_are_different_or_refused(db: &TestDatabase) -> Result<()> {
    let engine = Engine::builder(db.url()).models(Schema::of((Upper, Lower))).build()?;
    if engine.dialect().features.names_tell_case {
        engine.create_all()?;
        let mut session = engine.session();
        session.add(Upper::new(1, 2, 3));
        session.add(Lower::new(4));
        session.commit()?;
        assert_eq!(session.query((Upper.high, Upper.low)).one()?, (2, 3));
        assert_eq!(session.query(Lower.id).one()?, 4);
        return Ok(());
    }
    let error = engine.create_all().expect_err("columns of one name");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let message = error.to_string();
    assert!(message.contains("`Upper.Value`") && message.contains("`Upper.value`"), "{message}");
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "SQLite_rows")]
struct OfTheDatabase {
    #[orm(primary_key)]
    id: i32,
}

fn a_table_with_the_name_of_the_databases_own_is_made_or_refused(db: &TestDatabase) -> Result<()> {
    let engine = Engine::builder(db.url()).models(Schema::of(OfTheDatabase)).build()?;
    let created = engine.create_all();
    if engine.dialect().features.reserved_prefix.is_none() {
        return created;
    }
    let error = created.expect_err("a reserved name");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("`OfTheDatabase`"), "{error}");
    Ok(())
}

/// Both have an index `ix_a_b_c`.
#[derive(Model, Clone, Debug)]
#[orm(table = "a_b")]
struct OneIndex {
    #[orm(primary_key)]
    id: i32,
    #[orm(index)]
    c: i32,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "a")]
struct SameIndex {
    #[orm(primary_key)]
    id: i32,
    #[orm(index)]
    b_c: i32,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "pk_a")]
struct LikeAKey {
    #[orm(primary_key)]
    id: i32,
}

#[test]
fn names_that_meet_are_told_when_models_are_registered() {
    let error = Schema::of((OneIndex, SameIndex, LikeAKey)).check();
    let error = error.expect_err("two contradictions");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let message = error.to_string();
    for said in [
        "2 contradictions",
        "the index of `OneIndex` and the index of `SameIndex` are both called `ix_a_b_c`",
        "the primary key of `SameIndex` and the table of `LikeAKey` are both called `pk_a`",
    ] {
        assert!(message.contains(said), "{said} is not in: {message}");
    }
}

on_each_database!(an_error_tells_names_that_hold_points_and_commas);

#[derive(Model, Clone, Debug)]
#[orm(table = "a.b, c", unique(one, two))]
struct Pointed {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(column = "x, a.b, c.y")]
    one: i32,
    #[orm(column = "z.")]
    two: String,
}

fn an_error_tells_names_that_hold_points_and_commas(db: &TestDatabase) -> Result<()> {
    let engine = Engine::builder(db.url()).models(Schema::of(Pointed)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    session.add_all([Pointed::new(1, "a"), Pointed::new(1, "a")]);
    let error = session.commit().expect_err("not unique");
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!(error.table(), Some("a.b, c"), "{error:?}");
    assert_eq!(error.constraint(), Some(Pointed.table().uniques[0].name.as_str()));
    let columns = error.columns();
    assert!(columns.is_empty() || columns == ["x, a.b, c.y", "z."], "{columns:?}");

    let mut connection = engine.connect()?;
    let incomplete = text(r#"INSERT INTO "a.b, c" ("z.") VALUES ('a')"#);
    let error = connection.execute(incomplete).expect_err("NOT NULL");
    assert_eq!(error.kind(), ErrorKind::NotNullViolation);
    assert_eq!(error.table(), Some("a.b, c"), "{error:?}");
    assert_eq!(error.columns(), ["x, a.b, c.y"]);
    Ok(())
}
