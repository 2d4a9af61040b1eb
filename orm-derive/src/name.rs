//! The name of a table that is not given one.

/// The name in snake case: `Article` is `article`, `HTTPLog` is `http_log`.
///
/// Not made plural: what English does to a word is a guess, `table = "…"` is none.
pub fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (index, &letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| letters[before]);
        let starts_word = letter.is_uppercase()
            && before.is_some_and(|before| {
                let ends_capitals = letters.get(index + 1).is_some_and(|next| next.is_lowercase());
                before != '_' && (!before.is_uppercase() || ends_capitals)
            });
        if starts_word {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn words_begin_at_capitals() {
        for (name, expected) in [
            ("Article", "article"),
            ("BlogPost", "blog_post"),
            ("HTTPLog", "http_log"),
            ("Log2Entry", "log2_entry"),
            ("Already_Split", "already_split"),
            ("Überschrift", "überschrift"),
        ] {
            assert_eq!(snake_case(name), expected);
        }
    }
}
