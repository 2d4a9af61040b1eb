//! smoke
use orm_core::error::ErrorKind;
use orm_session::engine::*;
fn go(url: &str) {
    let engine = Engine::builder(url)
        .echo(true)
        .isolation_level(IsolationLevel::Serializable)
        .build()
        .unwrap();
    println!("{engine}");
    let mut c = engine.connect().unwrap();
    println!(
        "{:?}",
        c.execute(text("select 'hello world' as a, 1, 1.5, :x as x").bind("x", "t")).unwrap()
    );
    c.execute(text("create table c (x int, y int unique)")).unwrap();
    let n = c
        .execute(
            text("insert into c (x, y) values (:x, :y)").bind_rows(["x", "y"], [(1, 1), (2, 4)]),
        )
        .unwrap();
    assert_eq!(n.rows_affected(), 2);
    c.commit().unwrap();
    let e = c
        .execute(text("insert into c (x, y) values (:x, :y)").bind("x", 5).bind("y", 4))
        .unwrap_err();
    println!("{e}\n{e:?}");
    assert_eq!(e.kind(), ErrorKind::UniqueViolation);
    println!("{:?}", c.execute(text("select 1")).map_err(|e| e.to_string()));
    c.rollback().unwrap();
    let r: Vec<(i32, i32)> =
        c.execute(text("select x, y from c where x > :x").bind("x", 1)).unwrap().all().unwrap();
    assert_eq!(r, [(2, 4)]);
    c.execute(text("drop table c")).unwrap();
    c.commit().unwrap();
    println!("{:?} {:?}", engine.pool_status(), engine.statistics());
    drop(c);
    let mut t = transaction::Transaction::begin(&engine).unwrap();
    let sql = if url.starts_with("sqlite") {
        "with recursive s(n) as (select 1 union all select n+1 from s where n < 2500) select n, 'x' from s"
    } else {
        "select n::int8, 'x' from generate_series(1, 2500) n"
    };
    let mut a = t.declare(sql, orm_core::statement::Parameters::NONE).unwrap();
    let mut b = t.declare(sql, orm_core::statement::Parameters::NONE).unwrap();
    let mut seen = vec![];
    loop {
        let n = t
            .fetch(&mut a, 1000, &mut |r| {
                seen.push(r.width());
                Ok(())
            })
            .unwrap();
        t.fetch(&mut b, 10, &mut |_| Ok(())).unwrap();
        if n < 1000 {
            break;
        }
    }
    assert_eq!(seen.len(), 2500);
    t.close_cursor(&a).unwrap();
    t.commit().unwrap();
    drop(t);
    println!("{:?}", engine.pool_status());
}
#[test]
fn pg() {
    go("postgresql://postgres@/postgres?host=/tmp/pg-engine/sock&port=55432")
}
#[test]
fn lite() {
    go("sqlite::memory:")
}
