use orm::prelude::*;

#[derive(Model, Clone, Debug)]
#[orm(table = "authors")]
pub struct Author {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    pub country: Option<String>,
    #[orm(back_populates = author, cascade(all, delete_orphan), order_by = title)]
    pub articles: Many<Article>,
    #[orm(back_populates = author, cascade(all, delete_orphan))]
    pub profile: One<Profile>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "articles")]
pub struct Article {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    #[orm(unique)]
    pub slug: String,
    pub title: String,
    #[orm(default = 0)]
    pub views: i64,
    #[orm(on_delete = cascade)]
    pub author: Ref<Author>,
    #[orm(secondary = "article_tags", back_populates = articles, order_by = name)]
    pub tags: Many<Tag>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "tags")]
pub struct Tag {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    #[orm(unique)]
    pub name: String,
    #[orm(secondary = "article_tags", back_populates = tags)]
    pub articles: Many<Article>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "profiles")]
pub struct Profile {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub text: String,
    #[orm(unique, on_delete = cascade)]
    pub author: Ref<Author>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "employees")]
pub struct Employee {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    pub manager: Option<Ref<Employee>>,
    #[orm(back_populates = manager, order_by = name)]
    pub reports: Many<Employee>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "pages")]
pub struct Page {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub title: String,
    pub body: Deferred<String>,
}
