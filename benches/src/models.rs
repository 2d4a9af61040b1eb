//! The table that everything is measured on, and its rows.

use orm::prelude::*;

/// A row with a key that the database makes, a text, and a text that is NULL in every other row.
#[derive(Model, Clone, Debug)]
#[orm(table = "users")]
pub struct User {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    pub hair_color: Option<String>,
}

/// The same row as a program without a mapper has it.
#[derive(Clone, Debug)]
pub struct RawUser {
    pub id: i64,
    pub name: String,
    pub hair_color: Option<String>,
}

/// The name of row `number`.
pub fn name(number: usize) -> String {
    format!("User {number}")
}

/// The hair colour of row `number`.
pub fn hair(number: usize) -> Option<String> {
    number.is_multiple_of(2).then(|| "brown".to_owned())
}

/// New objects.
pub fn users(count: usize) -> Vec<User> {
    (1..=count)
        .map(|number| User { id: Auto::Unset, name: name(number), hair_color: hair(number) })
        .collect()
}

/// New rows.
pub fn raw_users(count: usize) -> Vec<RawUser> {
    (1..=count)
        .map(|number| RawUser { id: 0, name: name(number), hair_color: hair(number) })
        .collect()
}

/// A checksum over what was read: ids, and the lengths of the texts.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Sum {
    rows: usize,
    ids: i64,
    text: usize,
}

impl Sum {
    /// What rows `1..=count` give.
    pub fn of_rows(count: usize) -> Sum {
        let mut sum = Sum::default();
        for number in 1..=count {
            sum.add(number as i64, &name(number), hair(number).as_deref());
        }
        sum
    }

    pub fn add(&mut self, id: i64, name: &str, hair: Option<&str>) {
        self.rows += 1;
        self.ids += id;
        self.text += name.len() + hair.map_or(0, str::len);
    }

    pub fn user(&mut self, user: &User) {
        let id = user.id.get().copied().unwrap_or_default();
        self.add(id, &user.name, user.hair_color.as_deref());
    }

    pub fn raw(&mut self, user: &RawUser) {
        self.add(user.id, &user.name, user.hair_color.as_deref());
    }
}
