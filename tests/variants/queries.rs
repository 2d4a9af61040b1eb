//! By the base and by the variant: what is selected, counted, sorted, written by statements.

use crate::common::{run, statements};
use crate::models::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    all_variants_are_read_by_the_base,
    a_variant_is_selected_by_its_discriminator,
    what_is_selected_of_a_variant_is_of_its_rows,
    a_column_of_a_variant_is_optional_among_all_rows,
    columns_of_variants_stand_in_conditions_and_orders,
    variants_stand_under_an_alias,
    a_row_is_one_object_however_it_was_found,
    variants_are_counted_paged_and_streamed,
    statements_write_the_rows_of_a_variant,
    the_discriminator_is_not_set_by_a_statement,
    a_discriminator_of_no_variant_is_told,
    plain_values_come_from_a_connection,
);

type Done = orm::Result<()>;

fn all_variants_are_read_by_the_base(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    three(&mut engine.session())?;
    let mut session = engine.session();
    let found = select(Payment).order_by(Payment.amount).all(&mut session)?;
    let shown: Vec<String> = found.iter().map(|&payment| shown(&session[payment])).collect();
    assert_eq!(shown, ["cash of 5", "20 by 4111, None", "70 from DE02 None"]);
    let amounts: Vec<i64> = found.iter().map(|&payment| *session[payment].amount()).collect();
    assert_eq!(amounts, [5, 20, 70]);
    let kinds = select((Payment.kind, count_all())).group_by(Payment.kind).order_by(Payment.kind);
    let counted = |kind: &str| (kind.to_owned(), 1);
    assert_eq!(kinds.all(&mut session)?, ["card", "cash", "wire"].map(counted));
    Ok(())
}

fn shown(payment: &Payment) -> String {
    match payment {
        Payment::Card(card) => format!("{} by {}, {:?}", card.amount, card.number, card.holder),
        Payment::Transfer(wire) => {
            format!("{} from {} {:?}", wire.amount, wire.account.iban, wire.account.bic)
        }
        Payment::Cash(cash) => format!("cash of {}", cash.amount),
    }
}

fn a_variant_is_selected_by_its_discriminator(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, wire, _] = three(&mut session)?;
    let log = engine.record();
    let cards = select(CardPayment).filter(CardPayment.number.like("41%")).all(&mut session)?;
    assert_eq!(cards, [card]);
    let sent = statements(&log);
    assert!(sent[0].contains(r#"WHERE ("payments"."kind" = "#), "{}", sent[0]);
    let wires = session.query(Payment.transfer).all()?;
    assert_eq!(wires, [wire]);
    assert!(matches!(&session[wire], Payment::Transfer(_)));
    let none = select(CashPayment).filter(Payment.amount.gt(5)).all(&mut session)?;
    assert!(none.is_empty());
    Ok(())
}

fn what_is_selected_of_a_variant_is_of_its_rows(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    three(&mut session)?;
    session.add(card(11, "4222"));
    session.commit()?;
    assert_eq!(select(sum(CardPayment.amount)).one(&mut session)?, Some(31));
    assert_eq!(select(sum(Payment.amount)).one(&mut session)?, Some(106));
    let numbers = select(CardPayment.number).order_by(CardPayment.number).all(&mut session)?;
    assert_eq!(numbers, ["4111", "4222"]);
    let pairs = select((CardPayment, CardPayment.amount)).order_by(Payment.amount.desc());
    let amounts: Vec<i64> =
        pairs.all(&mut session)?.into_iter().map(|(_, amount)| amount).collect();
    assert_eq!(amounts, [20, 11]);
    let accounts = select(TransferPayment.account).all(&mut session)?;
    assert_eq!(accounts, [Account::new("DE02")]);
    let bank = select(TransferPayment.bank).one(&mut session)?;
    assert!(bank.key().is_some());
    let ids =
        select(Customer).filter(Customer.payments.any(|payment| payment.card.number.eq("4111")));
    assert_eq!(ids.count(&mut session)?, 1);
    Ok(())
}

fn a_column_of_a_variant_is_optional_among_all_rows(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    three(&mut session)?;
    let rows = select((Payment.amount, CardPayment.number.optional())).order_by(Payment.amount);
    let card = Some("4111".to_owned());
    assert_eq!(rows.all(&mut session)?, [(5, None), (20, card), (70, None)]);
    Ok(())
}

fn columns_of_variants_stand_in_conditions_and_orders(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, wire, cash] = three(&mut session)?;
    let either = CardPayment.number.eq("4111").or(TransferPayment.account.iban.eq("DE02"));
    let found = select(Payment).filter(either).order_by(Payment.amount).all(&mut session)?;
    assert_eq!(found, [card, wire]);
    // NULLs of other variants stand last, on both databases
    let found = select(Payment).order_by((CardPayment.number, Payment.amount)).all(&mut session)?;
    assert_eq!(found, [card, cash, wire]);
    let found = select(Payment).filter(CardPayment.number.is_null()).count(&mut session)?;
    assert_eq!(found, 2);
    Ok(())
}

fn variants_stand_under_an_alias(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, ..] = three(&mut session)?;
    let other = Payment.alias("other");
    let found = select((Payment.card, other.transfer.account.iban))
        .filter(other.amount.gt(Payment.amount))
        .all(&mut session)?;
    assert_eq!(found, [(card, "DE02".to_owned())]);
    assert_eq!(format!("{:?} {:?}", other.card, other), "CardPayment as other Payment as other");
    Ok(())
}

fn a_row_is_one_object_however_it_was_found(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    three(&mut engine.session())?;
    let mut session = engine.session();
    let by_variant = select(CardPayment).one(&mut session)?;
    let by_base = select(Payment).filter(Payment.amount.eq(20)).one(&mut session)?;
    let id = *session[by_base].id().get().unwrap();
    let log = engine.record();
    let by_key = session.get(Payment, id)?;
    assert_eq!((by_variant, Some(by_variant)), (by_base, by_key));
    assert!(statements(&log).is_empty());
    Ok(())
}

fn variants_are_counted_paged_and_streamed(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    three(&mut session)?;
    session.add_all((0..5).map(|n| card(100 + n, &format!("5{n}"))));
    session.commit()?;
    session.clear();
    let cards = select(CardPayment).order_by(CardPayment.amount);
    assert_eq!(cards.count(&mut session)?, 6);
    assert!(select(CashPayment).exists(&mut session)?);
    let mut pages = cards.pages(&mut session, 4)?;
    let mut sizes = Vec::new();
    while let Some(page) = pages.next(&mut session)? {
        sizes.push(page.len());
    }
    assert_eq!(sizes, [4, 2]);
    session.commit()?;
    let mut connection = engine.connect()?;
    let mut rows = cards.stream(&mut connection)?;
    let mut streamed = Vec::new();
    while let Some(payment) = rows.next(&mut connection)? {
        streamed.push(*payment.amount());
    }
    assert_eq!(streamed, [20, 100, 101, 102, 103, 104]);
    Ok(())
}

fn statements_write_the_rows_of_a_variant(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, wire, cash] = three(&mut session)?;
    let changed = select(CardPayment)
        .update(&mut session, (CardPayment.holder.set("Ann"), CardPayment.amount.set(21)))?;
    assert_eq!(changed, 1);
    let Payment::Card(changed) = &session[card] else { panic!("a card stays one") };
    assert_eq!((changed.holder.as_deref(), changed.amount), (Some("Ann"), 21));
    assert_eq!((session[wire].amount(), session[cash].amount()), (&70, &5));
    assert_eq!(session.query(CashPayment).delete()?, 1);
    assert!(matches!(session.state(cash), Ok(orm::State::Deleted)));
    session.commit()?;
    assert_eq!(select(Payment).count(&mut session)?, 2);
    Ok(())
}

fn the_discriminator_is_not_set_by_a_statement(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let error = select(Payment).update(&mut session, Payment.kind.set("cash")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    assert_eq!(
        error.to_string(),
        "`Payment.kind` says which variant a row is, and can't be set; give an object another variant, \
         by its handle"
    );
    Ok(())
}

fn a_discriminator_of_no_variant_is_told(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of((Customer, Payment))).build()?;
    // a table of another program, whose columns are the same and whose CHECKs are not there
    run(
        &engine,
        &[
            "CREATE TABLE payments (kind text, id bigint PRIMARY KEY, amount bigint, customer_id bigint, \
         version integer, number text, holder text, account_iban text, account_bic text, \
         bank_id bigint)",
            "INSERT INTO payments (kind, id, amount, version) VALUES ('SECRET', 1, 1, 1)",
        ],
    );
    let mut session = engine.session();
    let error = select(Payment).all(&mut session).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.columns(), ["kind"]);
    let told = "can't read a row of `payments`: `kind` is no variant of `Payment`, which are `card`, \
                `wire`, `cash`";
    assert!(error.to_string().starts_with(told), "{error}");
    assert!(!format!("{error:?}").contains("SECRET"));
    assert!(select(CardPayment).all(&mut session)?.is_empty());
    Ok(())
}

fn plain_values_come_from_a_connection(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    three(&mut engine.session())?;
    let mut connection = engine.connect()?;
    let values = select(Payment).order_by(Payment.amount).all(&mut connection)?;
    assert_eq!(
        values.iter().map(shown).collect::<Vec<_>>(),
        ["cash of 5", "20 by 4111, None", "70 from DE02 None"]
    );
    let cards = select(CardPayment).include(Payment.customer).all(&mut connection)?;
    let customer = cards[0].customer().as_ref().expect("it has one");
    assert_eq!(customer.value()?.name, "Ann");
    Ok(())
}
